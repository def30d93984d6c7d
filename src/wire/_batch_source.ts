import { IncompleteStreamError } from "../errors.ts";
import type { ChunkSource } from "./_chunk_source.ts";
import { EventReader, type EventReaderOptions } from "./_event_reader.ts";
import type { ServerSentEvent } from "./event.ts";

const NOTHING = /* @__PURE__ */ new Uint8Array();

/** The events of a source of chunks, those of a chunk together. */
export class BatchSource<T, E extends ServerSentEvent<T>> {
  readonly #chunks: ChunkSource;
  readonly #reader: EventReader<T, E>;
  /** Whether it is incomplete without a closing event. */
  readonly #needsEnd: boolean;
  #lastEventId: string;
  #finished = false;

  /**
   * Makes a source of events from one of chunks.
   *
   * @throws {RangeError} If `maxEventSize` is negative or not a number.
   */
  constructor(chunks: ChunkSource, options: EventReaderOptions<T, E>) {
    this.#chunks = chunks;
    this.#reader = new EventReader(options);
    this.#needsEnd = options.until !== undefined;
    this.#lastEventId = this.#reader.lastEventId;
  }

  /** The last event ID string after the events handed out, and the blocks without data before them. */
  get lastEventId(): string {
    return this.#lastEventId;
  }

  /** The reconnection time, once a valid one has come. */
  get reconnectionTime(): number | undefined {
    return this.#reader.reconnectionTime;
  }

  /** Whether there is no more. */
  get finished(): boolean {
    return this.#finished;
  }

  /** Whether that is because the closing event has come. */
  get complete(): boolean {
    return this.#reader.ended;
  }

  /**
   * Reads on until events are complete.
   *
   * @returns The events, none at the end.
   * @throws Once, what ends it early; the source is cancelled then.
   */
  async nextBatch(): Promise<E[]> {
    try {
      while (!this.#finished) {
        const batch = await this.#readBatch();
        if (batch.length > 0) return batch;
      }
    } catch (error) {
      // What the source says to being cancelled comes second to the failure.
      this.cancel(error).catch(() => {});
      throw error;
    }
    return [];
  }

  /** Says that an event of a batch has got to the consumer. */
  handedOut(event: E): void {
    this.#lastEventId = event.lastEventId ?? this.#lastEventId;
  }

  /** Ends it and cancels the source, if that has not happened yet. */
  cancel(reason?: unknown): Promise<void> {
    if (this.#finished) return Promise.resolve();
    this.#finished = true;
    return this.#chunks.cancel(reason);
  }

  /** Reads a chunk. The source is finished here in all cases but an error. */
  async #readBatch(): Promise<E[]> {
    const reader = this.#reader;
    if (reader.failing) return reader.feed(NOTHING);
    this.#lastEventId = reader.lastEventId;
    if (reader.ended) {
      // The answer is whole: what the source says to being cancelled is not part of it.
      this.cancel().catch(() => {});
      return [];
    }
    const result = await this.#chunks.read();
    if (this.#finished) return [];
    if (!result.done) return reader.feed(result.value);
    this.#finished = true;
    if (this.#needsEnd) throw new IncompleteStreamError(this.#lastEventId);
    return [];
  }
}
