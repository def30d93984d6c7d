import type { EventDataWrite } from "../data/event_data.ts";
import { writeEvent } from "./_write_event.ts";
import type { ServerSentEvent } from "./event.ts";

/**
 * How events are written.
 *
 * @typeParam T What the data of an event is.
 */
export interface EventEncoderOptions<T = string> {
  /**
   * How to write the data field.
   *
   * @default {stringData}
   */
  readonly data?: EventDataWrite<T> | undefined;
}

/**
 * How events are written whose data is not text: with a codec.
 *
 * @typeParam T What the data of an event is.
 */
export interface TypedEventEncoderOptions<T> extends EventEncoderOptions<T> {
  /** How to write the data field. */
  readonly data: EventDataWrite<T>;
}

/**
 * Writes an event as text.
 *
 * Comments come first, then `event`, `id`, `retry` and a `data` field for each
 * line of the data, then a blank line. Reading it back gives the same event, but
 * for line ends in the data, which become LF, and an empty type, which is not
 * written.
 *
 * @see [HTML, section 9.2.5](https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream)
 *
 * @example Data of several lines
 * ```ts
 * import { formatEvent } from "@tidings/sse";
 * import { assertEquals } from "@std/assert";
 *
 * const text = formatEvent({ comments: ["hello"], id: "1", data: "a\r\nb" });
 * assertEquals(text, ": hello\nid: 1\ndata: a\ndata: b\n\n");
 * ```
 *
 * @param event The event.
 * @param options How to write its data.
 * @returns The text of the event, blank line included.
 * @throws {EventBuildError} If a field cannot be written: a line end in the type,
 * the id or a comment, a lone surrogate in those, NUL in the id, a `retry` that is
 * not an integer from 0 to `Number.MAX_SAFE_INTEGER`, data that is not text; or if
 * there is nothing to write.
 */
export function formatEvent(
  event: ServerSentEvent,
  options?: EventEncoderOptions,
): string;
/**
 * Writes an event with data of your own as text.
 *
 * @example JSON
 * ```ts
 * import { formatEvent, jsonData } from "@tidings/sse";
 * import { assertEquals } from "@std/assert";
 *
 * const text = formatEvent({ data: { n: 1 } }, { data: jsonData<{ n: number }>() });
 * assertEquals(text, 'data: {"n":1}\n\n');
 * ```
 *
 * @typeParam T What the data of the event is.
 * @param event The event.
 * @param options How to write its data.
 * @returns The text of the event, blank line included.
 * @throws {EventBuildError} If a field cannot be written, or there is nothing to write.
 * @throws {EventDataError} If the codec cannot write the data.
 */
export function formatEvent<T>(
  event: ServerSentEvent<T>,
  options: TypedEventEncoderOptions<T>,
): string;
export function formatEvent<T>(
  event: ServerSentEvent<T>,
  options?: EventEncoderOptions<T>,
): string {
  return writeEvent(event, options);
}
