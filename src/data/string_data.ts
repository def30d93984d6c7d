import type { EventDataCodec, EventDataLineReader } from "./event_data.ts";

/**
 * Reads data as text: its lines joined by line feeds.
 *
 * @example Lines become text
 * ```ts
 * import { EventDataStringReader } from "@tidings/sse";
 * import { assertEquals } from "@std/assert";
 *
 * const reader = new EventDataStringReader();
 * reader.readLine("one");
 * reader.readLine("two");
 * assertEquals(reader.data(), "one\ntwo");
 * ```
 */
export class EventDataStringReader implements EventDataLineReader<string> {
  #lines: string[] | undefined;

  /**
   * Takes one line.
   *
   * @param line The line, without a line end.
   */
  readLine(line: string): void {
    (this.#lines ??= []).push(line);
  }

  /**
   * Gives the text.
   *
   * @returns The lines joined by line feeds, or `undefined` if there was none.
   */
  data(): string | undefined {
    return this.#lines?.join("\n");
  }
}

/**
 * The codec of data that is text, which is the default everywhere.
 *
 * @example Pick text for one type of events
 * ```ts
 * import { dataByEvent, EventParser, jsonData, stringData } from "@tidings/sse";
 * import { assertEquals } from "@std/assert";
 *
 * const data = dataByEvent({ log: stringData, count: jsonData<number>() });
 * const chunk = new TextEncoder().encode("event: log\ndata: up\n\nevent: count\ndata: 1\n\n");
 * const events = new EventParser({ data }).feed(chunk);
 * assertEquals(events.map((event) => event.data), ["up", 1]);
 * ```
 */
export const stringData: EventDataCodec<string> = {
  writeData: (data) => data,
  lineReader: () => new EventDataStringReader(),
};
