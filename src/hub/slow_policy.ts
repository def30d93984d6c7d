import type { ServerSentEvent } from "../wire/event.ts";

/**
 * What becomes of a subscriber that reads more slowly than events come.
 *
 * - `"disconnect"`: its stream ends with an error. The client reconnects, and gets
 *   what it missed from the log: nothing is lost.
 * - `"drop-oldest"`: what has waited longest is dropped.
 * - `coalesce`: of the events with the same key only the latest waits; what has no
 *   key (`undefined`) waits for itself. If there is still too much, it disconnects.
 *
 * Where events are dropped, a `gap` event with their `count` takes their place.
 *
 * @typeParam T What the data of an event is.
 */
export type SlowPolicy<T = string> =
  | "disconnect"
  | "drop-oldest"
  | {
    /** The key of an event, for example the name of the figure that it brings up to date. */
    readonly coalesce: (event: ServerSentEvent<T>) => string | undefined;
  };
