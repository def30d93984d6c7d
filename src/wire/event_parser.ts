import { EventReader } from "./_event_reader.ts";
import type { EventDecoderOptions } from "./event_decoder_options.ts";
import type { ServerSentEvent } from "./event.ts";

/**
 * Reads an event stream synchronously: bytes in, events out.
 *
 * It follows HTML to the letter: UTF-8 with replacement, one byte order mark,
 * CR, LF and CRLF wherever chunks break, an unfinished event at the end is
 * discarded. Time and memory are linear in the input for every chunking.
 *
 * @see [HTML, section 9.2.5](https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream)
 * and [section 9.2.6](https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation)
 *
 * @example Events come out with the chunk that completes them
 * ```ts
 * import { EventParser } from "@tidings/sse";
 * import { assertEquals } from "@std/assert";
 *
 * const encoder = new TextEncoder();
 * const parser = new EventParser();
 * assertEquals(parser.feed(encoder.encode("id: 1\ndata: hel")), []);
 * const [event] = parser.feed(encoder.encode("lo\n\n"));
 * assertEquals(event.data, "hello");
 * assertEquals(parser.lastEventId, "1");
 * ```
 *
 * @example Go on behind an event that cannot be read
 * ```ts
 * import { EventDataError, EventParser, jsonData } from "@tidings/sse";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const parser = new EventParser({ data: jsonData<number>() });
 * const chunk = new TextEncoder().encode("data: 1\n\ndata: ?\n\ndata: 3\n\n");
 * assertEquals(parser.feed(chunk).map((event) => event.data), [1]);
 * const nothing = new Uint8Array();
 * assertThrows(() => parser.feed(nothing), EventDataError);
 * assertEquals(parser.feed(nothing).map((event) => event.data), [3]);
 * ```
 *
 * @typeParam T What the data of an event is: text, unless a codec says otherwise.
 * It is for the codec to say: a type argument alone changes nothing.
 * @typeParam E What an event is, taken from the codec.
 */
export class EventParser<
  T = string,
  E extends ServerSentEvent<T> = ServerSentEvent<T>,
> {
  readonly #reader: EventReader<T, E>;

  /**
   * Makes a parser at the beginning of a stream.
   *
   * @param options How to read.
   * @throws {RangeError} If `maxEventSize` is negative or not a number.
   */
  constructor(options: EventDecoderOptions<T, E> = {}) {
    this.#reader = new EventReader({ ...options, until: undefined });
  }

  /**
   * Reads the next chunk.
   *
   * A chunk may be cut anywhere; it is not kept, so its buffer may be reused.
   *
   * @param chunk The next bytes of the stream; none to read on behind an error.
   * @returns The events that this chunk completed, before the first that cannot be read.
   * @throws {EventDataError} If the data of an event cannot be read. Events that
   * came before it in this chunk are returned first: the next call throws. The call
   * after that goes on behind the event.
   * To have all of a chunk around such an event, feed empty chunks until one
   * returns no event.
   * @throws {TypeError} If the chunk is not a `Uint8Array`, or a codec calls this.
   * @throws {EventSizeError} If a block retains more than `maxEventSize`. It is
   * final: every later call throws it too.
   */
  feed(chunk: Uint8Array): E[] {
    return this.#reader.feed(chunk);
  }

  /**
   * The last event ID string: `""` at first, set at each blank line, even when
   * no event is dispatched there, and never by an unfinished event.
   */
  get lastEventId(): string {
    return this.#reader.lastEventId;
  }

  /** The reconnection time in milliseconds, `undefined` until a valid `retry` has come. */
  get reconnectionTime(): number | undefined {
    return this.#reader.reconnectionTime;
  }
}
