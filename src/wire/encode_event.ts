import { writeEvent } from "./_write_event.ts";
import type {
  EventEncoderOptions,
  TypedEventEncoderOptions,
} from "./format_event.ts";
import type { ServerSentEvent } from "./event.ts";

const encoder = /* @__PURE__ */ new TextEncoder();

/**
 * Writes an event as bytes: {@linkcode formatEvent} in UTF-8.
 *
 * A lone surrogate in the data becomes U+FFFD.
 *
 * @example Send an event
 * ```ts
 * import { encodeEvent } from "@tidings/sse";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = encodeEvent({ data: "¡hola!" });
 * assertEquals(new TextDecoder().decode(bytes), "data: ¡hola!\n\n");
 * ```
 *
 * @param event The event.
 * @param options How to write its data.
 * @returns The bytes of the event, blank line included.
 * @throws {EventBuildError} If the event cannot be written.
 */
export function encodeEvent(
  event: ServerSentEvent,
  options?: EventEncoderOptions,
): Uint8Array<ArrayBuffer>;
/**
 * Writes an event with data of your own as bytes.
 *
 * @example JSON
 * ```ts
 * import { encodeEvent, jsonData } from "@tidings/sse";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = encodeEvent({ data: [1, 2] }, { data: jsonData<number[]>() });
 * assertEquals(new TextDecoder().decode(bytes), "data: [1,2]\n\n");
 * ```
 *
 * @typeParam T What the data of the event is.
 * @param event The event.
 * @param options How to write its data.
 * @returns The bytes of the event, blank line included.
 * @throws {EventBuildError} If the event cannot be written.
 * @throws {EventDataError} If the codec cannot write the data.
 */
export function encodeEvent<T>(
  event: ServerSentEvent<T>,
  options: TypedEventEncoderOptions<T>,
): Uint8Array<ArrayBuffer>;
export function encodeEvent<T>(
  event: ServerSentEvent<T>,
  options?: EventEncoderOptions<T>,
): Uint8Array<ArrayBuffer> {
  return encoder.encode(writeEvent(event, options));
}
