import type { ServerSentEvent } from "../../mod.ts";

/** What the reference reads. */
export interface ReferenceResult {
  readonly dispatch: ServerSentEvent[];
  readonly wire: ServerSentEvent[];
  readonly lastEventId: string;
  readonly reconnectionTime: number | undefined;
}

/**
 * Interprets a whole event stream at once, step by step as HTML 9.2.6 says it
 * and with no thought of speed: what the real one must agree with.
 */
export function interpretWhole(bytes: Uint8Array): ReferenceResult {
  const text = new TextDecoder().decode(bytes);
  const lines = text.split(/\r\n|\r|\n/);
  // What is behind the last line end is no line yet.
  lines.pop();

  const dispatch: ServerSentEvent[] = [];
  const wire: ServerSentEvent[] = [];
  let lastEventId = "";
  let lastEventIdBuffer = "";
  let reconnectionTime: number | undefined;
  let data = "";
  let type = "";
  let own: { id?: string; retry?: number; comments?: string[] } = {};

  for (const line of lines) {
    if (line === "") {
      lastEventId = lastEventIdBuffer;
      const event = {
        ...(type === "" ? {} : { event: type }),
        ...(data === "" ? {} : { data: data.slice(0, -1) }),
        ...own,
        lastEventId,
      };
      const { comments: _, ...dispatched } = event;
      if (data !== "") dispatch.push(dispatched);
      if (Object.keys(event).length > 1) wire.push(event);
      data = "";
      type = "";
      own = {};
      continue;
    }
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (colon === 0) own.comments = [...own.comments ?? [], value];
    else if (field === "event") type = value;
    else if (field === "data") data += `${value}\n`;
    else if (field === "id" && !value.includes("\0")) {
      own.id = lastEventIdBuffer = value;
    } else if (field === "retry" && /^[0-9]+$/.test(value)) {
      own.retry = Math.min(Number(value), Number.MAX_SAFE_INTEGER);
      reconnectionTime = own.retry;
    }
  }
  return { dispatch, wire, lastEventId, reconnectionTime };
}
