import type {
  EventEncoderOptions,
  TypedEventEncoderOptions,
} from "../wire/format_event.ts";
import type { ServerSentEvent } from "../wire/event.ts";
import type { ServerSentEventSource } from "./_event_source.ts";
import { respondWithEvents } from "./_respond_with_events.ts";
import type { CloseReason } from "./close_reason.ts";
import type { EventSender } from "./event_sender.ts";
import type { KeepAlive } from "./keep_alive.ts";

export type { CloseReason, EventSender, ServerSentEventSource };

/**
 * Sends events as they come about.
 *
 * A promise that it returns closes the stream when it settles; an iterable, as
 * of a generator function, or a stream is a source of more events; `undefined`
 * leaves the stream open until it is closed.
 *
 * @typeParam T What the data of an event is.
 */
export type EventProducer<T = string> = (
  sender: EventSender<T>,
) => ServerSentEventSource<T> | PromiseLike<unknown> | void;

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
  readonly headers?: ConstructorParameters<typeof Headers>[0] | undefined;
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
   * How long the stream may last, in milliseconds, up to 2147483647: a client
   * reconnects then, on another server or with fresh credentials. It ends
   * cleanly after 80 to 100 % of that, at random, so that clients which came
   * together do not come back together.
   *
   * @default {undefined} As long as it likes.
   */
  readonly maxDuration?: number | undefined;
  /**
   * How much a sender may queue for a client, in bytes; one more event ends the
   * stream with a `SlowSubscriberError`. A larger event is taken into an empty
   * queue only.
   *
   * @default {1048576}
   */
  readonly maxQueuedBytes?: number | undefined;
  /**
   * Below how many queued bytes {@linkcode EventSender.send} resolves.
   *
   * @default {65536}
   */
  readonly highWaterMark?: number | undefined;
  /**
   * Told once why the stream has ended. What it throws is an unhandled rejection,
   * and changes nothing of the end.
   *
   * @default {() => {}}
   */
  readonly onClose?: ((reason: CloseReason) => void) | undefined;
  /**
   * Told what goes wrong: an error of the source or the producer, an event that
   * cannot be written, a clean-up that fails after the client has left.
   *
   * An error that ends the stream may be answered with one last event for the
   * client. Without one the body errors, so that the client can tell; nothing of
   * the error itself is ever sent. It is called when the error happens, which may
   * be before the client has read what came before it. What it throws is an
   * unhandled rejection, and the body errors as without it.
   *
   * @default {() => {}}
   */
  readonly onError?:
    | ((error: unknown) => void)
    | ((error: unknown) => ServerSentEvent<T> | undefined)
    | undefined;
}

/**
 * Answers a request with events.
 *
 * The first bytes leave at once: a comment that announces the keep-alive, and
 * `retry` if given. After that a source is asked for an event whenever the
 * client can take one, and a function is given a sender. When the client leaves,
 * the source's `return()` or `cancel()` is called at once and exactly once, and
 * the sender's signal aborts.
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
 * @example Events as they come about
 * ```ts
 * import { eventStreamResponse } from "@tidings/sse/server";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new EventTarget();
 *
 * const handler = () =>
 *   eventStreamResponse((sender) => {
 *     const { signal } = sender;
 *     bus.addEventListener("news", () => sender.send({ data: "news" }), { signal });
 *     bus.addEventListener("end", () => sender.close(), { signal });
 *   });
 *
 * const response = handler();
 * bus.dispatchEvent(new Event("news"));
 * bus.dispatchEvent(new Event("end"));
 * assertEquals(await response.text(), ": keep-alive 8000\n\ndata: news\n\n");
 * ```
 *
 * @param events The events: a stream or an iterable, or a function that sends them.
 * @param options How to send them.
 * @returns The response.
 * @throws {TypeError} If `events` is none of these, or a stream that is locked; if
 * a header is none, or the status has no body.
 * @throws {RangeError} If a number is out of bounds: the keep-alive interval,
 * `maxDuration`, `maxQueuedBytes`, `highWaterMark`, the status.
 * @throws {EventBuildError} If `retry` or the keep-alive cannot be written.
 */
export function eventStreamResponse(
  events: ServerSentEventSource | EventProducer,
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
 * @param events The events: a stream or an iterable, or a function that sends them.
 * @param options How to send them, with the codec of their data.
 * @returns The response.
 * @throws {TypeError} If `events` is none of these, or a stream that is locked; if
 * a header is none, or the status has no body.
 * @throws {RangeError} If a number is out of bounds: the keep-alive interval,
 * `maxDuration`, `maxQueuedBytes`, `highWaterMark`, the status.
 * @throws {EventBuildError} If `retry` or the keep-alive cannot be written.
 */
export function eventStreamResponse<T>(
  events: ServerSentEventSource<T> | EventProducer<T>,
  options: EventStreamResponseOptions<T> & TypedEventEncoderOptions<T>,
): Response;
export function eventStreamResponse<T>(
  events: ServerSentEventSource<T> | EventProducer<T>,
  options?: EventStreamResponseOptions<T>,
): Response {
  return respondWithEvents(events, options);
}
