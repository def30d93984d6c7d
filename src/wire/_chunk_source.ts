import { quote } from "../_quote.ts";

/** Where the bytes of an event stream may come from. */
export type EventStreamSource =
  | Response
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>;

/** Chunks that are pulled one after the other. */
export interface ChunkSource {
  /**
   * Keeps a response in memory as long as its body is read: runtimes forget
   * with it that the signal of its request was to abort the body.
   */
  readonly owner?: Response;
  /** The next chunk, or `undefined` at the end and after `cancel`. */
  read(): Promise<Uint8Array | undefined>;
  /** Tells the source, the first time and if it has not failed, that no more is wanted. */
  cancel(reason: unknown): Promise<void>;
}

/**
 * Takes hold of a source.
 *
 * @throws {TypeError} If it is none, or somebody reads it already.
 */
export function chunkSource(source: EventStreamSource): ChunkSource {
  if (typeof source === "object" && source !== null) {
    if ("getReader" in source) return streamChunks(source);
    if (Symbol.asyncIterator in source) return iterableChunks(source);
    if ("body" in source) {
      return source.body === null
        ? NO_CHUNKS
        : { ...streamChunks(source.body), owner: source };
    }
  }
  throw new TypeError(
    `Cannot read event stream: the source must be a Response, a ReadableStream or an async iterable, got ${
      quote(source)
    }`,
  );
}

const NO_CHUNKS: ChunkSource = {
  read: () => Promise.resolve(undefined),
  cancel: () => Promise.resolve(),
};

function streamChunks(stream: ReadableStream<Uint8Array>): ChunkSource {
  if (stream.locked) {
    throw new TypeError(
      "Cannot read event stream: the source must not be locked, got one that is read already",
    );
  }
  const reader = stream.getReader();
  let cancelled: Promise<void> | undefined;
  return {
    async read() {
      try {
        const { done, value } = await reader.read();
        if (done) reader.releaseLock();
        return value;
      } catch (error) {
        cancelled ??= Promise.resolve();
        throw error;
      }
    },
    cancel(reason) {
      cancelled ??= reader.cancel(reason);
      return cancelled;
    },
  };
}

function iterableChunks(iterable: AsyncIterable<Uint8Array>): ChunkSource {
  const iterator = iterable[Symbol.asyncIterator]();
  let cancelled: Promise<void> | undefined;
  let abandonRead = () => {};
  return {
    read() {
      // A generator that is suspended in an `await` answers `return()` only
      // after that: a read must not wait for it.
      return new Promise((resolve, reject) => {
        abandonRead = () => resolve(undefined);
        iterator.next().then(
          ({ done, value }) => resolve(done ? undefined : value),
          (error) => {
            cancelled ??= Promise.resolve();
            reject(error);
          },
        );
      });
    },
    cancel() {
      cancelled ??= Promise.resolve(iterator.return?.()).then(() => {});
      abandonRead();
      return cancelled;
    },
  };
}
