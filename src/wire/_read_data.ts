import type { EventDataRead } from "../data/event_data.ts";
import { EventDataError } from "../errors.ts";
import type { ServerSentEvent } from "./event.ts";

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
