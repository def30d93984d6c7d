/**
 * Server-sent events on web streams: events with typed data, read and written.
 *
 * @example Write events, and read them back
 * ```ts
 * import { encodeEvent, EventStream } from "@tidings/sse";
 * import { assertEquals } from "@std/assert";
 *
 * const response = new Response(encodeEvent({ event: "greeting", data: "hello" }));
 * for await (const event of new EventStream(response)) {
 *   assertEquals(event.event, "greeting");
 *   assertEquals(event.data, "hello");
 * }
 * ```
 *
 * @module
 */

export type {
  EventDataCodec,
  EventDataLineReader,
  EventDataRead,
  EventDataWrite,
} from "./src/data/event_data.ts";
export {
  type DataByEvent,
  dataByEvent,
  type EventByType,
  type EventDataCodecs,
} from "./src/data/data_by_event.ts";
export {
  EventDataJsonReader,
  jsonData,
  type JsonDataOptions,
  JsonEventData,
} from "./src/data/json_data.ts";
export { EventDataMultiLineReader, lineData } from "./src/data/line_data.ts";
export type {
  StandardSchema,
  StandardSchemaIssue,
  StandardSchemaResult,
} from "./src/data/standard_schema.ts";
export { EventDataStringReader, stringData } from "./src/data/string_data.ts";
export {
  EventBuildError,
  EventDataError,
  type EventDataErrorOptions,
  EventLogError,
  EventSizeError,
  EventStreamResponseError,
  EventStreamTimeoutError,
  IncompleteStreamError,
  ReadSignalsError,
  type ReadSignalsStatus,
  SlowSubscriberError,
  StreamClosedError,
} from "./src/errors.ts";
export type { CloseReason } from "./src/http/close_reason.ts";
export { encodeEvent } from "./src/wire/encode_event.ts";
export type { EventDecoderOptions } from "./src/wire/event_decoder_options.ts";
export { EventDecoderStream } from "./src/wire/event_decoder_stream.ts";
export { EventEncoderStream } from "./src/wire/event_encoder_stream.ts";
export { EventParser } from "./src/wire/event_parser.ts";
export {
  EventStream,
  type EventStreamOptions,
  type EventStreamSource,
} from "./src/wire/event_stream.ts";
export type { ServerSentEvent } from "./src/wire/event.ts";
export {
  type EventEncoderOptions,
  formatEvent,
  type TypedEventEncoderOptions,
} from "./src/wire/format_event.ts";
