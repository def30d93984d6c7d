import { writeEvent } from "../wire/_write_event.ts";
import type {
  EventEncoderOptions,
  TypedEventEncoderOptions,
} from "../wire/format_event.ts";
import { eventBody } from "./_event_body.ts";
import { pullEvents, type ServerSentEventSource } from "./_event_source.ts";
import { type KeepAlive, resolveKeepAlive } from "./keep_alive.ts";

export type { ServerSentEventSource };

/**
 * How an event stream is sent.
 *
 * @typeParam T What the data of an event is.
 */
export interface EventStreamResponseOptions<T = string>
  extends EventEncoderOptions<T> {
  /**
   * How the stream is kept alive while there is nothing to send; `false` not to.
   *
   * @default {{}} A comment after 8000 ms without traffic.
   */
  readonly keepAlive?: KeepAlive<T> | false | undefined;
  /**
   * The reconnection time that the client is told at the beginning, in milliseconds.
   *
   * @default {undefined} The client's own, a few seconds in browsers.
   */
  readonly retry?: number | undefined;
  /**
   * Headers to add, or to replace those of every event stream with.
   *
   * @default {{}}
   */
  readonly headers?: HeadersInit | undefined;
  /**
   * The status. A client reads an event stream only from a 200.
   *
   * @default {200}
   */
  readonly status?: number | undefined;
  /**
   * Ends the stream cleanly when it aborts, so that the client reconnects: for
   * the shutdown of a server.
   *
   * @default {undefined} The source alone ends the stream.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Told what goes wrong: an error of the source, an event that cannot be
   * written, a clean-up that fails after the client has left. The first two
   * error the body too; nothing of them is sent.
   *
   * @default {() => {}}
   */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/**
 * Answers a request with events.
 *
 * The first bytes leave at once: a comment that announces the keep-alive, and
 * `retry` if given. After that the source is asked for an event whenever the
 * client can take one. When the client leaves, the source's `return()` or
 * `cancel()` is called at once and exactly once.
 *
 * Its headers are `content-type: text/event-stream`,
 * `cache-control: no-cache, no-transform` and `x-accel-buffering: no`, which keep
 * caches and proxies from holding events back.
 *
 * @see [HTML, section 9.2.7](https://html.spec.whatwg.org/multipage/server-sent-events.html#authoring-notes)
 *
 * @example Events from a generator
 * ```ts
 * import { eventStreamResponse } from "@tidings/sse/server";
 * import { assertEquals } from "@std/assert";
 *
 * async function* countdown() {
 *   for (let n = 3; n > 0; n--) yield { data: String(n) };
 * }
 *
 * const handler = () => eventStreamResponse(countdown());
 *
 * assertEquals(
 *   await handler().text(),
 *   ": keep-alive 8000\n\ndata: 3\n\ndata: 2\n\ndata: 1\n\n",
 * );
 * ```
 *
 * @param events The events: a stream or an iterable.
 * @param options How to send them.
 * @returns The response.
 * @throws {TypeError} If the source is neither, or a stream that is locked.
 * @throws {RangeError} If the keep-alive interval is not from 1 to 2147483647.
 * @throws {EventBuildError} If `retry` or the keep-alive cannot be written.
 */
export function eventStreamResponse(
  events: ServerSentEventSource,
  options?: EventStreamResponseOptions,
): Response;
/**
 * Answers a request with events that have data of your own.
 *
 * @example JSON, resumed behind the last event that the client has
 * ```ts
 * import { jsonData } from "@tidings/sse";
 * import { eventStreamResponse, lastEventId } from "@tidings/sse/server";
 * import { assertEquals } from "@std/assert";
 *
 * function handler(request: Request): Response {
 *   const from = Number(lastEventId(request) ?? 0) + 1;
 *   const events = [1, 2, 3].filter((n) => n >= from)
 *     .map((n) => ({ id: String(n), data: { n } }));
 *   return eventStreamResponse(events, { data: jsonData<{ n: number }>() });
 * }
 *
 * const request = new Request("https://example.com", { headers: { "last-event-id": "2" } });
 * assertEquals(
 *   await handler(request).text(),
 *   ': keep-alive 8000\n\nid: 3\ndata: {"n":3}\n\n',
 * );
 * ```
 *
 * @typeParam T What the data of an event is.
 * @param events The events: a stream or an iterable.
 * @param options How to send them, with the codec of their data.
 * @returns The response.
 * @throws {TypeError} As above.
 * @throws {RangeError} As above.
 * @throws {EventBuildError} As above.
 */
export function eventStreamResponse<T>(
  events: ServerSentEventSource<T>,
  options: EventStreamResponseOptions<T> & TypedEventEncoderOptions<T>,
): Response;
export function eventStreamResponse<T>(
  events: ServerSentEventSource<T>,
  options: EventStreamResponseOptions<T> = {},
): Response {
  const {
    data,
    keepAlive = {},
    retry,
    headers,
    status = 200,
    signal,
    onError = () => {},
  } = options;
  const resolved = keepAlive === false
    ? undefined
    : resolveKeepAlive(keepAlive);
  const opening = writeEvent({
    comments: [resolved?.announcement ?? ""],
    retry,
  });
  const keepAliveText = resolved && {
    interval: resolved.interval,
    text: writeEvent(resolved.event, { data }),
  };
  const init = { status, headers: eventStreamHeaders(headers) };
  // Refuses what is wrong with them before the source is touched.
  new Response("", init);

  const body = eventBody(pullEvents(events), {
    data,
    opening,
    keepAlive: keepAliveText,
    signal,
    onError,
  });
  return new Response(body, init);
}

function eventStreamHeaders(init: HeadersInit | undefined): Headers {
  const headers = new Headers({
    "content-type": "text/event-stream",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
  });
  const own = new Headers(init);
  for (const [name] of own) headers.delete(name);
  // Appended, since there may be several cookies.
  for (const [name, value] of own) headers.append(name, value);
  return headers;
}
