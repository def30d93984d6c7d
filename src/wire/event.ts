/**
 * A server-sent event, the same shape read and written, its fields named as on the wire.
 *
 * An event that was read has all of these keys, `undefined` where the block had
 * no such field; one to write may leave out what it does not need.
 *
 * @see [HTML, section 9.2.6](https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation)
 *
 * @example An event with an id
 * ```ts
 * import { formatEvent, type ServerSentEvent } from "@tidings/sse";
 * import { assertEquals } from "@std/assert";
 *
 * const event: ServerSentEvent = { event: "greeting", data: "hello\nworld", id: "7" };
 * assertEquals(formatEvent(event), "event: greeting\nid: 7\ndata: hello\ndata: world\n\n");
 * ```
 *
 * @typeParam T What the data field holds: text, unless a codec says otherwise.
 */
export interface ServerSentEvent<T = string> {
  /** The type; absent when it is empty, which browsers dispatch as `message`. */
  readonly event?: string | undefined;
  /** The data. On the wire each of its lines is a `data` field. */
  readonly data?: T | undefined;
  /** The `id` field of this very block; `""` resets the last event ID. */
  readonly id?: string | undefined;
  /** The reconnection time that this block sets, in milliseconds. */
  readonly retry?: number | undefined;
  /** Comment lines, without their colon and one space. Read only in the `"wire"` view. */
  readonly comments?: readonly string[] | undefined;
  /**
   * The last event ID string when this event was dispatched: its own id or the
   * latest before it. Set on events that were read; not written.
   */
  readonly lastEventId?: string | undefined;
}
