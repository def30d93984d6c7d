// deno run --allow-net examples/client.ts http://127.0.0.1:8000/events

/**
 * Prints the events of a stream as they come, from any URL, until the stream
 * ends or Ctrl-C does. The address above is that of `string_events.ts`.
 *
 * With `--wire` it prints everything that is sent: comments, which keep streams
 * alive, and blocks without data too.
 *
 * @module
 */

import type { ServerSentEvent } from "@tidings/sse";
import {
  EventStreamResponseError,
  fetchEventStream,
} from "@tidings/sse/client";

const url = Deno.args.find((argument) => !argument.startsWith("--"));
if (url === undefined) {
  console.error("Usage: deno run --allow-net examples/client.ts [--wire] URL");
  Deno.exit(2);
}

const stop = new AbortController();
Deno.addSignalListener("SIGINT", () => stop.abort());

try {
  const events = await fetchEventStream(url, {
    view: Deno.args.includes("--wire") ? "wire" : "dispatch",
    signal: stop.signal,
  });
  for await (const event of events) print(event);
  console.error(`The stream has ended, ${place(events.lastEventId)}`);
} catch (error) {
  if (!stop.signal.aborted) await fail(error);
}

function print({ event, data, id, retry, comments = [] }: ServerSentEvent) {
  for (const comment of comments) log("color: gray", ":", ` ${comment}`);
  if ([event, data, id, retry].every((field) => field === undefined)) return;

  const notes: string[] = [];
  if (id !== undefined) notes.push(` id ${id}`);
  if (retry !== undefined) notes.push(` retry ${retry} ms`);
  if (data === undefined) notes.push(" no data");
  log("color: green", event ?? "message", notes.join());
  for (const line of data?.split("\n") ?? []) log("", "  ", line);
}

/** Prints two texts, the first in a colour if the terminal has any. */
function log(style: string, first: string, second: string): void {
  // What a stranger sent is an argument, never the format.
  console.log("%c%s%c%s", style, visible(first), "", visible(second));
}

/** Makes control characters visible, which could tell a terminal what to do. */
function visible(text: string): string {
  return text.replace(
    /(?!\t)\p{Cc}/gu,
    (character) =>
      `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

function place(lastEventId: string): string {
  return lastEventId === ""
    ? "without an id to resume from"
    : `the last event ID is ${visible(lastEventId)}`;
}

async function fail(error: unknown): Promise<void> {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    console.error(visible(cause.message));
  }
  if (error instanceof EventStreamResponseError) {
    // A body that nobody reads would keep the connection.
    await error.response.body?.cancel();
  }
  Deno.exitCode = 1;
}
