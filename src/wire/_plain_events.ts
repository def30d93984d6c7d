import { newEvent, typed } from "./_delivery.ts";
import { unitAt, type Units } from "./_field.ts";
import type { ServerSentEvent } from "./event.ts";

const LF = 0x0a;
const SPACE = 0x20;

/**
 * Behind a line of data that was shorter than this, the end of the next is looked for
 * byte by byte: a call of `indexOf` costs as much as some 30 bytes.
 */
export const SHORT_LINE = 16;

/**
 * Whether the line from `start` begins with `data:`, and the text goes on behind.
 *
 * Five comparisons that engines inline: nearly every line is one.
 */
export function isDataLine(text: string, units: Units, start: number): boolean {
  return start + 5 < text.length && unitAt(text, units, start) === 0x64 &&
    unitAt(text, units, start + 1) === 0x61 &&
    unitAt(text, units, start + 2) === 0x74 &&
    unitAt(text, units, start + 3) === 0x61 &&
    unitAt(text, units, start + 4) === 0x3a;
}

/** Where the value of such a line begins. */
export function dataValue(text: string, units: Units, start: number): number {
  return unitAt(text, units, start + 5) === SPACE ? start + 6 : start + 5;
}

/** The shortest text that is a plain event. */
const PLAIN_EVENT = "data:\n\n";

/**
 * Reads events that are nothing but a line of data, for as long as such events come:
 * most are, and small ones are read 1.5 times as fast as line by line.
 *
 * @param text A text without CR.
 * @param start Where an event begins.
 * @returns Where the first event begins that is something else, is too large or does
 * not end.
 */
export function plainEvents<T, E extends ServerSentEvent<T>>(
  text: string,
  units: Units,
  start: number,
  maxEventSize: number,
  lastEventId: string,
  events: E[],
): number {
  const { length } = text;
  let scanned = SHORT_LINE;
  while (start + PLAIN_EVENT.length <= length) {
    if (!isDataLine(text, units, start)) return start;
    const value = dataValue(text, units, start);
    let end = value;
    const limit = Math.min(length, value + scanned);
    while (end < limit && unitAt(text, units, end) !== LF) end++;
    if (end === limit) {
      end = text.indexOf("\n", limit);
      if (end === -1) return start;
    }
    scanned = end - value < SHORT_LINE ? SHORT_LINE : 0;
    if (end + 1 >= length || unitAt(text, units, end + 1) !== LF) return start;
    if (end - value > maxEventSize) return start;
    const data = text.slice(value, end);
    events.push(typed<T, E>(
      newEvent(undefined, data, undefined, undefined, undefined, lastEventId),
    ));
    start = end + 2;
  }
  return start;
}
