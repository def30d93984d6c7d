import { quote } from "../_quote.ts";
import { EventStreamResponseError } from "../errors.ts";
import type { ServerSentEvent } from "../wire/event.ts";
import { createConnection } from "./_connection.ts";
import { EventHandler } from "./_event_handler.ts";
import { discard } from "./_event_stream_request.ts";
import type { ConnectOptions, EventConnection } from "./connect.ts";
import type { Fetch } from "./fetch_event_stream.ts";
import { EVENT_STREAM_TYPE } from "./media_type.ts";
import { HTML_RULES } from "./reconnection.ts";

/** How an {@linkcode EventSource} makes its requests. */
export interface EventSourceOptions {
  /**
   * Whether cookies go to other origins too.
   *
   * @default {false}
   */
  readonly withCredentials?: boolean | undefined;
  /**
   * Headers to send as well, or what gives them before each request.
   *
   * @default {undefined} None.
   */
  readonly headers?: ConnectOptions["headers"];
  /**
   * What makes the requests.
   *
   * @default {globalThis.fetch}
   */
  readonly fetch?: Fetch | undefined;
}

/** The event of type `error` of an {@linkcode EventSource}: it says what went wrong. */
export interface EventSourceErrorEvent extends Event {
  /** What went wrong, `undefined` if the server has ended the stream. */
  readonly error?: unknown;
}

/** The events of an {@linkcode EventSource}, by their types. */
export interface EventSourceEventMap {
  /** The connection is open. */
  readonly open: Event;
  /** An event without a type. */
  readonly message: MessageEvent;
  /** The connection has ended, and is opened again unless `readyState` is 2. */
  readonly error: EventSourceErrorEvent;
}

/** What every `EventSource` has, also that of the browser. */
export interface EventSourceTarget extends EventTarget {
  /** The URL, resolved. */
  readonly url: string;
  /** Whether cookies go to other origins too. */
  readonly withCredentials: boolean;
  /** 0 while it connects, 1 while it is open, 2 when it is closed. */
  readonly readyState: number;
  /** Closes the connection for good. */
  close(): void;
}

/** What an `on…` property of an {@linkcode EventSource} holds. */
export type EventSourceHandler<V extends Event> =
  | ((this: EventSourceTarget, event: V) => unknown)
  | null;

/** A listener as every `EventTarget` takes it. */
export type AnyEventListener = Parameters<EventTarget["addEventListener"]>[1];

/** How a listener is added. */
export type AddListenerOptions = Parameters<EventTarget["addEventListener"]>[2];

/** How a listener is removed. */
export type RemoveListenerOptions = Parameters<
  EventTarget["removeEventListener"]
>[2];

/** A listener of events of any type. */
type EventSourceListener =
  | ((this: EventSourceTarget, event: MessageEvent) => unknown)
  | AnyEventListener;

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 2;

/** How long browsers wait before they open a connection again. */
const RECONNECTION_TIME = 3000;

/** The URL of a source that is made from a stream. */
const STREAM_URL = "about:event-stream";

/**
 * The `EventSource` of HTML, for runtimes that lack it, with headers and a `fetch`
 * of yours.
 *
 * A connection that ends or breaks is opened again, with `Last-Event-ID`; one that
 * is answered with another status than 200, or with another content type, is closed
 * for good. {@linkcode connect} offers more: it also comes back after a 503.
 *
 * @see [HTML, section 9.2.2](https://html.spec.whatwg.org/multipage/server-sent-events.html#the-eventsource-interface)
 *
 * @example
 * ```ts
 * import { EventSource } from "@tidings/sse/client";
 * import { eventStreamResponse } from "@tidings/sse/server";
 * import { assertEquals } from "@std/assert";
 *
 * const source = new EventSource("https://example.com/events", {
 *   headers: { authorization: "Bearer token" },
 *   fetch: () => Promise.resolve(eventStreamResponse([{ event: "tick", data: "1" }])),
 * });
 * const event = await new Promise<MessageEvent>((resolve) =>
 *   source.addEventListener("tick", resolve)
 * );
 * assertEquals(event.data, "1");
 * source.close();
 * ```
 */
