import { writeEvent } from "../wire/_write_event.ts";
import type { EventEncoderOptions } from "../wire/format_event.ts";
import type { ServerSentEvent } from "../wire/event.ts";
import { CHUNK_BYTES } from "./_chunk_bytes.ts";
import { concatBytes } from "./_concat_bytes.ts";
import { createIdleTimer } from "./_idle_timer.ts";
import { tell } from "./_tell.ts";
import type { CloseReason } from "./close_reason.ts";

/** Told what goes wrong. What it returns is an event, or does not matter. */
export type ErrorListener<T> =
  | ((error: unknown) => void)
  | ((error: unknown) => ServerSentEvent<T> | undefined);

/** How a body is made; all defaults applied. */
export interface EventBodyOptions<T> extends EventEncoderOptions<T> {
  /** The text that comes first. */
  readonly opening: string;
  /** What is sent after how long without traffic. */
  readonly keepAlive:
    | { readonly interval: number; readonly text: string }
    | undefined;
  /** Ends the body cleanly. */
  readonly signal: AbortSignal | undefined;
  /** Ends the body cleanly after so many milliseconds. */
  readonly lifetime: number | undefined;
  /** Told once why the body has ended. */
  readonly onClose: (reason: CloseReason) => void;
  /** Told what goes wrong; may give a last event. */
  readonly onError: ErrorListener<T>;
}

/** Who fills a body. */
export interface EventBodyFiller {
  /** A reader waits, and nothing is queued for it. */
  wanted(): void;
  /** Something that was queued has been read. */
  drained(): void;
  /** The body has ended: called once. */
  ended(reason: CloseReason, cause: unknown): void;
}

/** The body of a response, as those who fill it see it. */
export interface EventBody {
  /** The bytes. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** How many bytes are queued. */
  readonly queuedBytes: number;
  /** Why the body has ended, `undefined` before. */
  readonly closeReason: CloseReason | undefined;
  /** Queues bytes. What is queued in one turn leaves as one chunk. */
  push(bytes: Uint8Array<ArrayBuffer>): void;
  /** Ends the body behind what is queued. */
  close(reason: CloseReason, cause?: unknown): void;
  /**
   * Tells `onError`; the body ends behind what is queued, with the last event
   * that `onError` gives or else with the error.
   */
  fail(error: unknown): void;
  /** Errors the body at once: what is queued is dropped. */
  abort(reason: CloseReason, error: unknown): void;
}

/** Pieces shorter than this are joined while they wait. */
const SMALL_PIECE = 1024;

/** So many of them at a time. */
const GATHERED_PIECES = 256;

/**
 * Makes a body.
 *
 * Its stream is pulled: nothing is handed to it before its reader wants it, so
 * that what a client has not read is counted here and nowhere else. It is
 * neither a transform stream nor a byte stream: its `cancel` is told at once
 * that the client has left, on every runtime that can tell.
 */
