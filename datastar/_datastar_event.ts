import { writeEvent } from "../src/wire/_write_event.ts";
import type { ServerSentEvent } from "../src/wire/event.ts";
import {
  type DatastarEventOptions,
  DEFAULT_RETRY_DURATION,
} from "./protocol.ts";

/** Makes an event of data lines, and refuses an id or a reconnection time that cannot be written. */
export function datastarEvent(
  type: string,
  data: string,
  options: DatastarEventOptions,
): ServerSentEvent {
  const { eventId: id, retryDuration } = options;
  const retry = retryDuration === DEFAULT_RETRY_DURATION
    ? undefined
    : retryDuration;
  // Here, where they were given, rather than when the event is written.
  if (id !== undefined || retry !== undefined) writeEvent({ id, retry });
  return {
    event: type,
    ...(id !== undefined && { id }),
    ...(retry !== undefined && { retry }),
    data,
  };
}
