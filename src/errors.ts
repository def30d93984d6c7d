import { ownCopy } from "./_own_copy.ts";
import { quote } from "./_quote.ts";
import type { CloseReason } from "./http/close_reason.ts";
import type { ServerSentEvent } from "./wire/event.ts";

/**
 * An event cannot be written: a field holds what the format has no way to say.
 *
 * Thrown before a single byte of the event is written, so that a stream is
 * never left with half an event, and no value can forge another field.
 *
 * @example Catch an id that comes from outside
 * ```ts
 * import { EventBuildError, formatEvent } from "@tidings/sse";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const error = assertThrows(
 *   () => formatEvent({ id: "1\ndata: forged", data: "x" }),
 *   EventBuildError,
 * );
 * assertEquals(error.field, "id");
 * assertEquals(error.value, "1\ndata: forged");
 * ```
 */
export class EventBuildError extends TypeError {
  /** The field at fault, absent when the event as a whole is. */
  readonly field: keyof ServerSentEvent | undefined;
  /** The value that was refused, as it was given. */
  readonly value: unknown;

  /**
   * Makes the error.
   *
   * @param reason Why the event was refused, without the value.
   * @param field The field at fault, if it is one.
   * @param value What was refused.
   * @param act What was to be done with it.
   */
  constructor(
    reason: string,
    field: keyof ServerSentEvent | undefined,
    value: unknown,
    act = "write event",
  ) {
    super(`Cannot ${act}: ${reason}, got ${quote(value)}`);
    this.name = "EventBuildError";
    this.field = field;
    this.value = value;
  }
}

/**
 * A block of an event stream holds more than `maxEventSize` allows.
 *
 * It is final: the stream cannot be read on, since what would follow is unknown.
 *
 * @example Read from a source that nobody vouches for
 * ```ts
 * import { EventParser, EventSizeError } from "@tidings/sse";
 * import { assertThrows } from "@std/assert";
 *
 * const parser = new EventParser({ maxEventSize: 8 });
 * assertThrows(
 *   () => parser.feed(new TextEncoder().encode("data: 123456789")),
 *   EventSizeError,
 * );
 * ```
 */
export class EventSizeError extends RangeError {
  /** The limit that was exceeded, in UTF-16 code units. */
  readonly maxEventSize: number;

  /**
   * Makes the error.
   *
   * @param size How much the event held when it was given up, in UTF-16 code units.
   * @param maxEventSize The limit, in UTF-16 code units.
   */
  constructor(size: number, maxEventSize: number) {
    super(
      `Cannot read event: it must not retain more than ${maxEventSize} code units, got ${size}`,
    );
    this.name = "EventSizeError";
    this.maxEventSize = maxEventSize;
  }
}

/** What an {@linkcode EventDataError} is about. */
export interface EventDataErrorOptions {
  /** What was being done with the data. */
  readonly act: "read" | "write";
  /** Why it failed; by default the message of the cause. */
  readonly reason?: string | undefined;
  /** The type of the event, absent when it has none. */
  readonly event?: string | undefined;
  /** The raw text of the data, or what could not be written. */
  readonly data: unknown;
  /** The error underneath: of `JSON.parse`, or the issues of a schema. */
  readonly cause?: unknown;
}

/** How much of a text an {@linkcode EventDataError} keeps, in UTF-16 code units. */
const KEPT_LENGTH = 1024;

/** How much of a reason goes into a message. */
const REASON_LENGTH = 200;

/** Cuts a text, so that an error which is kept does not keep all of it in memory. */
function cut(text: string): string {
  return text.length <= KEPT_LENGTH
    ? ownCopy(text)
    : ownCopy(text.slice(0, KEPT_LENGTH));
}

/** Keeps a reason that quotes the data from growing or forging lines of a log. */
function oneLine(reason: string): string {
  return reason.slice(0, REASON_LENGTH).replace(
    /[\p{Cc}\u2028\u2029]/gu,
    " ",
  );
}

/**
 * The data of an event is not what its codec reads, or not what it can write.
 *
 * On reading it concerns one event only: those before it have been handed out,
 * and an {@linkcode EventParser} goes on behind it.
 *
 * @example See what came instead of JSON
 * ```ts
 * import { EventDataError, EventParser, jsonData } from "@tidings/sse";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const parser = new EventParser({ data: jsonData() });
 * const error = assertThrows(
 *   () => parser.feed(new TextEncoder().encode("event: price\ndata: n/a\n\n")),
 *   EventDataError,
 * );
 * assertEquals(error.event, "price");
 * assertEquals(error.data, "n/a");
 * ```
 */
export class EventDataError extends SyntaxError {
  /** The type of the event, cut at 1024 code units; absent when it has none. */
  readonly event: string | undefined;
  /** The raw text, cut at 1024 code units; what could not be written, as it was given. */
  readonly data: unknown;

