/**
 * Many subscribers in one process, on bare TCP. Its arguments are the port of the
 * server, how many there are, and how many of them never read.
 *
 * It prints a line of JSON when all are connected, and one for each line that it
 * reads, `{ turns, burst }`: so many turns, of which each begins when everybody has
 * everything of the one before.
 *
 * @module
 */

import { EventParser } from "../../mod.ts";
import { DATA_LENGTH, END } from "./data.ts";
import type { ServerFigures } from "./handler.ts";

/** What is to be done. */
export interface Task {
  readonly turns: number;
  /** How many events are published in a turn. */
  readonly burst: number;
  /** Whether everybody compares all that it reads with what the first one reads. */
  readonly verify?: boolean | undefined;
}

/** What came of it. */
export interface TaskResult {
  /** How long it took, in milliseconds. */
  readonly time: number;
  /** How much of the server's processor time it took, in milliseconds. */
  readonly cpu: number;
  /** From publishing to receipt, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** What is known when all are connected. */
export interface ConnectResult {
  /** What each subscriber takes of the server's memory, in bytes. */
  readonly rss: number;
}

/** How many connect at a time. */
const CONNECTING = 50;

const LAST_BYTE = END.charCodeAt(0);

const [port, subscribers, stuck] = Deno.args.map(Number);
const origin = `http://127.0.0.1:${port}`;
const encoder = new TextEncoder();
const now = () => performance.timeOrigin + performance.now();

/** The task under way. */
let burst = 0;
/** When each event of this turn came, for each subscriber. */
let receipts = new Float64Array();
let missing = 0;
let turnDone = () => {};

class Reader {
  readonly #connection: Deno.Conn;
  readonly #buffer: Uint8Array<ArrayBuffer>;
  readonly #index: number;
  #received = 0;
  /** The data of the events of this turn, if it is wanted. */
  #read: string[] | undefined;
  #parse: ((bytes: Uint8Array) => string[]) | undefined;

  constructor(connection: Deno.Conn, index: number) {
    this.#connection = connection;
    this.#index = index;
    this.#buffer = new Uint8Array(8 * 1024);
  }

