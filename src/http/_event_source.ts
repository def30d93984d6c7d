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

/** Events that are pulled one after the other. */
export interface EventPull<T> {
  /** The next event, or `undefined` at the end. */
  next():
    | Promise<ServerSentEvent<T> | undefined>
    | ServerSentEvent<T>
    | undefined;
  /** Tells the source, once, that no more is wanted. */
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
  return {
    next: async () => (await reader.read()).value,
    cancel: (reason) => reader.cancel(reason),
  };
}

function pullAsyncIterable<T>(
  iterable: AsyncIterable<ServerSentEvent<T>>,
): EventPull<T> {
  const iterator = iterable[Symbol.asyncIterator]();
  return {
    async next() {
      const { done, value } = await iterator.next();
      return done ? undefined : value;
    },
    async cancel() {
      await iterator.return?.();
    },
  };
}

function pullIterable<T>(iterable: Iterable<ServerSentEvent<T>>): EventPull<T> {
  const iterator = iterable[Symbol.iterator]();
  return {
    next() {
      const { done, value } = iterator.next();
      return done ? undefined : value;
    },
    async cancel() {
      await Promise.resolve(iterator.return?.());
    },
  };
}
