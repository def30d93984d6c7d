import { newEvent, typed } from "./_delivery.ts";
import type { EventBlock } from "./_event_block.ts";
import { isDataLine, isDataLineIn } from "./_field.ts";
import type { ServerSentEvent } from "./event.ts";

const LF = 0x0a;
const SPACE = 0x20;

/**
 * Behind a line of data that was shorter than this, the end of the next is looked for
 * byte by byte: a call of `indexOf` costs more.
 */
const SHORT_LINE = 16;

/**
 * Reads events that are nothing but a line of data and end with LF, for as long as such
 * events come: the smallest are read 1.1 times as fast as by `wholeEvents`, and beyond
 * ASCII any 1.2 times, since nothing has to be found in the bytes.
 *
 * @param text A text that has no CR from `start` on.
 * @param bytes Its bytes, if they are at hand.
 * @param start Where a block begins.
 * @returns Where the first block begins that is something else, is too large or does
 * not end, or that comes behind an event that stops.
 */
export function plainEvents<T, E extends ServerSentEvent<T>>(
  block: EventBlock<T, E>,
  text: string,
  bytes: Uint8Array | undefined,
  start: number,
): number {
  // One loop for both takes 1.1 times as long.
  return bytes === undefined || bytes.length !== text.length
    ? readText(block, text, start)
    : readBytes(block, text, bytes, start);
}

function readBytes<T, E extends ServerSentEvent<T>>(
  block: EventBlock<T, E>,
  text: string,
  bytes: Uint8Array,
  start: number,
): number {
  const { length } = text;
  const { lastEventId, maxEventSize, delivery } = block;
  let { events } = block;
  let isShort = length - start < 2 * SHORT_LINE;
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
    start = end + 2;
    const event = newEvent(
      undefined,
      // One character of a text is there already: 1.05 times as fast on Bun.
      end - value === 1 ? text[value] : text.slice(value, end),
      undefined,
      undefined,
      undefined,
      lastEventId,
    );
    if (delivery === undefined) {
      if (events === undefined) block.events = events = [typed<T, E>(event)];
      else events.push(typed<T, E>(event));
    } else if (!block.deliver(event)) return start;
  }
  return start;
}

/** The same of a text beyond ASCII, or one whose bytes are not at hand. */
function readText<T, E extends ServerSentEvent<T>>(
  block: EventBlock<T, E>,
  text: string,
  start: number,
): number {
  const { length } = text;
  while (isDataLineIn(text, start)) {
    const value = text.charCodeAt(start + 5) === SPACE ? start + 6 : start + 5;
    const end = text.indexOf("\n", value);
    if (end === -1 || end + 1 >= length) return start;
    if (text.charCodeAt(end + 1) !== LF) return start;
    if (end - value > block.maxEventSize) return start;
    start = end + 2;
    if (!deliver(block, text.slice(value, end))) return start;
  }
  return start;
}

/** Hands out an event of `data`, and tells whether to go on. */
function deliver<T, E extends ServerSentEvent<T>>(
  block: EventBlock<T, E>,
  data: string,
): boolean {
  const event = newEvent(
    undefined,
    data,
    undefined,
    undefined,
    undefined,
    block.lastEventId,
  );
  return block.deliver(event);
}
