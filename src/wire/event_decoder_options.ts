import type { EventDataRead } from "../data/event_data.ts";
import type { ServerSentEvent } from "./event.ts";

/**
 * How an event stream is read.
 *
 * @typeParam T What the data of an event is.
 * @typeParam E What an event is, taken from the codec.
 */
export interface EventDecoderOptions<
  T = string,
  E extends ServerSentEvent<T> = ServerSentEvent<T>,
> {
  /**
   * How to read the data field.
   *
   * @default {stringData}
   */
  readonly data?: EventDataRead<T, E> | undefined;
  /**
   * What is handed out.
   *
   * - `"dispatch"`: what `EventSource` would dispatch. Blocks without data and
   *   all comments are left out; their `id` and `retry` still count.
   * - `"wire"`: everything that a proxy must pass on, one event per block that
   *   carried data, a type, a valid id, a valid retry or a comment. A comment comes
   *   with its block, at the blank line behind it.
   *
   * @default {"dispatch"}
   */
  readonly view?: "dispatch" | "wire" | undefined;
  /**
   * How many UTF-16 code units may be retained for one block, its unfinished
   * line included. More is an `EventSizeError`. Lines that have no meaning are
   * skipped, not retained.
   *
   * @default {16777216}
   */
  readonly maxEventSize?: number | undefined;
  /**
   * The last event ID string to start from, of a stream that is resumed.
   *
   * @default {""}
   */
  readonly lastEventId?: string | undefined;
  /**
   * What becomes of an event whose data its codec cannot read: an
   * `EventDataError`, or nothing at all but for its `id` and `retry`.
   *
   * @default {"error"}
   */
  readonly onInvalidData?: "error" | "skip" | undefined;
}
