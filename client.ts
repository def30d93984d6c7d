/**
 * Server-sent events for clients: request a stream and iterate over its events, once
 * or across as many connections as it takes.
 *
 * @example Read a stream to its end
 * ```ts no-assert
 * import { fetchEventStream } from "@tidings/sse/client";
 *
 * async function print(url: string): Promise<void> {
 *   for await (const { event, data } of await fetchEventStream(url)) {
 *     console.log(event ?? "message", data);
 *   }
 * }
 * ```
 *
 * @module
 */

export {
  type BodySource,
  connect,
  type ConnectAttempt,
  type ConnectOptions,
  type EventConnection,
  type HeadersSource,
  type ReconnectMode,
  type ReconnectNotice,
  type ResponseAnswer,
} from "./src/http/connect.ts";
export {
  type AddListenerOptions,
  type AnyEventListener,
  EventSource,
  type EventSourceErrorEvent,
  type EventSourceEventMap,
  type EventSourceHandler,
  type EventSourceOptions,
  type EventSourceTarget,
  type RemoveListenerOptions,
} from "./src/http/event_source.ts";
export type { ReconnectionOptions } from "./src/http/reconnection.ts";
export {
  type Fetch,
  fetchEventStream,
  type FetchEventStreamInit,
} from "./src/http/fetch_event_stream.ts";
export {
  EventBuildError,
  EventDataError,
  type EventDataErrorOptions,
  EventSizeError,
  EventStreamResponseError,
  EventStreamTimeoutError,
  IncompleteStreamError,
} from "./src/errors.ts";
export type { EventDecoderOptions } from "./src/wire/event_decoder_options.ts";
export {
  EventStream,
  type EventStreamOptions,
  type EventStreamSource,
} from "./src/wire/event_stream.ts";
export type {
  EventDataLineReader,
  EventDataRead,
} from "./src/data/event_data.ts";
export type { ServerSentEvent } from "./src/wire/event.ts";
