import { quote } from "../_quote.ts";
import { EventStreamResponseError } from "../errors.ts";

/** Where the bytes of an event stream may come from. */
export type EventStreamSource =
  | Response
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>;

/** The next chunk of a source, or its end. */
export type ChunkResult =
  | { readonly done?: false | undefined; readonly value: Uint8Array }
  | { readonly done: true };

/** Chunks that are pulled one after the other. */
export interface ChunkSource {
  /**
   * Keeps a response in memory as long as its body is read: runtimes forget
   * with it that the signal of its request was to abort the body.
   */
  readonly owner?: Response;
  /** Reads the next chunk. It ends at once when it is cancelled. */
  read(): Promise<ChunkResult>;
  /** Tells the source, the first time and unless it is over, that no more is wanted. */
  cancel(reason: unknown): Promise<void>;
}

const END: ChunkResult = { done: true };

/**
 * Takes hold of a source.
 *
 * @throws {TypeError} If it is none, or somebody reads it already.
 * @throws {EventStreamResponseError} If it is a response that says it is something else.
 */
export function chunkSource(source: EventStreamSource): ChunkSource {
  if (typeof source === "object" && source !== null) {
    if ("getReader" in source) return streamChunks(source);
    if (Symbol.asyncIterator in source) return iterableChunks(source);
    if ("body" in source && "status" in source) {
      if (source.bodyUsed) {
        throw new TypeError(
          "Cannot read event stream: the body of the response must not be used, got one that is",
        );
      }
      checkResponse(source);
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

/** What a response may be: plain text is what one is that was made of a string. */
const TEXT_TYPE = /(^|[\s,])text\/(event-stream|plain)\s*([;,]|$)/i;

/**
 * Refuses a response that would be read as no events at all: an error, a page. One that
 * does not say what it is may be an event stream.
 */
function checkResponse(response: Response): void {
  const { ok, status, headers } = response;
  const type = headers.get("content-type");
  if (!ok) {
    throw new EventStreamResponseError(
      "status must be from 200 to 299",
      status,
      response,
    );
  }
  if (type === null || type === "" || TEXT_TYPE.test(type)) return;
  throw new EventStreamResponseError(
    "content type must be text/event-stream",
    type,
    response,
  );
}

const NO_CHUNKS: ChunkSource = {
  read: () => Promise.resolve(END),
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
        const result = await reader.read();
        if (!result.done) return result;
        cancelled ??= Promise.resolve();
        reader.releaseLock();
        return END;
      } catch (error) {
        cancelled ??= Promise.resolve();
        throw error;
      }
    },
    cancel(reason) {
      return cancelled ??= cancelReader(reader, reason);
    },
  };
}

/** Cancels a stream. One that has broken before, unseen, is over: that is no failure of this. */
async function cancelReader(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  reason: unknown,
): Promise<void> {
  try {
    await reader.cancel(reason);
  } catch (error) {
    const hasBroken = await reader.closed.then(() => false, () => true);
    if (!hasBroken) throw error;
  }
}

function iterableChunks(iterable: AsyncIterable<Uint8Array>): ChunkSource {
  const iterator = iterable[Symbol.asyncIterator]();
  let cancelled: Promise<void> | undefined;
  let abandonRead = () => {};

  async function next(): Promise<ChunkResult> {
    try {
      const result = await iterator.next();
      if (!result.done) return result;
      cancelled ??= Promise.resolve();
      return END;
    } catch (error) {
      cancelled ??= Promise.resolve();
      throw error;
    }
  }

  async function leave(): Promise<void> {
    await iterator.return?.();
  }

  return {
    read() {
      // A generator that is suspended in an `await` answers `return()` only
      // after that: a read must not wait for it.
      return new Promise((resolve, reject) => {
        abandonRead = () => resolve(END);
        next().then(resolve, reject);
      });
    },
    cancel() {
      abandonRead();
      return cancelled ??= leave();
    },
  };
}
