import type { DecodeVector, ExpectedEvent } from "./vector.ts";

/** An event that has data, so that both views have it. */
export interface DataEvent extends ExpectedEvent {
  readonly data: string;
  readonly comments?: never;
  readonly lastEventId?: never;
}

/**
 * Writes the vector of a stream that gives one event, the same in both views,
 * and nothing else.
 *
 * @param name The name, theme included.
 * @param clause The words of the specification that decide it.
 * @param input The stream.
 * @param event The event; its id and retry are all that the stream sets.
 * @returns The vector.
 */
export function oneEvent(
  name: string,
  clause: string,
  input: string | Uint8Array<ArrayBuffer>,
  event: DataEvent,
): DecodeVector {
  const lastEventId = event.id ?? "";
  const vector = {
    name,
    clause,
    input,
    dispatch: [{ ...event, lastEventId }],
    wire: [event],
    lastEventId,
  };
  return event.retry === undefined
    ? vector
    : { ...vector, reconnectionTime: event.retry };
}

/**
 * Writes the vector of a stream that gives nothing at all: no event in either
 * view, no id, no reconnection time.
 *
 * @param name The name, theme included.
 * @param clause The words of the specification that decide it.
 * @param input The stream.
 * @returns The vector.
 */
export function noEvent(
  name: string,
  clause: string,
  input: string | Uint8Array<ArrayBuffer>,
): DecodeVector {
  return { name, clause, input, dispatch: [], wire: [], lastEventId: "" };
}
