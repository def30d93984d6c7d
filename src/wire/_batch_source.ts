import { IncompleteStreamError } from "../errors.ts";
import type { ChunkSource } from "./_chunk_source.ts";
import { EventReader, type EventReaderOptions } from "./_event_reader.ts";
import type { ServerSentEvent } from "./event.ts";

/** The events of a source of chunks, those of a chunk together. */
export interface BatchSource<E> {
  /**
   * Reads on until events are complete.
   *
   * @returns The events, none at the end.
   * @throws Once, what ends it early; the source is cancelled then.
   */
  nextBatch(): Promise<E[]>;
  /** Says that an event of a batch has got to the consumer. */
  handedOut(event: E): void;
  /** The last event ID string after the events handed out, and the blocks without data before them. */
  readonly lastEventId: string;
  /** The reconnection time, once a valid one has come. */
  readonly reconnectionTime: number | undefined;
  /** Whether there is no more. */
  readonly finished: boolean;
  /** Whether that is because the closing event has come. */
  readonly complete: boolean;
  /** Ends it and cancels the source, if that has not happened yet. */
  cancel(reason?: unknown): Promise<void>;
}

const NOTHING = /* @__PURE__ */ new Uint8Array();

/**
 * Makes a source of events from one of chunks.
 *
 * @throws {RangeError} If `maxEventSize` is negative or not a number.
 */
export function createBatchSource<T, E extends ServerSentEvent<T>>(
  chunks: ChunkSource,
  options: EventReaderOptions<T, E>,
): BatchSource<E> {
  const reader = new EventReader(options);
  let lastEventId = reader.lastEventId;
  let finished = false;

  function cancel(reason?: unknown): Promise<void> {
    if (finished) return Promise.resolve();
    finished = true;
    return chunks.cancel(reason);
  }

  /** Reads a chunk. The source is finished here in all cases but an error. */
  async function readBatch(): Promise<E[]> {
    if (reader.failing) return reader.feed(NOTHING);
    lastEventId = reader.lastEventId;
    if (reader.ended) {
      // The answer is whole: what the source says to being cancelled is not part of it.
      cancel().catch(() => {});
      return [];
    }
    const result = await chunks.read();
    if (finished) return [];
    if (!result.done) return reader.feed(result.value);
    finished = true;
    if (options.until !== undefined) {
      throw new IncompleteStreamError(lastEventId);
    }
    return [];
  }

  return {
    async nextBatch() {
      try {
        while (!finished) {
          const batch = await readBatch();
          if (batch.length > 0) return batch;
        }
      } catch (error) {
        // What the source says to being cancelled comes second to the failure.
        cancel(error).catch(() => {});
        throw error;
      }
      return [];
    },
    handedOut(event) {
      lastEventId = event.lastEventId ?? lastEventId;
    },
    get lastEventId() {
      return lastEventId;
    },
    get reconnectionTime() {
      return reader.reconnectionTime;
    },
    get finished() {
      return finished;
    },
    get complete() {
      return reader.ended;
    },
    cancel,
  };
}
