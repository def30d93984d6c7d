// deno run --allow-net examples/client.ts http://127.0.0.1:8000/events

/**
 * Prints the events of a stream as they come, from any URL, like `tail -f`: a
 * connection that ends or breaks is opened again where it was, until the server
 * says that there is no more or Ctrl-C is pressed. The address above is that of
 * `string_events.ts`. What becomes of the connection is said on standard error.
 *
 * With `--checkpoint FILE` the place is kept in a file, from which the next run goes
 * on; that takes `--allow-read --allow-write` too.
 *
 * @module
 */

import { parseArgs } from "node:util";
import type { ServerSentEvent } from "@tidings/sse";
import {
  connect,
  type EventConnection,
  EventStreamResponseError,
  type ReconnectNotice,
} from "@tidings/sse/client";
import { reasons, visible } from "./_terminal.ts";

const USAGE = `Usage: deno run --allow-net examples/client.ts [OPTIONS] URL

  --wire                    Print all that is sent: comments, blocks without data
  --json                    Print each event as a line of JSON
  --header 'NAME: VALUE'    Send a header; may be given more than once
  --last-event-id ID        Begin behind this event
  --checkpoint FILE         Keep the place in a file, and begin there
  --once                    Do not open the connection again`;

/** What the command line asks for. */
interface Settings {
  readonly url: URL;
  readonly headers: Headers;
  readonly wire: boolean;
  readonly json: boolean;
  readonly once: boolean;
  readonly lastEventId: string | undefined;
  readonly checkpoint: string | undefined;
}

const settings = readSettings();
const stop = new AbortController();
Deno.addSignalListener("SIGINT", () => stop.abort());

try {
  const events = await open(settings);
  for await (const event of events) print(event);
  console.error(`The stream has ended, ${place(events)}`);
} catch (error) {
  if (!stop.signal.aborted) await fail(error);
}

function readSettings(): Settings {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        wire: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        once: { type: "boolean", default: false },
        header: { type: "string", multiple: true, default: [] },
        "last-event-id": { type: "string" },
        checkpoint: { type: "string" },
      },
    });
    if (positionals.length !== 1) throw new Error("One URL must be given");
    const { wire, json, once, checkpoint } = values;
    return {
      url: new URL(positionals[0]),
      headers: new Headers(values.header.map(readHeader)),
      ...{ wire, json, once, checkpoint },
      lastEventId: values["last-event-id"],
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n`);
    console.error(USAGE);
    Deno.exit(2);
  }
}

function readHeader(text: string): [name: string, value: string] {
  const colon = text.indexOf(":");
  if (colon < 1) throw new Error(`A header must have a colon, got ${text}`);
  return [text.slice(0, colon), text.slice(colon + 1).trim()];
}

async function open(
  { url, headers, wire, once, checkpoint, lastEventId }: Settings,
): Promise<EventConnection> {
  if (checkpoint !== undefined) lastEventId ??= await readPlace(checkpoint);
  const events: EventConnection = connect(url, {
    headers,
    lastEventId,
    view: wire ? "wire" : "dispatch",
    reconnect: once ? "never" : "always",
    signal: stop.signal,
    onReconnect: (notice) => tell(notice, events),
    onCheckpoint: checkpoint === undefined
      ? undefined
      : (lastEventId) => keepPlace(checkpoint, lastEventId),
  });
  return events;
}

/** The last event ID in a file, if there is one. */
async function readPlace(file: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Writes the last event ID to a file, so that at any moment one is in it. */
async function keepPlace(file: string, lastEventId: string): Promise<void> {
  await Deno.writeTextFile(`${file}.new`, lastEventId);
  await Deno.rename(`${file}.new`, file);
}

/** Says that the connection is opened again. */
function tell({ delay, cause }: ReconnectNotice, events: EventConnection) {
  const what = cause === undefined ? "The stream has ended" : reasons(cause);
  console.error(`${what}; back in ${delay} ms, ${place(events)}`);
}

function print(event: ServerSentEvent): void {
  if (settings.json) printJson(event);
  else printText(event);
}

function printJson(event: ServerSentEvent): void {
  // JSON leaves some control characters as they are.
  const json = JSON.stringify(event).replace(/\p{Cc}/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  console.log("%s", json);
}

function printText({ event, data, id, retry, comments = [] }: ServerSentEvent) {
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

function place({ lastEventId }: EventConnection): string {
  return lastEventId === ""
    ? "without an id to resume from"
    : `the last event ID is ${visible(lastEventId)}`;
}

async function fail(error: unknown): Promise<void> {
  console.error(reasons(error));
  if (error instanceof EventStreamResponseError) {
    // A body that nobody reads would keep the connection.
    await error.response.body?.cancel();
  }
  Deno.exitCode = 1;
}
