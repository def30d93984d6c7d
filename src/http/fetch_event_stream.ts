import { resolveMaxEventSize } from "../wire/_event_reader.ts";
import { EventStream, type EventStreamOptions } from "../wire/event_stream.ts";
import type { ServerSentEvent } from "../wire/event.ts";
import { sourceOf } from "./_content_coding.ts";
import {
  isEventStream,
  responseError,
  setEventStreamHeaders,
} from "./_event_stream_request.ts";

/** A function like `fetch`. */
export type Fetch = (
  input: Request | URL | string,
  init?: RequestInit,
) => Promise<Response>;

/**
 * A request for an event stream, and how to read it.
 *
 * @typeParam T What the data of an event is.
 * @typeParam E What an event is, taken from the codec.
 */
export interface FetchEventStreamInit<
  T = string,
  E extends ServerSentEvent<T> = ServerSentEvent<T>,
> extends RequestInit, EventStreamOptions<T, E> {
  /**
   * What makes the request.
   *
   * @default {globalThis.fetch}
   */
  readonly fetch?: Fetch | undefined;
}

/**
 * Requests an event stream, once: a stream that ends or breaks is not requested again.
 *
 * It asks for `text/event-stream`, and for the events after `lastEventId` if
 * that is given.
 *
 * @example A POST whose answer is a stream of JSON
 * ```ts
 * import { jsonData } from "@tidings/sse";
 * import { fetchEventStream } from "@tidings/sse/client";
 * import { assertEquals } from "@std/assert";
 *
 * const server = () =>
 *   Promise.resolve(
 *     new Response('data: {"n":1}\n\n', {
 *       headers: { "content-type": "text/event-stream" },
 *     }),
 *   );
 *
 * const events = await fetchEventStream("https://example.com/answers", {
 *   method: "POST",
 *   body: "question",
 *   data: jsonData<{ n: number }>(),
 *   fetch: server,
 * });
 * for await (const { data } of events) assertEquals(data?.n, 1);
 * ```
 *
 * @typeParam T What the data of an event is.
 * @typeParam E What an event is, taken from the codec.
 * @param input Where the stream is.
 * @param init What to request, and how to read the answer. Its `signal` ends the
 * stream too.
 * @returns The events.
 * @throws {EventStreamResponseError} If the status is not 200 or the content type
 * not `text/event-stream`. It holds the response, its body unread. Reading the events
 * throws one, too, if `fetch` does not decode the content coding of the response.
 * @throws {TypeError} If the request fails, as `fetch` does.
 * @throws {EventBuildError} If no header can carry `lastEventId`.
 * @throws {RangeError} If `maxEventSize` is negative or not a number.
 */
export async function fetchEventStream<
  T = string,
  E extends ServerSentEvent<T> = ServerSentEvent<T>,
>(
  input: Request | URL | string,
  init: FetchEventStreamInit<T, E> = {},
): Promise<EventStream<T, E>> {
  const { fetch = globalThis.fetch, lastEventId } = init;
  resolveMaxEventSize(init);
  const headers = new Headers(
    init.headers ?? (isRequest(input) ? input.headers : undefined),
  );
  setEventStreamHeaders(headers, lastEventId);

  const response = await fetch(input, { ...init, headers });
  if (response.status !== 200 || !isEventStream(response)) {
    throw responseError(response);
  }
  return new EventStream(sourceOf(response), init);
}

/** Of whatever realm or library. */
function isRequest(input: Request | URL | string): input is Request {
  return typeof input === "object" && "headers" in input;
}
