import { type Corpus, type ExpectedEvent, expectedEvents } from "./corpora.ts";

/** Where a reader puts what it reads. */
export interface EventSink {
  /** How many lines were seen; only the floor, which makes no events, sets it. */
  lines: number;
  /**
   * Takes an event; one without data is none, but its id counts.
   *
   * @param id Its own id, or the last event ID at its dispatch: a
   * {@linkcode Collector} makes the same of both.
   */
  add(
    type: string | undefined,
    data: string | undefined,
    id: string | undefined,
  ): void;
}

/** Keeps events in the one form in which all readers are compared. */
export class Collector implements EventSink {
  /** What was read so far. */
  readonly events: ExpectedEvent[] = [];
  lines = 0;
  #lastEventId = "";

  add(
    type: string | undefined,
    data: string | undefined,
    id: string | undefined,
  ): void {
    this.#lastEventId = id ?? this.#lastEventId;
    if (data === undefined) return;
    this.events.push({
      type: type ?? "message",
      data,
      lastEventId: this.#lastEventId,
    });
  }
}

/**
 * Stands for the program while time is taken.
 *
 * It looks into each text once: a reader may hand out a rope, which is cheap to
 * build and dear to read.
 */
export class Tally implements EventSink {
  lines = 0;
  #count = 0;
  #checksum = 0;

  add(
    type: string | undefined,
    data: string | undefined,
    _id: string | undefined,
  ): void {
    if (data === undefined) return;
    this.#count++;
    this.#checksum = Math.imul(this.#checksum, 31) + data.length +
        (data.charCodeAt(data.length >> 1) | 0) +
        (type === undefined ? 7 : type.length) | 0;
  }

  /** The same for all who read the same. */
  get result(): string {
    return `${this.#count} events, checksum ${this.#checksum}`;
  }
}

/** What a contender must make of an event stream. */
export interface Expectation {
  readonly events: readonly ExpectedEvent[];
  /** The {@linkcode Tally.result} of those events. */
  readonly result: string;
  /** How many line feeds the stream has. */
  readonly lines: number;
}

/** What must be read from a corpus, taken from how it was made and not from a reader. */
export function expectationOf({ blocks, bytes }: Corpus): Expectation {
  const events = expectedEvents(blocks);
  const tally = new Tally();
  for (const { type, data, lastEventId } of events) {
    tally.add(type, data, lastEventId);
  }
  let lines = 0;
  for (const byte of bytes) if (byte === 0x0a) lines++;
  return { events, result: tally.result, lines };
}

/** Whether two events are the same in all that counts. */
export function isSameEvent(a: ExpectedEvent, b: ExpectedEvent): boolean {
  return a.type === b.type && a.data === b.data &&
    a.lastEventId === b.lastEventId;
}

/**
 * The first difference between what came out and what was meant, or `undefined`.
 *
 * @param isSame Whether two items are the same; JSON shows how they differ.
 */
export function firstDifference<T>(
  actual: readonly T[],
  expected: readonly T[],
  isSame: (a: T, b: T) => boolean,
): string | undefined {
  if (actual.length !== expected.length) {
    return `${actual.length} events instead of ${expected.length}`;
  }
  const index = expected.findIndex((item, i) => !isSame(actual[i], item));
  if (index < 0) return undefined;
  const got = JSON.stringify(actual[index]);
  const meant = JSON.stringify(expected[index]);
  let start = 0;
  while (got[start] === meant[start]) start++;
  const excerpt = (text: string) => `"…${text.slice(start, start + 40)}…"`;
  return `event ${index} of ${expected.length} has ${excerpt(got)} instead of ${
    excerpt(meant)
  }`;
}