  /**
   * Makes the error.
   *
   * @param options What was done with which data, and why it failed.
   */
  constructor(options: EventDataErrorOptions) {
    const { act, event, data, cause } = options;
    const {
      reason = cause instanceof Error ? cause.message : "the codec refuses it",
    } = options;
    const which = event === undefined ? "" : ` of event ${quote(event)}`;
    super(
      `Cannot ${act} event data${which}: ${oneLine(reason)}, got ${
        quote(data)
      }`,
      cause === undefined ? undefined : { cause },
    );
    this.name = "EventDataError";
    this.event = event === undefined ? undefined : cut(event);
    this.data = typeof data === "string" ? cut(data) : data;
  }
}

/**
 * A response is not an event stream: by its status, its content type, or a content
 * coding that `fetch` has not decoded.
 *
 * It holds the response, so that a program can show the server's own words: its body
 * is unread unless it is coded. Read or cancel the body: an unread one keeps a
 * connection.
 *
 * @example Show what the server said instead
 * ```ts
 * import { EventStreamResponseError, fetchEventStream } from "@tidings/sse/client";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const error = await assertRejects(
 *   () =>
 *     fetchEventStream("https://example.com/events", {
 *       fetch: () => Promise.resolve(new Response("Log in first", { status: 401 })),
 *     }),
 *   EventStreamResponseError,
 * );
 * assertEquals(error.response.status, 401);
 * assertEquals(await error.response.text(), "Log in first");
 * ```
 */
export class EventStreamResponseError extends Error {
  /** The response. */
  readonly response: Response;

  /**
   * Makes the error.
   *
   * @param reason What an event stream must have and this response has not.
   * @param value What it has instead.
   * @param response The response.
   */
  constructor(reason: string, value: unknown, response: Response) {
    super(`Cannot read event stream: ${reason}, got ${quote(value)}`);
    this.name = "EventStreamResponseError";
    this.response = response;
  }
}

/**
 * A server takes too long: it does not answer, is silent in the middle of a stream,
 * or asks to come back later than the program would wait.
 *
 * @example A server that never answers
 * ```ts
 * import { EventStreamTimeoutError } from "@tidings/sse";
 * import { connect } from "@tidings/sse/client";
 * import { assertRejects } from "@std/assert";
 *
 * const events = connect("https://example.com/events", {
 *   fetch: () => new Promise(() => {}),
 *   responseTimeout: 10,
 *   reconnect: "never",
 * });
 * await assertRejects(() => Array.fromAsync(events), EventStreamTimeoutError);
 * ```
 */
export class EventStreamTimeoutError extends Error {
  /** How long it took, or was to take, in milliseconds. */
  readonly elapsed: number;

  /**
   * Makes the error.
   *
   * @param reason What the server must do in which time, and what it did.
   * @param elapsed How long it took, or was to take, in milliseconds.
   * @param cause The error underneath: of a response that asks to come back later.
   */
  constructor(reason: string, elapsed: number, cause?: unknown) {
    super(
      `Cannot wait for event stream: ${reason}`,
      cause === undefined ? undefined : { cause },
    );
    this.name = "EventStreamTimeoutError";
    this.elapsed = elapsed;
  }
}

/**
 * A stream ended before the event that marks its end (the option `until`).
 *
 * What came before was delivered; it is not the whole answer.
 *
 * @example Tell a whole answer from one that was cut off
 * ```ts
 * import { EventStream, IncompleteStreamError } from "@tidings/sse";
 * import { assertRejects } from "@std/assert";
 *
 * const cutOff = new Response("data: Once upon a\n\n");
 * await assertRejects(
 *   async () => {
 *     const until = ({ data }: { data?: string }) => data === "[DONE]";
 *     for await (const _ of new EventStream(cutOff, { until }));
 *   },
 *   IncompleteStreamError,
 * );
 * ```
 */
export class IncompleteStreamError extends Error {
  /** The last event ID string when the stream ended, from which it may be resumed. */
  readonly lastEventId: string;

  /**
   * Makes the error.
   *
   * @param lastEventId The last event ID string when the stream ended.
   * @param reason Why it is not complete.
   */
  constructor(
    lastEventId: string,
    reason = "it ended before its closing event",
  ) {
    super(
      `Cannot complete event stream: ${reason}, got last event ID ${
        quote(lastEventId)
      }`,
    );
    this.name = "IncompleteStreamError";
    this.lastEventId = lastEventId;
  }
}

/**
 * Nothing can be sent any more: the stream has ended.
 *
 * @example Send until the client leaves
 * ```ts
 * import { StreamClosedError } from "@tidings/sse";
 * import { eventStreamResponse } from "@tidings/sse/server";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const response = eventStreamResponse(async (sender) => {
 *   const error = await assertRejects(async () => {
 *     while (true) await sender.send({ data: "x".repeat(1000) });
 *   }, StreamClosedError);
 *   assertEquals(error.reason, "client");
 * });
 * await response.body?.cancel();
 * ```
 */
export class StreamClosedError extends Error {
  /** Why the stream has ended. */
  readonly reason: CloseReason;