  /** Reads up to the end of the first chunk. */
  async open(): Promise<void> {
    const decoder = new TextDecoder();
    let text = "";
    while (!/\r\n\r\n[0-9a-f]+\r\n[^]*\n\n/.test(text)) {
      const size = await this.#connection.read(this.#buffer);
      if (size === null) throw new Error(`The server has closed: ${text}`);
      text += decoder.decode(this.#buffer.subarray(0, size));
    }
    if (!text.startsWith("HTTP/1.1 200")) throw new Error(text);
  }

  /** Reads for ever. */
  async run(): Promise<void> {
    while (true) {
      const size = await this.#connection.read(this.#buffer);
      if (size === null) throw new Error("The server has closed");
      const bytes = this.#buffer.subarray(0, size);
      if (this.#parse !== undefined) this.#read?.push(...this.#parse(bytes));
      this.#count(bytes);
    }
  }

  /** Notes the events that end in what came. */
  #count(bytes: Uint8Array): void {
    const time = now();
    let at = bytes.indexOf(LAST_BYTE);
    while (at !== -1) {
      if (this.#received === burst) throw new Error("An event too many");
      receipts[this.#index * burst + this.#received++] = time;
      if (--missing === 0) turnDone();
      at = bytes.indexOf(LAST_BYTE, at + 1);
    }
  }

  /** Begins a turn. Between two of them nothing is on the way. */
  reset(isWanted: boolean): void {
    this.#received = 0;
    this.#read = isWanted ? [] : undefined;
    this.#parse = isWanted ? parser() : undefined;
  }

  /** The data of the events of this turn. */
  get read(): readonly string[] {
    return this.#read ?? [];
  }
}

/** Reads events out of an HTTP body in chunks, which comes in any pieces. */
function parser(): (bytes: Uint8Array) => string[] {
  const parser = new EventParser();
  /** What is left of a chunk; 0 in the line with its size. */
  let left = 0;
  let line = "";
  return (bytes) => {
    const read: string[] = [];
    for (let i = 0; i < bytes.length;) {
      if (left > 0) {
        const part = bytes.subarray(i, i + left);
        i += part.length;
        left -= part.length;
        for (const { data = "" } of parser.feed(part)) read.push(data);
        continue;
      }
      line += String.fromCharCode(bytes[i++]);
      // Behind the line end of the chunk before.
      const match = /^(?:\r\n)?([0-9a-f]+)\r\n$/i.exec(line);
      if (match === null) continue;
      left = parseInt(match[1], 16);
      line = "";
    }
    return read;
  };
}

async function figures(): Promise<ServerFigures> {
  return await (await fetch(`${origin}/figures`)).json();
}

async function subscribe(path: string): Promise<Deno.Conn> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const head = `GET ${path} HTTP/1.1\r\nHost: localhost\r\n` +
    "Accept: text/event-stream\r\n\r\n";
  await connection.write(encoder.encode(head));
  return connection;
}

async function perform(
  { turns, burst: size, verify = false }: Task,
): Promise<TaskResult> {
  burst = size;
  const latencies = new Float64Array(turns * readers.length * burst);
  const before = await figures();
  let time = 0;
  for (let turn = 0; turn < turns; turn++) {
    receipts = new Float64Array(readers.length * burst);
    missing = receipts.length;
    for (const reader of readers) reader.reset(verify || reader === readers[0]);
    const done = new Promise<void>((resolve) => turnDone = resolve);
    const started = now();
    const response = await fetch(`${origin}/publish?count=${burst}`, {
      method: "POST",
    });
    await response.body?.cancel();
    await done;
    time += now() - started;
    const published = times(readers[0].read);
    if (verify) compareAll();
    for (let i = 0; i < receipts.length; i++) {
      latencies[turn * receipts.length + i] = receipts[i] -
        published[i % burst];
    }
  }
  const after = await figures();
  latencies.sort();
  const at = (share: number) =>
    latencies[Math.floor((latencies.length - 1) * share)];
  return { time, cpu: after.cpu - before.cpu, p50: at(0.5), p99: at(0.99) };
}

/** The number of the last event of the turn before. */
let last = 0;

/** When the events of a turn were published: all of them, in order. */
function times(read: readonly string[]): number[] {
  if (read.length !== burst) {
    throw new Error(`${read.length} events in place of ${burst}`);
  }
  return read.map((data) => {
    const [number, time, rest] = data.split(" ");
    const isNext = last === 0 || Number(number) === last + 1;
    if (!isNext || data.length !== DATA_LENGTH || !/^x+~$/.test(rest)) {
      throw new Error(`"${data}" behind event ${last}`);
    }
    last = Number(number);
    return Number(time);
  });
}

function compareAll(): void {
  const [{ read }] = readers;
  for (const [index, other] of readers.entries()) {
    if (other.read.join("\n") === read.join("\n")) continue;
    throw new Error(`Subscriber ${index} has read something else`);
  }
}

const say = (line: ConnectResult | TaskResult) =>
  console.log(JSON.stringify(line));

// What is compiled and kept with the first few is not theirs.
for (let i = 0; i < 200; i++) {
  const connection = await subscribe("/");
  await new Reader(connection, -1).open();
  connection.close();
}
const idle = await figures();
const readers: Reader[] = [];
for (let first = 0; first < subscribers - stuck; first += CONNECTING) {
  const count = Math.min(CONNECTING, subscribers - stuck - first);
  readers.push(
    ...await Promise.all(
      Array.from({ length: count }, async (_, i) => {
        const reader = new Reader(await subscribe("/"), first + i);
        await reader.open();
        return reader;
      }),
    ),
  );
}
const connected = await figures();
const never = await Promise.all(
  Array.from({ length: stuck }, () => subscribe("/?stuck")),
);
if (stuck > 0) {
  let dropped = 0;
  while (dropped === 0) {
    const response = await fetch(`${origin}/fill`, { method: "POST" });
    dropped = await response.json();
  }
}
for (const reader of readers) reader.run();
say({ rss: (connected.rss - idle.rss) / readers.length });

const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
let text = "";
for await (const part of lines) {
  text += part;
  for (let end; (end = text.indexOf("\n")) !== -1; text = text.slice(end + 1)) {
    say(await perform(JSON.parse(text.slice(0, end))));
  }
}
for (const connection of never) connection.close();
Deno.exit();
