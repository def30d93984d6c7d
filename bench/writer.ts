import { EventParser } from "../mod.ts";
import { type Block, layOut } from "./corpora.ts";
import type { Entry } from "./table.ts";
import { firstDifference } from "./verify.ts";

/** Where a writer puts what it writes. */
export interface ByteSink {
  /** Takes the next bytes of the event stream. */
  add(chunk: Uint8Array): void;
}

/** Writes events that were prepared. */
export type Write = (sink: ByteSink) => void | Promise<void>;

/** Something that writes event streams. */
export interface Writer {
  readonly name: string;
  readonly role: Entry["role"];
  /**
   * Brings events into the shape that this writer takes, which is not measured.
   *
   * @returns Writes all of them, and may be called again; or says why this
   * writer has no way to write them.
   */
  prepare(blocks: readonly Block[]): Write | string;
}

/** What libraries take that want data, and no field that is `undefined`. */
export interface Message {
  readonly data: string;
  readonly event?: string;
  readonly id?: string;
  readonly retry?: number;
}

/** Makes a message of a block without comments. */
export function messageOf({ data = "", event, id, retry }: Block): Message {
  return {
    data,
    ...event !== undefined && { event },
    ...id !== undefined && { id },
    ...retry !== undefined && { retry },
  };
}

/** Puts a writer before the events that it is to write. */
export function writerEntry(
  { name, role, prepare }: Writer,
  blocks: readonly Block[],
): Entry {
  const write = prepare(blocks);
  if (typeof write === "string") return refusal(name, role, write);
  let length = 0;

  /** So that a time does not count unless the work was done. */
  function check(sink: ByteCounter): void {
    if (sink.length === length) return;
    throw new Error(`Cannot trust ${name}: it wrote ${sink.length} bytes`);
  }

  return {
    name,
    role,
    async verify() {
      const sink = new BlockReader();
      await write(sink);
      length = sink.length;
      const meant = blocks.map(fieldsOf);
      return firstDifference(sink.blocks, meant, isSameBlock);
    },
    run() {
      const sink = new ByteCounter();
      const done = write(sink);
      if (done === undefined) return check(sink);
      return done.then(() => check(sink));
    },
  };
}

/** An entry that is left out. */
function refusal(name: string, role: Entry["role"], reason: string): Entry {
  return {
    name,
    role,
    verify: () => reason,
    run() {
      throw new Error(`Cannot measure ${name}: ${reason}`);
    },
  };
}

/** How many bytes events have in the layout that the library writes. */
export function lengthOf(blocks: readonly Block[]): number {
  const encoder = new TextEncoder();
  return blocks.reduce(
    (length, block) => length + encoder.encode(layOut(block)).length,
    0,
  );
}

/** Stands for the network while time is taken. */
class ByteCounter implements ByteSink {
  length = 0;

  add(chunk: Uint8Array): void {
    this.length += chunk.length;
  }
}

/** Reads what was written: every block, with all that it has. */
class BlockReader implements ByteSink {
  readonly blocks: Block[] = [];
  length = 0;
  readonly #parser = new EventParser({ view: "wire" });

  add(chunk: Uint8Array): void {
    this.length += chunk.length;
    for (const event of this.#parser.feed(chunk)) {
      this.blocks.push(fieldsOf(event));
    }
  }
}

/** Every field that goes on the wire, in one order. */
function fieldsOf({ comments, event, id, retry, data }: Block): Block {
  return { comments, event, id, retry, data };
}

function isSameBlock(a: Block, b: Block): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
