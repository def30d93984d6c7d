import { SlowSubscriberError, StreamClosedError } from "../errors.ts";
import { writeEvent } from "../wire/_write_event.ts";
import type { EventEncoderOptions } from "../wire/format_event.ts";
import type { ServerSentEvent } from "../wire/event.ts";
import type { EventBody } from "./_event_body.ts";
import { tell } from "./_tell.ts";
import type { CloseReason } from "./close_reason.ts";

/**
 * Sends events to one client.
 *
 * @typeParam T What the data of an event is.
 */
export interface EventSender<T = string> {
  /**
   * Sends an event.
   *
   * Events sent in one turn leave as one chunk. The promise resolves when there
   * is room for more, so that awaiting it slows the producer to its reader. It
   * may be left alone, too: a rejection that nobody looks at does not crash the
   * process.
   *
   * @param event The event.
   * @returns A promise that resolves when less than `highWaterMark` is queued. It
   * rejects with a `StreamClosedError` when the stream has ended, with a
   * `SlowSubscriberError` when more than `maxQueuedBytes` would be queued, which
   * ends the stream, and with an `EventBuildError` or `EventDataError` when the
   * event cannot be written, which `onError` is told too.
   */
  send(event: ServerSentEvent<T>): Promise<void>;
  /**
   * Sends a comment, which clients do not see.
   *
   * @param text The comment, `""` by default.
   * @returns As of {@linkcode EventSender.send}.
   */
  comment(text?: string): Promise<void>;
  /** Ends the stream, behind what was sent. */
  close(): void;
  /** Aborted when the stream has ended, whatever the reason. */
  readonly signal: AbortSignal;
  /** How many bytes wait for the client to read them. */
  readonly queuedBytes: number;
}

/** How much is queued for a client; defaults applied. */
export interface EventSenderOptions<T> extends EventEncoderOptions<T> {
  /** What is queued at most, in bytes. */
  readonly maxQueuedBytes: number;
  /** Below this many queued bytes a producer goes on. */
  readonly highWaterMark: number;
  /** Told what cannot be sent. */
  readonly onError: (error: unknown) => unknown;
}

/** A sender, and what its body tells it. */
export interface EventSenderSide<T> {
  /** What the producer gets. */
  readonly sender: EventSender<T>;
  /** Something that was queued has been read. */
  drained(): void;
  /** The stream has ended. */
  ended(reason: CloseReason): void;
}

/** Makes a sender that fills a body. */
export function createEventSender<T>(
  body: EventBody,
  options: EventSenderOptions<T>,
): EventSenderSide<T> {
  const { maxQueuedBytes, highWaterMark, onError } = options;
  const encoder = new TextEncoder();
  const closed = new AbortController();
  let closedError: StreamClosedError | undefined;
  /** All who wait for room: they are let go together. */
  let waiting: Waiting | undefined;

  function closedErrorOf(reason: CloseReason): StreamClosedError {
    return closedError ??= new StreamClosedError(reason);
  }

  function send(event: ServerSentEvent<T>): Promise<void> {
    const { closeReason } = body;
    if (closeReason !== undefined) return refuse(closedErrorOf(closeReason));
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = encoder.encode(writeEvent(event, options));
    } catch (error) {
      tell(onError, error);
      return refuse(error);
    }
    const size = body.queuedBytes + bytes.length;
    // An event larger than the bound is taken into an empty queue, or never.
    if (size > maxQueuedBytes && body.queuedBytes > 0) {
      const error = new SlowSubscriberError(size, maxQueuedBytes);
      body.abort("slow", error);
      return refuse(error);
    }
    body.push(bytes);
    if (size < highWaterMark) return Promise.resolve();
    waiting ??= createWaiting();
    return waiting.promise;
  }

  return {
    sender: {
      send,
      comment: (text = "") => send({ comments: [text] }),
      close: () => body.close("closed"),
      signal: closed.signal,
      get queuedBytes() {
        return body.queuedBytes;
      },
    },
    drained() {
      const { queuedBytes } = body;
      if (queuedBytes > 0 && queuedBytes >= highWaterMark) return;
      waiting?.resolve();
      waiting = undefined;
    },
    ended(reason) {
      const error = closedErrorOf(reason);
      waiting?.reject(error);
      waiting = undefined;
      closed.abort(error);
    },
  };
}

interface Waiting {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(error: unknown): void;
}

function createWaiting(): Waiting {
  let resolve = () => {};
  let reject = (_error: unknown) => {};
  const promise = handled(
    new Promise<void>((resolvePromise, rejectPromise) => {
      resolve = resolvePromise;
      reject = rejectPromise;
    }),
  );
  return { promise, resolve, reject };
}

function refuse(error: unknown): Promise<never> {
  return handled(Promise.reject(error));
}

/** Marks a promise as handled: a timer that does not await it must not crash the process. */
function handled<R>(promise: Promise<R>): Promise<R> {
  promise.catch(() => {});
  return promise;
}
