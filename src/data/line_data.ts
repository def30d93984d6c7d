import { EventDataError } from "../errors.ts";
import type { EventDataCodec, EventDataLineReader } from "./event_data.ts";

/**
 * Reads data as an array of its lines.
 *
 * @example Lines stay lines
 * ```ts
 * import { EventDataMultiLineReader } from "@tidings/sse";
 * import { assertEquals } from "@std/assert";
 *
 * const reader = new EventDataMultiLineReader();
 * reader.readLine("one");
 * reader.readLine("");
 * assertEquals(reader.data(), ["one", ""]);
 * ```
 */
export class EventDataMultiLineReader implements EventDataLineReader<string[]> {
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
   * Gives the lines.
   *
   * @returns The lines, or `undefined` if there was none.
   */
  data(): string[] | undefined {
    return this.#lines;
  }
}

/**
 * The codec of data that is a list of lines, each in a `data` field of its own.
 *
 * An empty list, and a line that holds a line end, cannot be written: they would
 * come back as something else.
 *
 * @example A list, there and back
 * ```ts
 * import { encodeEvent, EventParser, lineData } from "@tidings/sse";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = encodeEvent({ data: ["one", "two"] }, { data: lineData });
 * const [event] = new EventParser({ data: lineData }).feed(bytes);
 * assertEquals(event.data, ["one", "two"]);
 * ```
 */
export const lineData: EventDataCodec<string[]> = {
  writeData(data, event) {
    if (data.length === 0) {
      const reason = "a list of lines must not be empty";
      throw new EventDataError({ act: "write", reason, event, data });
    }
    for (const line of data) {
      if (line.includes("\n") || line.includes("\r")) {
        const reason = "a line must not contain a line end";
        throw new EventDataError({ act: "write", reason, event, data: line });
      }
    }
    return data.join("\n");
  },
  lineReader: () => new EventDataMultiLineReader(),
};
