import type { EventStream } from "../wire/event_stream.ts";
import type { ServerSentEvent } from "../wire/event.ts";
import type { ServerSentEventSource } from "./_event_source.ts";

/**
 * What a proxy makes of the events that pass.
 *
 * A function gets each event in turn, and returns what is sent instead: an
 * event, several, or nothing. A `TransformStream` may do as it likes.
 *
 * @typeParam T What the data of an event is.
 */
export type EventTransform<T = string> =
  | ((
    event: ServerSentEvent<T>,
  ) => ServerSentEvent<T> | Iterable<ServerSentEvent<T>> | null | void)
  | ReadableWritablePair<ServerSentEvent<T>, ServerSentEvent<T>>;

/** Sends events through a transform. */
export function applyTransform<T>(
  events: EventStream<T>,
  transform: EventTransform<T> | undefined,
): ServerSentEventSource<T> {
  if (transform === undefined) return events;
  return typeof transform === "function"
    ? transformEach(events, transform)
    : events.toReadableStream().pipeThrough(transform);
}

/** The events that a function makes of others. It is left at once, even while it waits for one. */
function transformEach<T>(
  events: EventStream<T>,
  transform: Extract<EventTransform<T>, CallableFunction>,
): AsyncIterable<ServerSentEvent<T>> {
  const source = events[Symbol.asyncIterator]();
  let ready: Iterator<ServerSentEvent<T>> | undefined;

  /** Leaves the source if the transform throws. */
  function orLeave<R>(act: () => R): R {
    try {
      return act();
    } catch (error) {
      // What the source says to being cancelled comes second to the failure.
      events.cancel(error).catch(() => {});
      throw error;
    }
  }

  const iterator: AsyncIterator<ServerSentEvent<T>> = {
    async next() {
      for (;;) {
        const result = orLeave(() => ready?.next());
        if (result !== undefined && !result.done) return result;
        ready = undefined;
        const { done, value } = await source.next();
        if (done) return { done, value: undefined };
        ready = orLeave(() => several(transform(value))[Symbol.iterator]());
      }
    },
    async return() {
      try {
        ready?.return?.();
      } finally {
        await events.cancel();
      }
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}

function several<T>(
  result: ReturnType<Extract<EventTransform<T>, CallableFunction>>,
): Iterable<ServerSentEvent<T>> {
  if (result === undefined || result === null) return [];
  return Symbol.iterator in result ? result : [result];
}
