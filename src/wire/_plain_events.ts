import { newEvent, typed } from "./_delivery.ts";
import type { EventBlock } from "./_event_block.ts";
import { isDataLine } from "./_field.ts";
import type { ServerSentEvent } from "./event.ts";

const LF = 0x0a;
const SPACE = 0x20;

/**
 * Behind a line of data that was shorter than this, the end of the next is looked for
 * byte by byte: a call of `indexOf` costs as much as some 30 bytes.
 */
export const SHORT_LINE = 16;

/**
 * Reads events that are nothing but a line of data, for as long as such events come:
 * small ones are read 1.5 times as fast as line by line.
 *
 * It reads bytes only, not the text where there are none: to choose between both at
 * every byte takes Bun a fifth of the time.
 *
 * @param text A text without CR.
 * @param bytes Its bytes.
 * @param start Where a block begins.
 * @returns Where the first block begins that is something else, is too large or does
 * not end, or that comes behind an event that stops.
 */
export function plainEvents<T, E extends ServerSentEvent<T>>(
  block: EventBlock<T, E>,
  text: string,
  bytes: Uint8Array,
  start: number,
  events: E[],
): number {
  const { length } = text;
  const { maxEventSize, lastEventId, delivery } = block;
  let isShort = true;
  while (isDataLine(bytes, start)) {
    const value = bytes[start + 5] === SPACE ? start + 6 : start + 5;
    let end = value;
    if (isShort) {
      const limit = Math.min(length, value + SHORT_LINE);
      while (end < limit && bytes[end] !== LF) end++;
      isShort = end < limit;
    }
    if (!isShort) {
      end = text.indexOf("\n", end);
      if (end === -1) return start;
      isShort = end - value < SHORT_LINE;
    }
    if (end + 1 >= length || bytes[end + 1] !== LF) return start;
    if (end - value > maxEventSize) return start;
    const event = newEvent(
      undefined,
      text.slice(value, end),
      undefined,
      undefined,
      undefined,
      lastEventId,
    );
    start = end + 2;
    if (delivery === undefined) {
      events.push(typed<T, E>(event));
    } else {
      block.stop = delivery(event, events);
      if (block.stop !== undefined) return start;
    }
  }
  return start;
}
