import { quote } from "../_quote.ts";
import type { ServerSentEvent } from "../wire/event.ts";

/**
 * Where the events of a response may come from.
 *
 * @typeParam T What the data of an event is.
 */
export type ServerSentEventSource<T = string> =
  | ReadableStream<ServerSentEvent<T>>
  | AsyncIterable<ServerSentEvent<T>>
  | Iterable<ServerSentEvent<T>>;

/** What a source answers: an event, or the end. */
export type EventResult<T> =
  | { readonly done?: false | undefined; readonly value: ServerSentEvent<T> }
  | { readonly done: true };

/** Events that are pulled one after the other. */
export interface EventPull<T> {
  /** Asks for the next event. */
  next(): EventResult<T> | Promise<EventResult<T>>;
  /**
   * Tells the source that no more is wanted: the first time, and unless it has
   * ended or failed by itself.
   */
  cancel(reason: unknown): Promise<void>;
}

/**
 * Takes hold of a source of events.
 *
 * @throws {TypeError} If it is none, or a stream that is locked.
 */
export function pullEvents<T>(source: ServerSentEventSource<T>): EventPull<T> {
  if (typeof source === "object" && source !== null) {
    if ("getReader" in source) return pullStream(source);
    if (Symbol.asyncIterator in source) return pullAsyncIterable(source);
    if (Symbol.iterator in source) return pullIterable(source);
  }
  throw new TypeError(
    `Cannot send events: the source must be a ReadableStream or an iterable of events, got ${
      quote(source)
    }`,
  );
}

function pullStream<T>(
  stream: ReadableStream<ServerSentEvent<T>>,
): EventPull<T> {
  const reader = stream.getReader();
  return pullOnce(
    () => reader.read(),
    (reason) => reader.cancel(reason),
  );
}

function pullAsyncIterable<T>(
  iterable: AsyncIterable<ServerSentEvent<T>>,
): EventPull<T> {
  const iterator = iterable[Symbol.asyncIterator]();
  return pullOnce(
    () => iterator.next(),
    async () => {
      await iterator.return?.();
    },
  );
}

function pullIterable<T>(iterable: Iterable<ServerSentEvent<T>>): EventPull<T> {
  const iterator = iterable[Symbol.iterator]();
  let running = false;
  let over = false;
  return {
    next() {
      running = true;
      try {
        const result = iterator.next();
        over ||= result.done === true;
        return result.done ? END : result;
      } catch (error) {
        over = true;
        throw error;
      } finally {
        running = false;
      }
    },
    async cancel() {
      // A generator cannot return while it runs, as when it aborts its own signal.
      if (running) await undefined;
      if (over) return;
      over = true;
      iterator.return?.();
    },
  };
}

const END: EventResult<never> = { done: true };

function pullOnce<T>(
  next: () => Promise<EventResult<T> | IteratorReturnResult<unknown>>,
  cancel: (reason: unknown) => Promise<void>,
): EventPull<T> {
  let over = false;
  return {
    async next() {
      try {
        const result = await next();
        over ||= result.done === true;
        return result.done ? END : result;
      } catch (error) {
        over = true;
        throw error;
      }
    },
    async cancel(reason) {
      if (over) return;
      over = true;
      await cancel(reason);
    },
  };
}
