import { quote } from "../_quote.ts";
import { EventBuildError } from "../errors.ts";
import { writeEvent } from "../wire/_write_event.ts";
import { checkTimer } from "./_timer.ts";
import type { ServerSentEvent } from "../wire/event.ts";

/**
 * How a stream is kept alive while there is nothing to send.
 *
 * @typeParam T What the data of an event is.
 */
export interface KeepAlive<T = string> {
  /**
   * After how long without traffic something is sent, in milliseconds, from 1 to
   * 2147483647.
   *
   * The default is below the 10 s after which Bun closes an idle connection.
   *
   * @default {8000}
   */
  readonly interval?: number | undefined;
  /**
   * The comment to send.
   *
   * @default {""}
   */
  readonly comment?: string | undefined;
  /**
   * An event to send instead of a comment, for clients that must see it. It must
   * not have an id, which would change where the client resumes.
   *
   * @default {undefined} A comment is sent.
   */
  readonly event?: ServerSentEvent<T> | undefined;
}

const DEFAULT_INTERVAL = 8000;

/** A {@linkcode KeepAlive} with its defaults applied. */
export interface ResolvedKeepAlive<T> {
  /** In milliseconds. */
  readonly interval: number;
  /** Tells a client the interval, rounded up, when the stream opens. */
  readonly announcement: string;
  /** What is sent. */
  readonly event: ServerSentEvent<T>;
}

/**
 * Applies the defaults.
 *
 * @throws {TypeError} If they are none.
 * @throws {RangeError} If the interval is not one that a timer can hold.
 * @throws {EventBuildError} If the comment cannot be written, or the event has an id.
 */
export function resolveKeepAlive<T>(
  keepAlive: KeepAlive<T>,
): ResolvedKeepAlive<T> {
  if (typeof keepAlive !== "object" || keepAlive === null) {
    throw new TypeError(
      `Cannot keep stream alive: keepAlive must be an object or false, got ${
        quote(keepAlive)
      }`,
    );
  }
  const { interval = DEFAULT_INTERVAL, comment = "" } = keepAlive;
  const { event = { comments: [comment] } } = keepAlive;
  // A comment that cannot be written must not wait for the first silence to be found.
  writeEvent({ comments: [comment] });
  checkTimer("Cannot keep stream alive: interval", interval);
  if (event.id !== undefined) {
    throw new EventBuildError(
      "a keep-alive must not have an id",
      "id",
      event.id,
    );
  }
  // Whole milliseconds: a client does not read a fraction.
  const announcement = `keep-alive ${Math.ceil(interval)}`;
  return { interval, announcement, event };
}
