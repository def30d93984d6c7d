// deno task demo

/**
 * Both halves at work in one terminal: the server of `json_events.ts`, and our
 * own client that reads its events, comes back when the stream ends, and stops
 * when there is no more.
 *
 * After that the server goes on, for the page to be looked at, until Ctrl-C.
 * With `--once` it stops too.
 *
 * @module
 */

import { connect } from "@tidings/sse/client";
import { lastEventId } from "@tidings/sse/server";
import { handler, type Order, orderData } from "./json_events.ts";

const stop = new AbortController();
Deno.addSignalListener("SIGINT", () => stop.abort());

const server = Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  signal: stop.signal,
  onListen({ port }) {
    console.log(`A page that shows the same: http://127.0.0.1:${port}/\n`);
  },
}, serve);

try {
  await consume(new URL(`http://127.0.0.1:${server.addr.port}/events`));
  if (Deno.args.includes("--once")) stop.abort();
  else console.log("\nThe server goes on. Ctrl-C ends it.");
} catch (error) {
  if (!stop.signal.aborted) throw error;
}
await server.finished;
console.log("\nThe server has stopped.");

function serve(request: Request): Response {
  const response = handler(request, 150);
  const { pathname } = new URL(request.url);
  const id = lastEventId(request);
  const resumed = id === undefined ? "" : ` Last-Event-ID: ${Deno.inspect(id)}`;
  say(
    "server",
    `${request.method} ${pathname}${resumed} -> ${response.status}`,
  );
  return response;
}

/** Reads all events, over as many connections as it takes. */
async function consume(url: URL): Promise<void> {
  const events = connect(url, {
    data: orderData,
    signal: stop.signal,
    onReconnect: ({ delay }) =>
      say("client", `the stream has ended, back in ${delay} ms`),
  });
  let count = 0;
  for await (const { id, data } of events) {
    if (data !== undefined) say("client", `${id}: ${describe(data)}`);
    count++;
  }
  say("client", `complete, ${count} orders`);
}

function describe({ item, quantity, unitPrice }: Order): string {
  const total = (quantity * unitPrice / 100).toFixed(2);
  return `${quantity} x ${item}, ${total} euros`;
}

function say(who: "client" | "server", text: string): void {
  const style = who === "client" ? "color: green" : "color: cyan";
  console.log("%c%s%c %s", style, who, "", text);
}
