import { EventDataError } from "../errors.ts";
import type { EventDataCodec, EventDataLineReader } from "./event_data.ts";
import { describeIssues } from "./_issues.ts";
import type {
  StandardSchema,
  StandardSchemaResult,
} from "./standard_schema.ts";

/**
 * How JSON data is read.
 *
 * @typeParam T What the data is.
 */
export interface JsonDataOptions<T> {
  /**
   * Checks what was read, and gives it its type: any Standard Schema whose
   * validation is synchronous. What is written is not checked: it has the type.
   *
   * @default {undefined} What was read is taken to be a `T`.
   */
  readonly schema?: StandardSchema<T> | undefined;
}

/**
 * Reads data as JSON.
 *
 * @example Any number of lines
 * ```ts
 * import { EventDataJsonReader } from "@tidings/sse";
 * import { assertEquals } from "@std/assert";
 *
 * const reader = new EventDataJsonReader<number[]>();
 * reader.readLine("[1,");
 * reader.readLine("2]");
 * assertEquals(reader.data(undefined), [1, 2]);
 * ```
 *
 * @typeParam T What the data is.
 */
export class EventDataJsonReader<T> implements EventDataLineReader<T> {
  readonly #schema: StandardSchema<T> | undefined;
  #text = "";

  /**
   * Makes a reader of one event's data.
   *
   * @param options How to check it.
   */
  constructor(options: JsonDataOptions<T> = {}) {
    this.#schema = options.schema;
  }

  /**
   * Takes one line.
   *
   * @param line The line, without a line end.
   */
  readLine(line: string): void {
    this.#text = this.#text === "" ? line : `${this.#text}\n${line}`;
  }

  /**
   * Gives the value.
   *
   * @param event The type of the event, for the error.
   * @returns The value, or `undefined` if the data is empty.
   * @throws {EventDataError} If it is not JSON, or the schema refuses it.
   */
  data(event: string | undefined): T | undefined {
    const text = this.#text;
    if (text === "") return undefined;
    let value: T;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      throw new EventDataError({ act: "read", event, data: text, cause });
    }
    return this.#schema === undefined
      ? value
      : validate(this.#schema, value, text, event);
  }
}

function validate<T>(
  schema: StandardSchema<T>,
  value: unknown,
  text: string,
  event: string | undefined,
): T {
  const result = schema["~standard"].validate(value);
  if (isPromise(result)) {
    // Nobody will wait for it, so nobody else can handle its rejection.
    result.catch(() => {});
    const reason = "a schema must validate synchronously";
    throw new EventDataError({
      act: "read",
      reason: `${reason}, this one returns a promise`,
      event,
      data: text,
      cause: new TypeError(reason),
    });
  }
  if (result.issues === undefined) return result.value;
  throw new EventDataError({
    act: "read",
    reason: describeIssues(result.issues),
    event,
    data: text,
    cause: result.issues,
  });
}

function isPromise<T>(
  result: StandardSchemaResult<T> | Promise<StandardSchemaResult<T>>,
): result is Promise<StandardSchemaResult<T>> {
  return "then" in result;
}

/**
 * The codec of JSON data, as a class to extend or to make with `new`;
 * {@linkcode jsonData} makes one in fewer words.
 *
 * @example There and back
 * ```ts
 * import { encodeEvent, EventParser, JsonEventData } from "@tidings/sse";
 * import { assertEquals } from "@std/assert";
 *
 * const data = new JsonEventData<{ n: number }>();
 * const [event] = new EventParser({ data }).feed(encodeEvent({ data: { n: 1 } }, { data }));
 * assertEquals(event.data?.n, 1);
 * ```
 *
 * @typeParam T What the data is.
 */
export class JsonEventData<T> implements EventDataCodec<T> {
  readonly #options: JsonDataOptions<T>;

  /**
   * Makes a codec.
   *
   * @param options How to check what is read.
   */
  constructor(options: JsonDataOptions<T> = {}) {
    this.#options = options;
  }

  /**
   * Makes the reader of one event's data.
   *
   * @returns A new reader.
   */
  lineReader(): EventDataJsonReader<T> {
    return new EventDataJsonReader(this.#options);
  }

  /**
   * Writes a value as JSON, on one line.
   *
   * @param data The value.
   * @param event The type of the event, for the error.
   * @returns The JSON text.
   * @throws {EventDataError} If JSON cannot hold it: a function, a symbol, a
   * number that is not finite, or what holds a `bigint` or itself. What is lost
   * further inside is what `JSON.stringify` loses.
   */
  writeData(data: T, event: string | undefined): string {
    let text: string | undefined;
    try {
      text = JSON.stringify(data);
    } catch (cause) {
      throw new EventDataError({ act: "write", event, data, cause });
    }
    const lost = typeof data === "number" && !Number.isFinite(data);
    if (text === undefined || lost) {
      const reason = "JSON cannot hold it";
      throw new EventDataError({ act: "write", reason, event, data });
    }
    return text;
  }
}

/**
 * The codec of JSON data: typed, and checked where a schema is given.
 *
 * Empty data reads as no data: the event is delivered without it, and its id counts.
 * Written again, the same event has empty data.
 *
 * @example Checked by a schema
 * ```ts
 * import { EventDataError, EventParser, jsonData } from "@tidings/sse";
 * import { assertEquals, assertThrows } from "@std/assert";
 * import * as z from "zod";
 *
 * const data = jsonData({ schema: z.object({ price: z.number() }) });
 * const parser = new EventParser({ data });
 * const encoder = new TextEncoder();
 * const [event] = parser.feed(encoder.encode('data: {"price":1.5}\n\n'));
 * assertEquals(event.data?.price, 1.5);
 * assertThrows(
 *   () => parser.feed(encoder.encode('data: {"price":"free"}\n\n')),
 *   EventDataError,
 *   "price",
 * );
 * ```
 *
 * @typeParam T What the data is; taken from the schema if there is one.
 * @param options How to check what is read.
 * @returns The codec.
 */
export function jsonData<T>(
  options: JsonDataOptions<T> = {},
): EventDataCodec<T> {
  return new JsonEventData(options);
}
