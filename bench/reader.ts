import type { Entry } from "./table.ts";
import {
  Collector,
  type EventSink,
  type Expectation,
  firstDifference,
  isSameEvent,
  Tally,
} from "./verify.ts";

/** Something that reads event streams. */
export interface Reader {
  readonly name: string;
  readonly role: Entry["role"];
  /** Reads a stream cut into chunks, and hands each event to `sink`. */
  run(
    chunks: readonly Uint8Array<ArrayBuffer>[],
    sink: EventSink,
  ): void | Promise<void>;
}

/** Puts a reader before an input of which it is known what must be read. */
export function readerEntry(
  { name, role, run }: Reader,
  chunks: readonly Uint8Array<ArrayBuffer>[],
  { events, result, lines }: Expectation,
): Entry {
  const makesEvents = role !== "floor";

  /** So that a time does not count unless the work was done. */
  function check(sink: Tally): void {
    const right = makesEvents ? sink.result === result : sink.lines === lines;
    if (!right) throw new Error(`Cannot trust ${name}: it read less this time`);
  }

  return {
    name,
    role,
    async verify() {
      const sink = new Collector();
      await run(chunks, sink);
      if (makesEvents) return firstDifference(sink.events, events, isSameEvent);
      if (sink.lines !== lines) return `${sink.lines} lines, not ${lines}`;
    },
    run() {
      const sink = new Tally();
      const done = run(chunks, sink);
      if (done === undefined) return check(sink);
      return done.then(() => check(sink));
    },
  };
}
