/** A stream of the given chunks. */
export function streamOf<T>(...chunks: readonly T[]): ReadableStream<T> {
  return ReadableStream.from(chunks);
}

/** All that a stream or an iterable gives. */
export function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  return Array.fromAsync(source);
}

/** A source of chunks that writes down what becomes of it. */
export interface ObservedSource<T> {
  /** The source. */
  readonly stream: ReadableStream<T>;
  /** The reason of each `cancel`. */
  readonly cancels: unknown[];
  /** Resolves at the first `cancel`. */
  readonly cancelled: Promise<void>;
  /** How many chunks were asked for. */
  readonly pulls: () => number;
}

/** Gives the chunks one by one as they are asked for, then ends, fails or waits for ever. */
export function observedSource<T>(
  chunks: readonly T[],
  end: "close" | "wait" | { readonly error: unknown } = "close",
): ObservedSource<T> {
  const cancels: unknown[] = [];
  const { promise: cancelled, resolve } = Promise.withResolvers<void>();
  let pulls = 0;
  const stream = new ReadableStream<T>({
    pull(controller) {
      const index = pulls++;
      if (index < chunks.length) controller.enqueue(chunks[index]);
      else if (end === "close") controller.close();
      else if (end !== "wait") controller.error(end.error);
    },
    cancel(reason) {
      cancels.push(reason);
      resolve();
    },
  }, { highWaterMark: 0 });
  return { stream, cancels, cancelled, pulls: () => pulls };
}
