import {
  type LosslessController,
  type LosslessPair,
  losslessPair,
} from "./_lossless_pair.ts";
import { TransformStream } from "./_transform_stream.ts";
import { writeEvent } from "./_write_event.ts";
import type { EventEncoderOptions } from "./format_event.ts";
import type { ServerSentEvent } from "./event.ts";

/** A chunk leaves once it has this many code units. */
const CHUNK_SIZE = 16 * 1024;

/**
 * A chunk leaves with this many events: else a source that takes long for each, but
 * never waits, would hold the first back until the chunk is full.
 */
const MOST_EVENTS = 32;

/**
 * For how many microtasks an event waits for the next one: where that is ready, it comes
 * after 2 to 7, depending on the runtime and on what the events go through.
 */
const MICROTASKS = 10;

/**
 * Writes a stream of events as bytes.
 *
 * Events that are ready together leave as one chunk, once they are 32 or have 16 Ki
 * code units: to encode and to hand out each by itself takes up to three times as long.
 * None waits for a timer, or for one that takes its source more than a few microtasks.
 *
 * An event that cannot be written errors the stream, as does an error of its source,
 * after those before it were read.
 *
 * @example A stream of events as the body of a response
 * ```ts
 * import { EventEncoderStream, type ServerSentEvent } from "@tidings/sse";
 * import { assertEquals } from "@std/assert";
 *
 * const events = ReadableStream.from<ServerSentEvent>([
 *   { data: "one" },
 *   { data: "two", id: "2" },
 * ]);
 * const response = new Response(events.pipeThrough(new EventEncoderStream()));
 * assertEquals(await response.text(), "data: one\n\nid: 2\ndata: two\n\n");
 * ```
 *
 * @typeParam T What the data of an event is: text, unless a codec says otherwise.
 */
export class EventEncoderStream<T = string>
  extends TransformStream<ServerSentEvent<T>, Uint8Array<ArrayBuffer>> {
  readonly #pair: LosslessPair<ServerSentEvent<T>, Uint8Array<ArrayBuffer>>;

  /**
   * Makes an encoder.
   *
   * @param options How to write. An event that it cannot write errors the
   * stream with an `EventBuildError` or an `EventDataError`.
   */
  constructor(options: EventEncoderOptions<T> = {}) {
    super();
    const encoder = new TextEncoder();
    /** The events that have not left. */
    let text = "";
    let count = 0;
    let microtasksLeft = 0;
    let waiting = false;

    function send(controller: LosslessController<Uint8Array<ArrayBuffer>>) {
      if (count === 0) return;
      const ready = text;
      text = "";
      count = 0;
      try {
        controller.enqueue(encoder.encode(ready));
      } catch (error) {
        // There is no memory for it.
        controller.error(error);
      }
    }

    /** Sends once no other event has come for a while. It does not reject, as `send` does not throw. */
    async function sendSoon(
      controller: LosslessController<Uint8Array<ArrayBuffer>>,
    ): Promise<void> {
      waiting = true;
      while (microtasksLeft-- > 0) await undefined;
      waiting = false;
      send(controller);
    }

    this.#pair = losslessPair({
      transform(event, controller) {
        text += writeEvent(event, options);
        count++;
        microtasksLeft = MICROTASKS;
        if (text.length >= CHUNK_SIZE || count === MOST_EVENTS) {
          send(controller);
        } else if (!waiting) {
          sendSoon(controller);
        }
        return undefined;
      },
      flush: send,
    });
  }

  /** The side that is read: bytes. */
  override get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#pair.readable;
  }

  /** The side that is written to: events. */
  override get writable(): WritableStream<ServerSentEvent<T>> {
    return this.#pair.writable;
  }
}
