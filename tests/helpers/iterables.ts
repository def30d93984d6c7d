/** An iterable that writes down what becomes of it. */
export interface ObservedIterable<I> {
  /** The iterable. */
  readonly iterable: I;
  /** How often `next()` was called. */
  readonly nexts: () => number;
  /** How often `return()` was called. */
  readonly returns: () => number;
}

/** How an observed iterable ends; an error is thrown by `next()`. */
export type IterableEnd = "done" | { readonly error: unknown };

/** Settings of the observed iterables. */
export interface ObservedIterableOptions<E> {
  /** What happens behind the last value: the end, by default. */
  readonly end?: E;
  /** What `return()` throws or rejects with: nothing, by default. */
  readonly returnError?: unknown;
}

/** A sync iterable, not a generator, of the given values. */
export function observedIterable<T>(
  values: readonly T[],
  options: ObservedIterableOptions<IterableEnd> = {},
): ObservedIterable<Iterable<T>> {
  const { end = "done", returnError } = options;
  let nexts = 0;
  let returns = 0;
  const iterator: Iterator<T, undefined> = {
    next() {
      const index = nexts++;
      if (index < values.length) return { done: false, value: values[index] };
      if (end === "done") return { done: true, value: undefined };
      throw end.error;
    },
    return() {
      returns++;
      if (returnError !== undefined) throw returnError;
      return { done: true, value: undefined };
    },
  };
  return {
    iterable: { [Symbol.iterator]: () => iterator },
    nexts: () => nexts,
    returns: () => returns,
  };
}

/** The same, async; `"wait"` leaves the `next()` behind the last value pending. */
export function observedAsyncIterable<T>(
  values: readonly T[],
  options: ObservedIterableOptions<IterableEnd | "wait"> = {},
): ObservedIterable<AsyncIterable<T>> {
  const { end = "done", returnError } = options;
  let nexts = 0;
  let returns = 0;
  const iterator: AsyncIterator<T, undefined> = {
    next() {
      const index = nexts++;
      if (index < values.length) {
        return Promise.resolve({ done: false, value: values[index] });
      }
      if (end === "wait") return new Promise(() => {});
      return end === "done"
        ? Promise.resolve({ done: true, value: undefined })
        : Promise.reject(end.error);
    },
    return() {
      returns++;
      return returnError === undefined
        ? Promise.resolve({ done: true, value: undefined })
        : Promise.reject(returnError);
    },
  };
  return {
    iterable: { [Symbol.asyncIterator]: () => iterator },
    nexts: () => nexts,
    returns: () => returns,
  };
}
