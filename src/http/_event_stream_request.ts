import { EventBuildError, EventStreamResponseError } from "../errors.ts";
import { encodeHeaderValue } from "./_header_value.ts";
import { EVENT_STREAM_TYPE, isEventStreamType } from "./media_type.ts";

/**
 * What no header can carry as it is, RFC 9110, section 5.5: control characters but
 * the tab, and white space at the ends, which is cut.
 */
// deno-lint-ignore no-control-regex
const UNFIT = /[\0-\x08\x0a-\x1f\x7f]|^[\t ]|[\t ]$/;

/** Servers take headers of some 16 KiB in all, and refuse the request for more. */
const MAX_LENGTH = 8192;

/**
 * Sets the headers of a request for an event stream, where the caller has not.
 *
 * @throws {EventBuildError} If no header can carry the last event ID.
 */
export function setEventStreamHeaders(
  headers: Headers,
  lastEventId: string | undefined,
): void {
  if (!headers.has("accept")) headers.set("accept", EVENT_STREAM_TYPE);
  if (lastEventId === undefined || lastEventId === "") return;
  const value = encodeHeaderValue(lastEventId);
  const isFit = !UNFIT.test(lastEventId) && lastEventId.isWellFormed() &&
    value.length <= MAX_LENGTH;
  if (!isFit) {
    const reason =
      `lastEventId must be what a header can carry: no control character, no white space at its ends, at most ${MAX_LENGTH} bytes`;
    const act = "request event stream";
    throw new EventBuildError(reason, "id", lastEventId, act);
  }
  headers.set("last-event-id", value);
}

/** Whether a response is an event stream, by its content type. */
export function isEventStream(response: Response): boolean {
  return isEventStreamType(response.headers.get("content-type"));
}

/** Says what keeps a response from being an event stream that is open. */
export function responseError(response: Response): EventStreamResponseError {
  const { status } = response;
  if (status !== 200) {
    return new EventStreamResponseError("status must be 200", status, response);
  }
  return isEventStream(response)
    ? new EventStreamResponseError("it must be accepted", status, response)
    : new EventStreamResponseError(
      `content type must be ${EVENT_STREAM_TYPE}`,
      response.headers.get("content-type"),
      response,
    );
}

/** Lets a connection go whose answer nobody reads. */
export function discard(response: Response): void {
  // A body that somebody reads is theirs to cancel.
  if (response.bodyUsed || response.body?.locked) return;
  // It is over either way.
  response.body?.cancel().catch(() => {});
}
