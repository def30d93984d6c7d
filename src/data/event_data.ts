import type { ServerSentEvent } from "../wire/event.ts";

/**
 * Writes the data of an event as text.
 *
 * @typeParam T What the data is in the program.
 */
export interface EventDataWrite<T> {
  /**
   * Turns data into text.
   *
   * The text may hold any line end: each of its lines becomes a `data` field.
   *
   * @param data The data to write.
   * @param event The type of the event, absent when it has none.
   * @returns The text.
   */
  writeData(data: T, event: string | undefined): string;
}

/**
 * Reads the data of one event, a line at a time.
 *
 * @typeParam T What the data is in the program.
 */
export interface EventDataLineReader<T> {
  /**
   * Takes one line: the value of one `data` field.
   *
   * @param line The line, without a line end.
   */
  readLine(line: string): void;
  /**
   * Gives the data, after the last line.
   *
   * @param event The type of the event, absent when it has none.
   * @returns The data, or `undefined` to deliver the event without data.
   */
  data(event: string | undefined): T | undefined;
}

/**
 * Reads the data of events.
 *
 * What its reader throws reaches the consumer as an `EventDataError` whose
 * `cause` it is.
 *
 * @typeParam T What the data is in the program.
 * @typeParam E What an event with such data is; narrower than
 * `ServerSentEvent<T>` where the type of an event decides about its data.
 */
export interface EventDataRead<
  T,
  E extends ServerSentEvent<T> = ServerSentEvent<T>,
> {
  /**
   * Makes the reader of one event's data.
   *
   * Called once per event that has data; the reader is never used again.
   *
   * @returns A new reader.
   */
  lineReader(): EventDataLineReader<T>;
  /**
   * Whether events of a type are delivered at all.
   *
   * An event for which it returns `false` is left out, as `EventSource` leaves
   * out one that nobody listens to: its data is not read, its id counts.
   *
   * @default {() => true}
   *
   * @param event The type of the event, absent when it has none.
   */
  delivers?(event: string | undefined): boolean;
  /** Never there: it only carries the type of the events from codec to consumer. */
  readonly "~event"?: E;
}

/**
 * Both ways of the data of an event: what it writes it reads back equal.
 *
 * @example A codec of your own: points as `x,y`
 * ```ts
 * import { encodeEvent, type EventDataCodec, EventParser } from "@tidings/sse";
 * import { assertEquals } from "@std/assert";
 *
 * interface Point {
 *   readonly x: number;
 *   readonly y: number;
 * }
 *
 * const pointData: EventDataCodec<Point> = {
 *   writeData: ({ x, y }) => `${x},${y}`,
 *   lineReader() {
 *     let point: Point | undefined;
 *     return {
 *       readLine(line) {
 *         const [x, y] = line.split(",").map(Number);
 *         if (!Number.isFinite(x) || !Number.isFinite(y)) {
 *           throw new TypeError("a point must be two numbers");
 *         }
 *         point = { x, y };
 *       },
 *       data: () => point,
 *     };
 *   },
 * };
 *
 * const bytes = encodeEvent({ data: { x: 1, y: 2 } }, { data: pointData });
 * const [event] = new EventParser({ data: pointData }).feed(bytes);
 * assertEquals(event.data, { x: 1, y: 2 });
 * ```
 *
 * @typeParam T What the data is in the program.
 * @typeParam E What an event with such data is.
 */
export interface EventDataCodec<
  T,
  E extends ServerSentEvent<T> = ServerSentEvent<T>,
> extends EventDataRead<T, E>, EventDataWrite<T> {}
