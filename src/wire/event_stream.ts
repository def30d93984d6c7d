import { BatchSource } from "./_batch_source.ts";
import { resolveMaxEventSize } from "./_event_reader.ts";
import { chunkSource, type EventStreamSource } from "./_chunk_source.ts";
import { serialIterator } from "./_serial_iterator.ts";
import type { EventDecoderOptions } from "./event_decoder_options.ts";
import type { ServerSentEvent } from "./event.ts";

export type { EventStreamSource };

/**
 * How an {@linkcode EventStream} is read.
 *
 * @typeParam T What the data of an event is.
 * @typeParam E What an event is, taken from the codec.
 */
export interface EventStreamOptions<
  T = string,
  E extends ServerSentEvent<T> = ServerSentEvent<T>,
> extends EventDecoderOptions<T, E> {
  /**
   * Whether an event is the one that closes the stream.
   *
   * Asked in order, with the raw text, before `data` reads it. The closing event
   * is not delivered: the iteration ends and the source is cancelled. A stream
   * that ends without one is an `IncompleteStreamError`; one that breaks rejects
   * with what broke it.
   *
   * @default {undefined} The end of the source is the end of the stream.
   */
  readonly until?: ((event: ServerSentEvent) => boolean) | undefined;
}

/**
 * The events of a response, a stream or an iterable of bytes, to iterate over.
 *
 * It hands out the events of a chunk without a stream in between, which makes
 * it the fastest way in. It is read once: a second way out throws. Leaving the
 * loop early cancels the source.
 *
 * An event that cannot be read, or one that is too large, rejects after all
 * events before it were handed out; then the source is cancelled.
 *
 * @example Until the sentinel of a language model's answer
 * ```ts
 * import { EventStream, jsonData } from "@tidings/sse";
 * import { assertEquals } from "@std/assert";
 *
 * const response = new Response('data: {"t":"Hi"}\n\ndata: {"t":"!"}\n\ndata: [DONE]\n\n');
 * const events = new EventStream(response, {
 *   data: jsonData<{ t: string }>(),
 *   until: (event) => event.data === "[DONE]",
 * });
 * let answer = "";
 * for await (const { data } of events) answer += data?.t;
 * assertEquals(answer, "Hi!");
 * ```
 *
 * @example Save the place after each event
 * ```ts
 * import { EventStream } from "@tidings/sse";
 * import { assertEquals } from "@std/assert";
 *
 * const places = [];
 * const response = new Response("id: 1\ndata: a\n\ndata: b\n\nid: 2\ndata: c\n\n");
 * for await (const event of new EventStream(response)) places.push(event.lastEventId);
 * assertEquals(places, ["1", "1", "2"]);
 * ```
 *
 * @typeParam T What the data of an event is: text, unless a codec says otherwise.
 * @typeParam E What an event is, taken from the codec.
 */
export class EventStream<
  T = string,
  E extends ServerSentEvent<T> = ServerSentEvent<T>,
> implements AsyncIterable<E>, AsyncDisposable {
  readonly #source: BatchSource<T, E>;
  #taken = false;
  #cancelled = false;

  /**
   * Takes hold of a source; nothing is read before the first event is asked for.
   *
   * @param source A response, or the bytes themselves, such as the body of one that
   * gives its content type wrong.
   * @param options How to read.
   * @throws {EventStreamResponseError} If the response is an error, or its content type
   * is neither absent, `text/event-stream` nor `text/plain`. It holds the response, to
   * read what that says.
   * @throws {TypeError} If the source is none of these, or locked.
   * @throws {RangeError} If `maxEventSize` is negative or not a number.
   */
  constructor(
    source: EventStreamSource,
    options: EventStreamOptions<T, E> = {},
  ) {
    resolveMaxEventSize(options);
    this.#source = new BatchSource(chunkSource(source), options);
  }

  /**
   * The last event ID string after the events handed out so far, and the blocks
   * without data before them: where to resume.
   */
  get lastEventId(): string {
    return this.#source.lastEventId;
  }

  /** The reconnection time in milliseconds, `undefined` until a valid `retry` has come. */
  get reconnectionTime(): number | undefined {
    return this.#source.reconnectionTime;
  }

  /**
   * Iterates over the events.
   *
   * Calls of `next()` may overlap: they are answered in order.
   *
   * @returns An iterator whose `return()` cancels the source.
   * @throws {TypeError} If the stream is read already.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<E> {
    this.#take();
    const source = this.#source;
    let batch: readonly E[] = [];
    let index = 0;

    const handOut = (): E | undefined => {
      if (index === batch.length || this.#cancelled) return undefined;
      const event = batch[index++];
      source.handedOut(event);
      return event;
    };
    return serialIterator({
      nextNow: handOut,
      next: async () => {
        batch = await source.nextBatch();
        index = 0;
        return handOut();
      },
      cancel: () => this.cancel(),
    });
  }

  /**
   * Iterates over the same events in arrays, those of a chunk together.
   *
   * @returns An iterator whose `return()` cancels the source.
   * @throws {TypeError} If the stream is read already.
   */
  batches(): AsyncIterableIterator<E[]> {
    this.#take();
    const source = this.#source;
    return serialIterator({
      nextNow: () => undefined,
      next: async () => {
        const batch = await source.nextBatch();
        const last = batch.at(-1);
        if (last === undefined) return undefined;
        source.handedOut(last);
        return batch;
      },
      cancel: () => this.cancel(),
    });
  }

  /**
   * Turns the events into a `ReadableStream`, to pipe or to tee.
   *
   * @returns A stream that reads from the source when it is read itself.
   * @throws {TypeError} If the stream is read already.
   */
  toReadableStream(): ReadableStream<E> {
    const events = this[Symbol.asyncIterator]();
    return new ReadableStream<E>({
      async pull(controller) {
        const { done, value } = await events.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => this.cancel(reason),
    }, { highWaterMark: 0 });
  }

  /**
   * Ends the iteration and cancels the source, if that has not happened yet.
   *
   * @param reason Passed on to a source that is a stream.
   * @returns A promise that settles as the source's own `cancel()` or `return()`.
   */
  cancel(reason?: unknown): Promise<void> {
    if (!this.#source.finished) this.#cancelled = true;
    this.#taken = true;
    return this.#source.cancel(reason);
  }

  /** The same as {@linkcode EventStream.cancel}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.cancel();
  }

  #take(): void {
    if (this.#taken) {
      throw new TypeError(
        `Cannot read event stream: it can be read once, got ${
          this.#source.finished ? "one that has ended" : "a second reader"
        }`,
      );
    }
    this.#taken = true;
  }
}