export class EventSource extends EventTarget {
  /** The connection is being opened, or waits for that. */
  static get CONNECTING(): 0 {
    return CONNECTING;
  }
  /** The connection is open. */
  static get OPEN(): 1 {
    return OPEN;
  }
  /** The connection is closed for good. */
  static get CLOSED(): 2 {
    return CLOSED;
  }

  /** The connection is being opened, or waits for that. */
  get CONNECTING(): 0 {
    return CONNECTING;
  }
  /** The connection is open. */
  get OPEN(): 1 {
    return OPEN;
  }
  /** The connection is closed for good. */
  get CLOSED(): 2 {
    return CLOSED;
  }

  readonly #url: string;
  readonly #connection: EventConnection;
  readonly #withCredentials: boolean;
  readonly #onopen = new EventHandler<EventSourceTarget, Event>(this, "open");
  readonly #onmessage = new EventHandler<EventSourceTarget, MessageEvent>(
    this,
    "message",
  );
  readonly #onerror = new EventHandler<
    EventSourceTarget,
    EventSourceErrorEvent
  >(
    this,
    "error",
  );
  #readyState: 0 | 1 | 2 = CONNECTING;
  #origin = "";

  /**
   * Opens a connection.
   *
   * @param url Where the events are, relative to the page if there is one.
   * @param options How the requests are made.
   * @throws {DOMException} Named `SyntaxError`, if the URL is none. One that cannot
   * be fetched, as of `mailto:`, closes the source with an `error` event instead.
   */
  constructor(url: string | URL, options: EventSourceOptions = {}) {
    super();
    // JavaScript may say null.
    const { withCredentials = false, headers, fetch } = options ?? {};
    this.#withCredentials = Boolean(withCredentials);
    this.#url = resolveUrl(url);
    const refusal = refusalOf(this.#url, fetch);
    const isOnce = refusal !== undefined || streamOptions.has(options);
    this.#connection = createConnection(
      refusal === undefined ? this.#url : STREAM_URL,
      {
        ...(refusal === undefined
          ? { headers, fetch: fetch ?? globalFetch }
          : { fetch: () => Promise.reject(refusal) }),
        // What it is by default is not known everywhere.
        ...(withCredentials && { credentials: "include" }),
        reconnect: isOnce ? "never" : "always",
        initialDelay: RECONNECTION_TIME,
        responseTimeout: Infinity,
        onOpen: (response) => this.#announce(response),
        onReconnect: ({ cause }) => this.#reestablish(cause),
      },
      HTML_RULES,
    );
    this.#run().then(() => cancelUnread(streamOptions.get(options)));
  }

  /**
   * Reads events from a stream of bytes, such as the body of a response of your own.
   *
   * It is closed when the stream ends, and not opened again. As proposed for HTML.
   *
   * @see [whatwg/html, pull request 12272](https://github.com/whatwg/html/pull/12272)
   *
   * @example
   * ```ts
   * import { EventSource } from "@tidings/sse/client";
   * import { assertEquals } from "@std/assert";
   *
   * const { body } = new Response("data: hello\n\n");
   * if (body === null) throw new Error("it has a body");
   * const source = EventSource.fromReadableStream(body);
   * const { data } = await new Promise<MessageEvent>((resolve) => {
   *   source.onmessage = resolve;
   * });
   * assertEquals(data, "hello");
   * source.close();
   * ```
   *
   * @param stream The bytes.
   * @returns The source, whose `url` is `about:event-stream`.
   * @throws {TypeError} If the stream is locked.
   */
  static fromReadableStream(stream: ReadableStream<Uint8Array>): EventSource {
    const response = new Response(stream, {
      headers: { "content-type": EVENT_STREAM_TYPE },
    });
    const options = { fetch: () => Promise.resolve(response) };
    streamOptions.set(options, stream);
    return new EventSource(STREAM_URL, options);
  }

  /** The URL, resolved. */
  get url(): string {
    return this.#url;
  }

  /** Whether cookies go to other origins too. */
  get withCredentials(): boolean {
    return this.#withCredentials;
  }

  /** `CONNECTING`, `OPEN` or `CLOSED`. */
  get readyState(): 0 | 1 | 2 {
    return this.#readyState;
  }

  /** The last event ID string, of the events dispatched so far. */
  get lastEventId(): string {
    return this.#connection.lastEventId;
  }

  /** How long is waited before the connection is opened again, in milliseconds. */
  get reconnectionTime(): number {
    return this.#connection.reconnectionTime ?? RECONNECTION_TIME;
  }

  /** Called when the connection is open. */
  get onopen(): EventSourceHandler<Event> {
    return this.#onopen.value;
  }
  set onopen(handler: EventSourceHandler<Event>) {
    this.#onopen.value = handler;
  }

  /** Called with events without a type. */
  get onmessage(): EventSourceHandler<MessageEvent> {
    return this.#onmessage.value;
  }
  set onmessage(handler: EventSourceHandler<MessageEvent>) {
    this.#onmessage.value = handler;
  }

  /** Called when the connection has ended or broken. */
  get onerror(): EventSourceHandler<EventSourceErrorEvent> {
    return this.#onerror.value;
  }
  set onerror(handler: EventSourceHandler<EventSourceErrorEvent>) {
    this.#onerror.value = handler;
  }

  /**
   * Adds a listener.
   *
   * @typeParam K The type of the events.
   * @param type The type of the events.
   * @param listener Called with each.
   * @param options As of every `EventTarget`.
   */
  override addEventListener<K extends keyof EventSourceEventMap>(
    type: K,
    listener: (
      this: EventSourceTarget,
      event: EventSourceEventMap[K],
    ) => unknown,
    options?: AddListenerOptions,
  ): void;
  /**
   * Adds a listener of events of a type of your own.
   *
   * @param type The type of the events.
   * @param listener Called with each.
   * @param options As of every `EventTarget`.
   */
  override addEventListener(
    type: string,
    listener: (this: EventSourceTarget, event: MessageEvent) => unknown,
    options?: AddListenerOptions,
  ): void;
  /**
   * Adds a listener of any kind.
   *
   * @param type The type of the events.
   * @param listener A function, or an object with `handleEvent()`.
   * @param options As of every `EventTarget`.
   */
  override addEventListener(
    type: string,
    listener: AnyEventListener,
    options?: AddListenerOptions,
  ): void;
  override addEventListener(
    type: string,
    listener: EventSourceListener,
    options?: AddListenerOptions,
  ): void {
    super.addEventListener(type, anyListener(listener), options);
  }

  /**
   * Removes a listener.
   *
   * @typeParam K The type of the events.
   * @param type The type of the events.
   * @param listener The listener.
   * @param options As of every `EventTarget`.
   */
  override removeEventListener<K extends keyof EventSourceEventMap>(
    type: K,
    listener: (
      this: EventSourceTarget,
      event: EventSourceEventMap[K],
    ) => unknown,
    options?: RemoveListenerOptions,
  ): void;
  /**
   * Removes a listener of events of a type of your own.
   *
   * @param type The type of the events.
   * @param listener The listener.
   * @param options As of every `EventTarget`.
   */
  override removeEventListener(
    type: string,
    listener: (this: EventSourceTarget, event: MessageEvent) => unknown,
    options?: RemoveListenerOptions,
  ): void;
  /**
   * Removes a listener of any kind.
   *
   * @param type The type of the events.
   * @param listener A function, or an object with `handleEvent()`.
   * @param options As of every `EventTarget`.
   */
  override removeEventListener(
    type: string,
    listener: AnyEventListener,
    options?: RemoveListenerOptions,
  ): void;
  override removeEventListener(
    type: string,
    listener: EventSourceListener,
    options?: RemoveListenerOptions,
  ): void {
    super.removeEventListener(type, anyListener(listener), options);
  }

  /** Closes the connection for good. */
  close(): void {
    this.#readyState = CLOSED;
    this.#connection.close();
  }

  /** Reads events until there are no more. */
  async #run(): Promise<void> {
    let error: unknown;
    try {
      for await (const event of this.#connection) this.#dispatch(event);
    } catch (cause) {
      error = cause;
    }
    if (this.#readyState === CLOSED) return;
    this.#readyState = CLOSED;
    this.#fire(error);
    // Unless a listener has begun to read what the server says.
    if (error instanceof EventStreamResponseError) discard(error.response);
  }

  /** HTML: "announce the connection". */
  #announce({ url }: Response): void {
    this.#origin = originOf(url === "" ? this.url : url);
    this.#readyState = OPEN;
    this.dispatchEvent(new Event("open"));
  }

  /** HTML: "reestablish the connection"; what follows is up to the connection. */
  #reestablish(error: unknown): void {
    this.#readyState = CONNECTING;
    this.#fire(error);
  }

  /** HTML, section 9.2.6, "dispatch the event". */
  #dispatch({ event, data, lastEventId }: ServerSentEvent): void {
    if (this.#readyState === CLOSED) return;
    const origin = this.#origin;
    this.dispatchEvent(
      new MessageEvent(event ?? "message", { data, origin, lastEventId }),
    );
  }

  #fire(error: unknown): void {
    this.dispatchEvent(new ErrorOfEventSource(error));
  }
}

