import type { EventStreamOptions } from "../wire/event_stream.ts";
import type { ServerSentEvent } from "../wire/event.ts";
import { createConnection } from "./_connection.ts";
import type { Fetch } from "./fetch_event_stream.ts";
import type { ReconnectionOptions, ReconnectMode } from "./reconnection.ts";

export type { ReconnectMode };

/** What is known before an attempt to open a connection. */
export interface ConnectAttempt {
  /** How often the connection has been opened again without one that stayed healthy; 0 at first. */
  readonly attempt: number;
  /** The last event ID string, from which the stream is to go on. */
  readonly lastEventId: string;
}

/** What follows from a response, if not what its status says. */
export type ResponseAnswer = "reconnect" | "fail" | void;

/** That a connection is about to be opened again. */
export interface ReconnectNotice {
  /** How often that is now, without a connection that stayed healthy: 1 at first. */
  readonly attempt: number;
  /** How long is waited before, in milliseconds. */
  readonly delay: number;
  /** What went wrong, `undefined` if the server has ended the stream. */
  readonly cause: unknown;
}

/** What headers can be made from. */
export type HeadersSource = ConstructorParameters<typeof Headers>[0];

/** What the body of a request can be made from. */
export type BodySource = NonNullable<ConstructorParameters<typeof Response>[0]>;

/**
 * How a connection is opened, read, and opened again.
 *
 * @typeParam T What the data of an event is.
 * @typeParam E What an event is, taken from the codec.
 */
export interface ConnectOptions<
  T = string,
  E extends ServerSentEvent<T> = ServerSentEvent<T>,
> extends
  Omit<RequestInit, "headers" | "body" | "signal">,
  EventStreamOptions<T, E>,
  ReconnectionOptions {
  /**
   * When the connection is opened again; `true` is `"always"`, `false` is `"never"`.
   *
   * @default {"always"} For GET; `"never"` for all others, which may do again what
   * they have done.
   */
  readonly reconnect?: ReconnectMode | boolean | undefined;
  /**
   * The headers, or what gives them before each attempt: a fresh token.
   *
   * @default {undefined} Those of every request for an event stream.
   */
  readonly headers?:
    | HeadersSource
    | ((attempt: ConnectAttempt) => HeadersSource | PromiseLike<HeadersSource>)
    | undefined;
  /**
   * The body, or what gives it before each attempt. A stream can be sent once: only
   * a function can give one to a connection that is opened again.
   *
   * @default {undefined} None.
   */
  readonly body?:
    | BodySource
    | ((
      attempt: ConnectAttempt,
    ) => BodySource | undefined | PromiseLike<BodySource | undefined>)
    | undefined;
  /**
   * Ends the connection when it aborts: the iteration rejects with its reason.
   *
   * @default {undefined} Only the program, the server or an error ends it.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * What makes the requests.
   *
   * @default {globalThis.fetch}
   */
  readonly fetch?: Fetch | undefined;
  /**
   * How long the server may take to answer, in milliseconds, up to its headers;
   * `Infinity` for as long as it likes.
   *
   * @default {60000}
   */
  readonly responseTimeout?: number | undefined;
  /**
   * How long a connection may be silent, in milliseconds, before it is taken for
   * broken; `Infinity` never. Any byte counts; the time that the program takes for
   * an event does not.
   *
   * @default {undefined} 2.5 times the keep-alive interval that the server announces,
   * if that is from 1 s to 1 h; otherwise a connection may be silent for ever.
   */
  readonly idleTimeout?: number | undefined;
  /**
   * Sees each response before its status is looked at. It may answer what follows
   * instead: `"reconnect"`, for one that is mended now, as a 401 by a fresh token,
   * which is tried at once the first time, whatever `reconnect` says and unless the
   * server asks to wait, and with the usual wait after that; or `"fail"`. It must leave the body of an event stream alone.
   *
   * @default {undefined} The status and the content type say what follows.
   */
  readonly onResponse?:
    | ((response: Response) => ResponseAnswer | PromiseLike<ResponseAnswer>)
    | undefined;
  /**
   * Told that the connection is open, every time. A promise that it returns is waited
   * for, and what it fails with ends the connection.
   *
   * @default {undefined} Nobody is told.
   */
  readonly onOpen?: ((response: Response) => void) | undefined;
  /**
   * Told that the connection is about to be opened again, before the wait. A promise
   * that it returns is waited for, and what it fails with ends the connection.
   *
   * @default {undefined} Nobody is told.
   */
  readonly onReconnect?: ((notice: ReconnectNotice) => void) | undefined;
  /**
   * Given the last event ID string to keep whenever it has changed and the program
   * is done with the event: when it asks for the next one, so not if it leaves the
   * loop by `break`. A promise is waited for.
   * Another process that starts with `lastEventId` goes on from there.
   *
   * @default {undefined} Nobody is told.
   */
  readonly onCheckpoint?:
    | ((lastEventId: string) => void | PromiseLike<void>)
    | undefined;
}

