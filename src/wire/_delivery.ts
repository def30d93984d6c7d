import type { EventDataRead } from "../data/event_data.ts";
import { EventDataError, type EventSizeError } from "../errors.ts";
import type { EventReaderOptions } from "./_event_reader.ts";
import { readAsEmpty } from "./_read_as_empty.ts";
import type { ServerSentEvent } from "./event.ts";

/** Why interpretation stops: the closing event, one that failed, or one too large. */
export type Stop =
  | { readonly kind: "ended" }
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "overflowed"; readonly error: EventSizeError };

/**
 * Makes what stands between an event as it was dispatched and the consumer:
 * `until`, and the codec of the data.
 *
 * @param add Called with each event that is handed out.
 * @returns A function that hands out an event, or says why to stop; `undefined` if
 * events are handed out as they are.
 */
export function createDelivery<T, E extends ServerSentEvent<T>>(
  options: EventReaderOptions<T, E>,
  add: (event: E) => void,
): ((event: ServerSentEvent) => Stop | undefined) | undefined {
  const { data: codec, onInvalidData = "error", until } = options;
  if (codec === undefined && until === undefined) return undefined;

  return (event) => {
    try {
      if (until !== undefined && until(event)) return { kind: "ended" };
      if (codec === undefined || event.data === undefined) {
        add(typed<T, E>(event));
      } else if (codec.delivers?.(event.event) ?? true) {
        const data = readData(codec, event.data, event.event);
        const read = { ...event, data };
        if (data === undefined) readAsEmpty.add(read);
        add(typed<T, E>(read));
      }
    } catch (error) {
      const skipped = onInvalidData === "skip" &&
        error instanceof EventDataError;
      if (!skipped) return { kind: "failed", error };
    }
  };
}

/** Makes an event: one literal, so that all have one shape. */
export function newEvent(
  event: string | undefined,
  data: string | undefined,
  id: string | undefined,
  retry: number | undefined,
  comments: readonly string[] | undefined,
  lastEventId: string,
): ServerSentEvent {
  return { event, data, id, retry, comments, lastEventId };
}

/** Takes the codec's word for the type of its events: nothing else is a cast. */
export function typed<T, E extends ServerSentEvent<T>>(
  event: ServerSentEvent<unknown>,
): E {
  return event as E;
}

/**
 * Reads the data of an event with a codec.
 *
 * @throws {EventDataError} If the codec throws; anything but an
 * `EventDataError` becomes the `cause` of one.
 */
export function readData<T, E extends ServerSentEvent<T>>(
  codec: EventDataRead<T, E>,
  text: string,
  event: string | undefined,
): T | undefined {
  try {
    const reader = codec.lineReader();
    if (text.includes("\n")) {
      for (const line of text.split("\n")) reader.readLine(line);
    } else {
      reader.readLine(text);
    }
    return reader.data(event);
  } catch (error) {
    if (error instanceof EventDataError) throw error;
    throw new EventDataError({ act: "read", event, data: text, cause: error });
  }
}