export function createEventBody<T>(
  filler: EventBodyFiller,
  options: EventBodyOptions<T>,
): EventBody {
  const { opening, keepAlive, signal, lifetime, onClose, onError } = options;
  const encoder = new TextEncoder();
  let controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  let queue: Uint8Array<ArrayBuffer>[] = [];
  let queuedBytes = 0;
  /** How many small pieces stand at the end of the queue. */
  let loose = 0;
  /** Whether a reader waits and nothing is on its way to it. */
  let wanted = false;
  let flushing = false;
  let started = false;
  let closeReason: CloseReason | undefined;
  /** Whether the reader has gone, of which it may tell within a call of `enqueue`. */
  let cancelled = false;
  /** What errors the stream, once everything before it was read. */
  let failure: { readonly error: unknown } | undefined;
  let lifetimeTimer: ReturnType<typeof setTimeout> | undefined;

  const idleTimer = keepAlive && createIdleTimer(keepAlive.interval, () => {
    if (wanted) enqueue(encoder.encode(keepAlive.text));
  });

  function enqueue(bytes: Uint8Array<ArrayBuffer>): void {
    wanted = false;
    idleTimer?.touch();
    controller.enqueue(bytes);
  }

  /** Takes what is queued, up to about `limit` bytes. */
  function take(limit: number): Uint8Array<ArrayBuffer> {
    let count = 0;
    let bytes = 0;
    do bytes += queue[count++].length; while (
      count < queue.length && bytes + queue[count].length <= limit
    );
    queuedBytes -= bytes;
    const taken = queue.slice(0, count);
    queue = count === queue.length ? [] : queue.slice(count);
    loose = Math.min(loose, queue.length);
    return concatBytes(taken);
  }

  /**
   * Joins small pieces, many of which would take far more memory than the bytes
   * that are counted: 150 MiB for a mebibyte of empty comments.
   */
  function gather(length: number): void {
    loose = length < SMALL_PIECE ? loose + 1 : 0;
    if (loose < GATHERED_PIECES) return;
    const pieces = queue.splice(-loose);
    queue.push(concatBytes(pieces));
    loose = 0;
  }

  function flush(): void {
    flushing = false;
    if (!wanted || queue.length === 0 || closeReason !== undefined) return;
    enqueue(take(CHUNK_BYTES));
    filler.drained();
  }

  function end(reason: CloseReason, cause: unknown): void {
    // First of all: some calls below let other code run.
    closeReason = reason;
    idleTimer?.clear();
    clearTimeout(lifetimeTimer);
    signal?.removeEventListener("abort", onAbort);
    queue = [];
    queuedBytes = 0;
    filler.ended(reason, cause);
  }

  /** Hands over all that is queued: it is bounded, and read before the end. */
  function flushAll(): void {
    if (queue.length === 0) return;
    enqueue(take(Infinity));
    filler.drained();
  }

  function close(reason: CloseReason, cause?: unknown): void {
    if (closeReason === undefined) flushAll();
    if (closeReason !== undefined) return;
    end(reason, cause);
    if (!cancelled) controller.close();
    tell(onClose, reason);
  }

  function fail(error: unknown): void {
    const last = encodeLast(
      tell<unknown, ServerSentEvent<T> | void>(onError, error),
    );
    // It may have ended meanwhile, or before.
    if (closeReason === undefined) flushAll();
    if (closeReason !== undefined) return;
    end("error", error);
    if (last === undefined) {
      failure = { error };
      failIfWanted();
    } else {
      if (!cancelled) controller.enqueue(last);
      if (!cancelled) controller.close();
    }
    tell(onClose, "error");
  }

  /** Writes what `onError` returned if it is an event; anything else does not matter. */
  function encodeLast(
    event: ServerSentEvent<T> | void,
  ): Uint8Array<ArrayBuffer> | undefined {
    if (typeof event !== "object" || event === null || "then" in event) return;
    try {
      return encoder.encode(writeEvent(event, options));
    } catch {
      // The stream errors with what happened first, which `onError` knows.
      return undefined;
    }
  }

  /** Errors the stream once its reader asks for what is behind the last chunk: an error drops a queue. */
  function failIfWanted(): void {
    if (failure !== undefined && wanted) controller.error(failure.error);
  }

  function onAbort(): void {
    close("signal", signal?.reason);
  }

  function start(): void {
    if (started) return;
    started = true;
    idleTimer?.touch();
    if (lifetime !== undefined) {
      lifetimeTimer = setTimeout(() => close("max-duration"), lifetime);
    }
  }

  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(defaultController) {
      controller = defaultController;
      controller.enqueue(encoder.encode(opening));
    },
    pull() {
      wanted = true;
      if (closeReason !== undefined) return failIfWanted();
      start();
      flush();
      if (wanted && closeReason === undefined) filler.wanted();
    },
    cancel(reason) {
      cancelled = true;
      if (closeReason !== undefined) return;
      end("client", reason);
      tell(onClose, "client");
    },
  }, { highWaterMark: 0 });

  signal?.addEventListener("abort", onAbort);
  if (signal?.aborted) onAbort();

  return {
    stream,
    get queuedBytes() {
      return queuedBytes;
    },
    get closeReason() {
      return closeReason;
    },
    push(bytes) {
      if (closeReason !== undefined) return;
      queue.push(bytes);
      queuedBytes += bytes.length;
      gather(bytes.length);
      if (flushing || !wanted) return;
      flushing = true;
      queueMicrotask(flush);
    },
    close,
    fail,
    abort(reason, error) {
      if (closeReason !== undefined) return;
      end(reason, error);
      controller.error(error);
      tell(onClose, reason);
    },
  };
}
