import { EventReader } from "./_event_reader.ts";
import { type LosslessPair, losslessPair } from "./_lossless_pair.ts";
import { TransformStream } from "./_transform_stream.ts";
import type { EventDecoderOptions } from "./event_decoder_options.ts";
import type { ServerSentEvent } from "./event.ts";

/**
 * Reads a stream of bytes as a stream of events.
 *
 * @see [HTML, section 9.2.6](https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation)
 *
 * @example Pipe the body of a response through it
 * ```ts
 * import { EventDecoderStream } from "@tidings/sse";
 * import { assertEquals } from "@std/assert";
 *
 * const { body } = new Response("event: a\ndata: 1\n\nevent: b\ndata: 2\n\n");
 * const types = [];
 * for await (const { event } of body!.pipeThrough(new EventDecoderStream())) {
 *   types.push(event);
 * }
 * assertEquals(types, ["a", "b"]);
 * ```
 *
 * @typeParam T What the data of an event is: text, unless a codec says otherwise.
 * @typeParam E What an event is, taken from the codec.
 */
export class EventDecoderStream<
  T = string,
  E extends ServerSentEvent<T> = ServerSentEvent<T>,
> extends TransformStream<Uint8Array, E> {
  readonly #pair: LosslessPair<Uint8Array, E>;
  readonly #reader: EventReader<T, E>;

  /**
   * Makes a decoder at the beginning of a stream.
   *
   * An `EventDataError` or `EventSizeError` errors the stream, after the events
   * before it were read.
   *
   * @param options How to read.
   * @throws {RangeError} If `maxEventSize` is negative or not a number.
   */
  constructor(options: EventDecoderOptions<T, E> = {}) {
    const reader = new EventReader({ ...options, until: undefined });
    super();
    this.#pair = losslessPair({
      transform(chunk, controller) {
        for (const event of reader.feed(chunk)) controller.enqueue(event);
        if (!reader.failing) return undefined;
        return controller.whenWanted().then(() => {
          reader.feed(NOTHING);
        });
      },
    });
    this.#reader = reader;
  }

  /** The side that is read: events. */
  override get readable(): ReadableStream<E> {
    return this.#pair.readable;
  }

  /** The side that is written to: bytes, cut anywhere. */
  override get writable(): WritableStream<Uint8Array> {
    return this.#pair.writable;
  }

  /** As of the last chunk: {@linkcode EventParser.lastEventId}. */
  get lastEventId(): string {
    return this.#reader.lastEventId;
  }

  /** As of the last chunk: {@linkcode EventParser.reconnectionTime}. */
  get reconnectionTime(): number | undefined {
    return this.#reader.reconnectionTime;
  }
}

const NOTHING = /* @__PURE__ */ new Uint8Array();
