import type { EventDataCodec } from "../data/event_data.ts";
import { EventBuildError } from "../errors.ts";
import type { ServerSentEvent } from "../wire/event.ts";
import { writeEvent } from "../wire/_write_event.ts";

/**
 * Makes what is put into the log of an event that is published: its data as text,
 * without what is not there.
 *
 * @throws {EventBuildError} If it brings an id, or cannot be written.
 * @throws {EventDataError} If the codec cannot write the data.
 */
export function entryEvent<T>(
  event: ServerSentEvent<T>,
  codec: EventDataCodec<T> | undefined,
): ServerSentEvent {
  // Refuses what is no object.
  if (typeof event !== "object" || event === null) writeEvent(event);
  const { event: type, data, id, retry, comments } = event;
  if (id !== undefined) {
    throw new EventBuildError("the id is the log's to give", "id", id);
  }
  const entry = {
    ...(type !== undefined && type !== "" && { event: type }),
    ...(data !== undefined && { data: writeData(data, type, codec) }),
    ...(retry !== undefined && { retry }),
    // Copied, lest they change after they were checked.
    ...(comments !== undefined && comments.length !== 0 && {
      comments: Array.isArray(comments) ? [...comments] : comments,
    }),
  };
  writeEvent(entry);
  return entry;
}

/** Without a codec data is text: anything else is refused when it is written. */
function writeData<T>(
  data: T,
  type: string | undefined,
  codec: EventDataCodec<T> | undefined,
): string {
  return codec === undefined
    ? data as string
    : codec.writeData(data, type === "" ? undefined : type);
}