/** Events of types other than its own are all dispatched by the source, as `MessageEvent`. */
function anyListener(
  listener: EventSourceListener,
): AnyEventListener {
  return listener as AnyEventListener;
}

/** The event of type `error`. */
class ErrorOfEventSource extends Event implements EventSourceErrorEvent {
  readonly error: unknown;
  constructor(error: unknown) {
    super("error");
    this.error = error;
  }
}

/** The options of sources that are made from a stream, which is read once. */
const streamOptions = new WeakMap<
  EventSourceOptions,
  ReadableStream<Uint8Array>
>();

/** Lets go of a stream that was closed before it was read. */
function cancelUnread(stream: ReadableStream<Uint8Array> | undefined): void {
  // What it says to that does not matter to anybody any more.
  if (stream?.locked === false) stream.cancel().catch(() => {});
}

/** Resolves a URL as a page does. */
function resolveUrl(url: string | URL): string {
  const { document, location }: PageGlobals = globalThis;
  try {
    return new URL(url, document?.baseURI ?? location?.href).href;
  } catch {
    throw new DOMException(
      `Cannot open EventSource: the URL must be valid, got ${
        quote(String(url))
      }`,
      "SyntaxError",
    );
  }
}

/** What `fetch` gets. To try for anything else again and again is futile. */
const FETCHED = /^(?:https?|data|blob):/;

/**
 * What is wrong with a URL that can be parsed, `undefined` if it can be fetched: HTML
 * makes a network error of it.
 */
function refusalOf(url: string, fetch: Fetch | undefined): unknown {
  // Another `fetch` may know others.
  if (fetch === undefined && !FETCHED.test(url)) {
    return new TypeError(
      `Cannot open EventSource: the URL must be one that fetch gets, got ${
        quote(url)
      }`,
    );
  }
  try {
    new Request(url);
    return undefined;
  } catch (error) {
    return error;
  }
}

const globalFetch: Fetch = (input, init) => globalThis.fetch(input, init);

/** What of a page says where it is. */
interface PageGlobals {
  readonly document?: { readonly baseURI: string };
  readonly location?: { readonly href: string };
}

function originOf(url: string): string {
  return new URL(url).origin;
}