  /**
   * Makes the error.
   *
   * @param reason Why the stream has ended.
   */
  constructor(reason: CloseReason) {
    super(
      `Cannot send event: the stream has ended, got reason ${quote(reason)}`,
    );
    this.name = "StreamClosedError";
    this.reason = reason;
  }
}

/**
 * More was sent than a client reads and `maxQueuedBytes` allows to queue for it.
 *
 * It ends the stream: a client that reconnects with its last event ID misses
 * nothing, and memory stays bounded.
 *
 * @example A client that reads nothing
 * ```ts
 * import { SlowSubscriberError } from "@tidings/sse";
 * import { eventStreamResponse } from "@tidings/sse/server";
 * import { assertRejects } from "@std/assert";
 *
 * const sent: Promise<void>[] = [];
 * const response = eventStreamResponse((sender) => {
 *   for (let i = 0; i < 3; i++) sent.push(sender.send({ data: "x".repeat(500) }));
 * }, { maxQueuedBytes: 1000 });
 * await assertRejects(() => Promise.all(sent), SlowSubscriberError);
 * await assertRejects(() => response.text(), SlowSubscriberError);
 * ```
 */
export class SlowSubscriberError extends Error {
  /** How many bytes would have been queued. */
  readonly queuedBytes: number;
  /** How many may be queued. */
  readonly maxQueuedBytes: number;

  /**
   * Makes the error.
   *
   * @param queuedBytes How many bytes would have been queued.
   * @param maxQueuedBytes How many may be queued.
   * @param events How many events, if it was those that were too many.
   */
  constructor(
    queuedBytes: number,
    maxQueuedBytes: number,
    events?: { readonly queued: number; readonly max: number },
  ) {
    const most = events === undefined
      ? `${maxQueuedBytes} bytes`
      : `${events.max} events`;
    super(
      `Cannot send event: no more than ${most} may be queued for a client, got ${
        events === undefined ? queuedBytes : events.queued
      }`,
    );
    this.name = "SlowSubscriberError";
    this.queuedBytes = queuedBytes;
    this.maxQueuedBytes = maxQueuedBytes;
  }
}

/** The status that answers a request whose signals cannot be read. */
export type ReadSignalsStatus = 400 | 413 | 415;

/**
 * The signals of a request cannot be read: there are none, they are not what they
 * should be, or too long.
 *
 * @example Answer with it
 * ```ts
 * import { ReadSignalsError } from "@tidings/sse";
 * import { readSignals } from "@tidings/sse/datastar";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const request = new Request("https://example.com/?datastar={");
 * const error = await assertRejects(() => readSignals(request), ReadSignalsError);
 * assertEquals(error.toResponse().status, 400);
 * ```
 */
export class ReadSignalsError extends Error {
  /** The status to answer with. */
  readonly status: ReadSignalsStatus;

  /**
   * Makes the error.
   *
   * @param status The status to answer with.
   * @param reason What the signals must be and are not.
   * @param value What was read instead.
   * @param cause The error underneath: of `JSON.parse`, or the issues of a schema.
   */
  constructor(
    status: ReadSignalsStatus,
    reason: string,
    value: unknown,
    cause?: unknown,
  ) {
    super(
      `Cannot read signals: ${oneLine(reason)}, got ${quote(value)}`,
      cause === undefined ? undefined : { cause },
    );
    this.name = "ReadSignalsError";
    this.status = status;
  }

  /**
   * Makes the response that tells the client.
   *
   * @returns A response with the status, and the message as its text.
   */
  toResponse(): Response {
    return new Response(`${this.message}\n`, {
      status: this.status,
      headers: {
        "content-type": "text/plain; charset=utf-8",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
      },
    });
  }
}

/**
 * An event could not be appended to the log of a hub.
 *
 * @example Tell what is known from what is not
 * ```ts
 * import { EventLogError } from "@tidings/sse";
 * import { EventHub, redisEventLog } from "@tidings/sse/server";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const send = () => Promise.reject(new Error("connection lost"));
 * const log = redisEventLog({ send, sendBlocking: send, key: "events" });
 * const hub = new EventHub({ log });
 * const error = await assertRejects(() => hub.publish({ data: "x" }), EventLogError);
 * assertEquals(error.outcome, "unknown");
 * await hub.close();
 * ```
 */
export class EventLogError extends Error {
  /**
   * Whether the event is in the log: `"refused"` means that it is not, `"unknown"`
   * that the connection was lost before the log could say.
   */
  readonly outcome: "refused" | "unknown";

  /**
   * Makes the error.
   *
   * @param outcome Whether the event is in the log.
   * @param cause What the log or the connection says.
   */
  constructor(outcome: "refused" | "unknown", cause: unknown) {
    const reason = outcome === "refused"
      ? "the log has refused it"
      : "the outcome is unknown, it may be in the log";
    super(
      `Cannot publish event: ${reason}, got ${
        quote(cause instanceof Error ? cause.message : cause)
      }`,
      { cause },
    );
    this.name = "EventLogError";
    this.outcome = outcome;
  }
}