/**
 * Events from a server, across as many connections as it takes.
 *
 * It is iterated over once. Leaving the loop closes it.
 *
 * @typeParam E What an event is.
 */
export interface EventConnection<E = ServerSentEvent>
  extends AsyncIterable<E>, AsyncDisposable {
  /** The URL as it was given, resolved. */
  readonly url: string;
  /** 0 while it is being opened or waits for that, 1 while it is open, 2 when it is closed. */
  readonly readyState: 0 | 1 | 2;
  /** The last event ID string after the events handed out, and the blocks without data before them. */
  readonly lastEventId: string;
  /** How long the server wants to be left alone before it is asked again, in milliseconds. */
  readonly reconnectionTime: number | undefined;
  /**
   * Iterates over the events. The first call of `next()` opens the connection.
   *
   * @returns An iterator whose `return()` closes the connection.
   * @throws {TypeError} If it is iterated over already.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<E, undefined>;
  /**
   * Drops the connection, or the wait for it, and opens a new one at once. If events
   * have ids it goes on behind the last one handed out; those without that were not
   * handed out yet are gone.
   */
  reconnect(): void;
  /** Ends the iteration and the connection. */
  close(): void;
}

/**
 * Opens a connection to a server's events, and opens it again whenever it ends, from
 * where it was.
 *
 * The wait before that is what the server asks for, with `retry` or `Retry-After`,
 * or `initialDelay`, plus a random part of a backoff that doubles up to `maxDelay`:
 * never less than was asked for, and never in step with other clients. 204 ends the
 * iteration; 408, 425, 429, 5xx and a network that fails are tried again; another
 * status or content type fails it with the response. Redirects are those of `fetch`:
 * to another origin it passes on `Last-Event-ID` and headers of yours, but not
 * `authorization`.
 *
 * @see [HTML, section 9.2.3](https://html.spec.whatwg.org/multipage/server-sent-events.html#sse-processing-model)
 *
 * @example Events that go on where they were
 * ```ts
 * import { connect } from "@tidings/sse/client";
 * import { eventStreamResponse, lastEventId } from "@tidings/sse/server";
 * import { assertEquals } from "@std/assert";
 *
 * // A server that has two events for each connection, and no more after four.
 * function server(request: Request): Response {
 *   const last = Number(lastEventId(request) ?? 0);
 *   if (last === 4) return new Response(null, { status: 204 });
 *   const events = [last + 1, last + 2].map((n) => ({ id: `${n}`, data: `event ${n}` }));
 *   return eventStreamResponse(events, { retry: 0 });
 * }
 *
 * const events = connect("https://example.com/events", {
 *   fetch: (input, init) => Promise.resolve(server(new Request(input, init))),
 *   initialDelay: 1,
 * });
 * const ids = [];
 * for await (const { id } of events) ids.push(id);
 * assertEquals(ids, ["1", "2", "3", "4"]);
 * ```
 *
 * @example A token that runs out
 * ```ts
 * import { connect } from "@tidings/sse/client";
 *
 * let token = "first";
 * const refresh = () => Promise.resolve("second");
 *
 * const events = connect("https://example.com/events", {
 *   headers: () => ({ authorization: `Bearer ${token}` }),
 *   async onResponse({ status }) {
 *     if (status !== 401) return;
 *     token = await refresh();
 *     return "reconnect";
 *   },
 * });
 * events.close();
 * ```
 *
 * @typeParam T What the data of an event is.
 * @typeParam E What an event is, taken from the codec.
 * @param url Where the events are.
 * @param options How the connection is opened, read, and opened again.
 * @returns The events; nothing is requested before the first is asked for.
 *
 * Iterating over them rejects with an `EventStreamResponseError` if an answer is no
 * event stream and no reason to try again; with an `EventStreamTimeoutError` if
 * the server asks for more than `maxServerDelay` (a response that asked for it, its
 * body unread, is in the error in its `cause`); with what went wrong last after
 * `maxRetries`, `maxElapsed` or without `reconnect`; with an `IncompleteStreamError`
 * if that was that the stream ended; with an `EventDataError` or `EventSizeError`
 * for an event that cannot be read; with an `EventBuildError` if no header can carry
 * the last event ID; with what a callback throws; and with the reason of `signal`.
 * @throws {TypeError} If the URL or another part of the request is none, or the body
 * is a stream and the connection is to be opened again.
 * @throws {RangeError} If a number is out of bounds.
 */
export function connect<
  T = string,
  E extends ServerSentEvent<T> = ServerSentEvent<T>,
>(
  url: string | URL,
  options: ConnectOptions<T, E> = {},
): EventConnection<E> {
  return createConnection(url, options);
}
