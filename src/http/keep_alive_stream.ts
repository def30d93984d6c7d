import { type LosslessPair, losslessPair } from "../wire/_lossless_pair.ts";
import { TransformStream } from "../wire/_transform_stream.ts";
import type { ServerSentEvent } from "../wire/event.ts";
import { createIdleTimer } from "./_idle_timer.ts";
import { type KeepAlive, resolveKeepAlive } from "./keep_alive.ts";

/**
 * Keeps a pipeline of events alive: events pass, and a keep-alive joins them
 * after an interval without any.
 *
 * The first event is a comment that announces the interval, from which a client
 * can tell when to give up waiting. A keep-alive is added only while somebody
 * waits for an event: a slow reader does not find a pile of them.
 *
 * `eventStreamResponse` does the same by itself; this is for a pipeline of your own.
 *
 * @example Between events and their encoder
 * ```ts
 * import { EventEncoderStream, type ServerSentEvent } from "@tidings/sse";
 * import { KeepAliveStream } from "@tidings/sse/server";
 * import { assertEquals } from "@std/assert";
 *
 * const body = ReadableStream.from<ServerSentEvent>([{ data: "hello" }])
 *   .pipeThrough(new KeepAliveStream({ interval: 5000 }))
 *   .pipeThrough(new EventEncoderStream());
 * assertEquals(
 *   await new Response(body).text(),
 *   ": keep-alive 5000\n\ndata: hello\n\n",
 * );
 * ```
 *
 * @typeParam T What the data of an event is.
 */
export class KeepAliveStream<T = string>
  extends TransformStream<ServerSentEvent<T>, ServerSentEvent<T>> {
  readonly #pair: LosslessPair<ServerSentEvent<T>, ServerSentEvent<T>>;

  /**
   * Makes the stream. Its timer runs from the first read until the stream is
   * closed, cancelled, aborted or errored.
   *
   * @param options When to send what.
   * @throws {RangeError} If the interval is not from 1 to 2147483647.
   * @throws {EventBuildError} If the comment cannot be written, or the event has an id.
   */
  constructor(options: KeepAlive<T> = {}) {
    super();
    const { interval, announcement, event } = resolveKeepAlive(options);
    let announced = false;
    let onIdle = () => {};
    const timer = createIdleTimer(interval, () => onIdle());

    this.#pair = losslessPair({
      wanted(controller) {
        if (announced) return;
        announced = true;
        onIdle = () => {
          if (controller.wanted) controller.enqueue(event);
        };
        timer.touch();
        controller.enqueue({ comments: [announcement] });
      },
      transform(event, controller) {
        timer.touch();
        controller.enqueue(event);
        return undefined;
      },
      finish: () => timer.clear(),
    });
  }

  /** The side that is read. */
  override get readable(): ReadableStream<ServerSentEvent<T>> {
    return this.#pair.readable;
  }

  /** The side that is written to. */
  override get writable(): WritableStream<ServerSentEvent<T>> {
    return this.#pair.writable;
  }
}
