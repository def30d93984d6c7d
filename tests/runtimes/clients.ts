import { fetchEventStream } from "../../client.ts";

/** What a client has seen, and what its server has. */
export interface ClientReport {
  readonly read: readonly (readonly [
    data: string | undefined,
    lastEventId: string | undefined,
  ])[];
  readonly reasons: readonly string[];
}

/** Ids that must arrive as their UTF-8 bytes, whatever `Headers` are on a runtime. */
export const LAST_EVENT_IDS: readonly string[] = [
  "1",
  "é",
  "Ã©",
  "\u0080\u00ff",
  "日本",
  "é 日本 🦕",
];

/**
 * Asks for events behind each of the ids, then reads two events and leaves, all
 * with the `fetch` of the runtime.
 *
 * The server sends the second one only when the client says that it has the
 * first, and tells how the stream ended while the client is still there.
 */
export async function readTwoEvents(url: string): Promise<ClientReport> {
  for (const lastEventId of LAST_EVENT_IDS) {
    const events = await fetchEventStream(`${url}id`, { lastEventId });
    await events.cancel();
  }
  const events = await fetchEventStream(url);
  const read: [string | undefined, string | undefined][] = [];
  for await (const { data, lastEventId } of events) {
    read.push([data, lastEventId]);
    if (read.length === 2) break;
    const next = await fetch(`${url}next`, { method: "POST" });
    await next.body?.cancel();
  }
  const left = await fetch(`${url}left`);
  return { read, reasons: await left.json() };
}
