import { TransformStream } from "./_transform_stream.ts";
import { writeEvent } from "./_write_event.ts";
import type { EventEncoderOptions } from "./format_event.ts";
import type { ServerSentEvent } from "./event.ts";

/**
 * Writes a stream of events as bytes.
 *
 * An event that cannot be written errors the stream; those before it have been
 * read by then.
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
  /**
   * Makes an encoder.
   *
   * @param options How to write. An event that it cannot write errors the
   * stream with an `EventBuildError` or an `EventDataError`.
   */
  constructor(options: EventEncoderOptions<T> = {}) {
    const encoder = new TextEncoder();
    super({
      transform(event, controller) {
        controller.enqueue(encoder.encode(writeEvent(event, options)));
      },
    });
  }
}
