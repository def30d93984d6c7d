import { writeEvent } from "../wire/_write_event.ts";
import type { EventEncoderOptions } from "../wire/format_event.ts";
import type { ServerSentEvent } from "../wire/event.ts";
import type { EventPull } from "./_event_source.ts";
import { createIdleTimer } from "./_idle_timer.ts";

/** How a body is made. */
export interface EventBodyOptions<T> extends EventEncoderOptions<T> {
  /** The text that comes first. */
  readonly opening: string;
  /** What is sent after how long without traffic. */
  readonly keepAlive:
    | { readonly interval: number; readonly text: string }
    | undefined;
  /** Ends the body cleanly. */
  readonly signal: AbortSignal | undefined;
  /** Told what goes wrong. */
  readonly onError: (error: unknown) => void;
}

/** Events of an iterable leave as one chunk up to about this many code units. */
const CHUNK_SIZE = 16 * 1024;

/**
 * Makes the body of a response from events that are pulled.
 *
 * Nothing is asked of the source before the reader wants it, so that a slow
 * reader slows the source and no queue grows. The stream is neither a transform
 * stream nor a byte stream: its `cancel` is told at once on every runtime that
 * the client has left.
 */
export function eventBody<T>(
  events: EventPull<T>,
  options: EventBodyOptions<T>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { opening, keepAlive, signal, onError } = options;
  const encoder = new TextEncoder();
  let controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  /** Whether a reader waits and nothing is queued before it. */
  let wanted = false;
  /** Whether the source has been asked and not answered yet. */
  let asking = false;
  /** What went wrong, until everything before it was read. */
  let failure: { readonly error: unknown } | undefined;
  let started = false;
  let finished = false;

  const timer = keepAlive && createIdleTimer(keepAlive.interval, () => {
    if (wanted) send(keepAlive.text);
  });

  function send(text: string): void {
    wanted = false;
    timer?.touch();
    controller.enqueue(encoder.encode(text));
  }

  /** Asks the source for what to send next. Rejects only if `onError` throws. */
  async function ask(): Promise<void> {
    asking = true;
    let text = "";
    let ended = false;
    let problem: { readonly error: unknown } | undefined;
    try {
      do {
        const next = events.next();
        const result = next instanceof Promise ? await next : next;
        if (finished) return;
        if (result.done) ended = true;
        else text += write(result.value);
        if (next instanceof Promise) break;
      } while (!ended && text.length < CHUNK_SIZE);
    } catch (error) {
      problem = { error };
    }
    asking = false;
    if (!finished) {
      failure = problem;
      if (text !== "") send(text);
      if (ended && finish()) controller.close();
      failIfWanted();
    }
    if (problem !== undefined) onError(problem.error);
  }

  /** Writes an event; a source that gave one that cannot be written is cancelled. */
  function write(event: ServerSentEvent<T>): string {
    try {
      return writeEvent(event, options);
    } catch (error) {
      leave(error);
      throw error;
    }
  }

  /** Errors the body, once a reader asks for what is behind the last event: an error drops a queue. */
  function failIfWanted(): void {
    if (failure !== undefined && wanted && finish()) {
      controller.error(failure.error);
    }
  }

  function finish(): boolean {
    if (finished) return false;
    finished = true;
    timer?.clear();
    signal?.removeEventListener("abort", onAbort);
    return true;
  }

  /** Cancels the source, but does not wait for one that is in the middle of an `await`. */
  function leave(reason: unknown): void {
    events.cancel(reason).catch(onError);
  }

  function onAbort(): void {
    if (!finish()) return;
    controller.close();
    leave(signal?.reason);
  }

  return new ReadableStream({
    start(defaultController) {
      controller = defaultController;
      controller.enqueue(encoder.encode(opening));
      signal?.addEventListener("abort", onAbort);
      if (signal?.aborted) onAbort();
    },
    pull() {
      if (!started) timer?.touch();
      started = true;
      wanted = true;
      failIfWanted();
      if (!asking && !finished) return void ask();
    },
    cancel(reason) {
      if (finish()) leave(reason);
    },
  }, { highWaterMark: 0 });
}
