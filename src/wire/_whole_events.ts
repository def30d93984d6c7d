import { ownField } from "../_own_copy.ts";
import { newEvent } from "./_delivery.ts";
import type { EventBlock } from "./_event_block.ts";
import {
  blankLineAt,
  DATA_WORD,
  isPlainByte,
  LINE_HEAD_LENGTH,
  lineFeedOf,
  parseRetry,
  wordAt,
} from "./_field.ts";
import type { ByteSurplus } from "./_byte_surplus.ts";
import type { ServerSentEvent } from "./event.ts";

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;

// What the lines begin with that are read here, as `wordAt` gives it.
const EVEN_WORD = 0x65_76_65_6e;
const LETTER_T = 0x74;
const ID_COLON = 0x69_64_3a;
const RETR_WORD = 0x72_65_74_72;
const LETTER_Y = 0x79;

/**
 * The end of an id is looked for byte by byte as far as this, and that of data behind
 * a line as short: a call of `indexOf` costs more.
 */
const SHORT_VALUE = 20;

/**
 * Reads events in a loop that has all of them in locals, for as long as their blocks end
 * and have nothing unusual: up to twice as fast as line by line. Unusual are names that
 * mean nothing, fields without a colon, an id with NUL, types and ids that come twice,
 * blocks without data, lines that end with CR alone, and comments in the wire view.
 *
 * @param text The text.
 * @param bytes Its bytes.
 * @param position Where a line begins. Of a block that began before it only data is read.
 * @param cr Where the next CR is, or one that has been passed; -1 if none is left.
 * @param surpluses How many more bytes there are than code units.
 * @returns Where to go on line by line: in a block that is unusual, is too large or does
 * not end, or behind an event that stops.
 */
export function wholeEvents<T, E extends ServerSentEvent<T>>(
  block: EventBlock<T, E>,
  text: string,
  bytes: Uint8Array,
  position: number,
  cr: number,
  surpluses: ByteSurplus,
): number {
  const { types, maxEventSize, wire } = block;
  const { length } = bytes;
  // No character has more code units than bytes: if the sums are the same, all are.
  const isAligned = length === text.length;
  // To count on for a line that does not end would go over all of the bytes for nothing.
  if (
    !isAligned && position > surpluses.line && !text.includes("\n", position)
  ) {
    return position;
  }
  // Where a line begins in the bytes, and how much further that is than in the text.
  let surplus = isAligned ? 0 : surpluses.before(position, text, bytes);
  let line = position + surplus;
  let { begun, lastEventId } = block;
  let type = "";
  let id: string | undefined;
  let retry: number | undefined;
  let lines = "";
  let isShort = false;
  // Before a CR alone, which ends a line too, the loop leaves off: wherever it has found
  // the LF that ends a line, it asks for a CR that is not right before it.
  if (cr === -1) cr = length;
  while (line < length) {
    let data: string;
    // A line that is shorter, blank lines apart, is left to be read as one.
    let head = 0;
    if (line + LINE_HEAD_LENGTH <= length) head = wordAt(bytes, line);
    else if (blankLineAt(bytes, line) === 0) break;
    if (head === DATA_WORD && bytes[line + 4] === COLON) {
      const value = line + (bytes[line + 5] === SPACE ? 6 : 5);
      const start = value - surplus;
      let feed: number = isShort ? shortLineFeed(bytes, value) : -1;
      if (feed === -1) {
        const end = text.indexOf("\n", start);
        if (end === -1) break;
        if (cr < end - 1 && (cr = nextReturn(text, cr, start)) < end - 1) break;
        feed = lineFeedOf(text, bytes, end, surplus);
        surplus = feed - end;
        isShort = feed - value < SHORT_VALUE;
      }
      const isPair = bytes[feed - 1] === CR;
      line = feed + 1;
      const blank = blankLineAt(bytes, line);
      if (blank === 0) {
        lines += isPair
          ? text.slice(start, feed - 1 - surplus) + "\n"
          : text.slice(start, line - surplus);
        continue;
      }
      line += blank;
      const last = text.slice(start, feed - surplus - (isPair ? 1 : 0));
      data = lines === "" ? last : lines + last;
    } else if (begun) {
      break;
    } else if (
      head === EVEN_WORD && bytes[line + 4] === LETTER_T &&
      bytes[line + 5] === COLON && type === ""
    ) {
      const value = line + (bytes[line + 6] === SPACE ? 7 : 6);
      const known = types.known(bytes, value);
      if (known !== undefined) {
        const isPair = bytes[value + known.length] === CR;
        if (isPair && bytes[value + known.length + 1] !== LF) break;
        type = known;
        line = value + known.length + (isPair ? 2 : 1);
      } else {
        const start = value - surplus;
        const end = text.indexOf("\n", start);
        if (end === -1) break;
        if (cr < end - 1 && (cr = nextReturn(text, cr, start)) < end - 1) break;
        line = lineFeedOf(text, bytes, end, surplus);
        surplus = line - end;
        const isPair = bytes[line - 1] === CR;
        const own = text.slice(start, isPair ? end - 1 : end);
        type = types.add(own, bytes, value, isPair ? line - 1 : line);
        line++;
      }
      continue;
    } else if (head >> 8 === ID_COLON && id === undefined) {
      const value = line + (bytes[line + 3] === SPACE ? 4 : 3);
      const start = value - surplus;
      let behind = surplus;
      let feed = shortLineFeed(bytes, value);
      const isClean = feed !== -1;
      if (!isClean) {
        const end = text.indexOf("\n", start);
        if (end === -1) break;
        if (cr < end - 1 && (cr = nextReturn(text, cr, start)) < end - 1) break;
        feed = lineFeedOf(text, bytes, end, surplus);
        behind = feed - end;
      }
      const isPair = bytes[feed - 1] === CR;
      const own = text.slice(start, feed - behind - (isPair ? 1 : 0));
      if (!isClean && own.includes("\0")) break;
      id = ownField(own);
      line = feed + 1;
      surplus = behind;
      continue;
    } else if (head >> 24 === COLON && !wire) {
      const start = line - surplus;
      const end = text.indexOf("\n", start);
      if (end === -1) break;
      if (cr < end - 1 && (cr = nextReturn(text, cr, start)) < end - 1) break;
      line = lineFeedOf(text, bytes, end, surplus) + 1;
      surplus = line - end - 1;
      continue;
    } else if (
      head === RETR_WORD && bytes[line + 4] === LETTER_Y &&
      bytes[line + 5] === COLON
    ) {
      const feed = shortLineFeed(bytes, line);
      if (feed === -1) break;
      const start = line + (bytes[line + 6] === SPACE ? 7 : 6) - surplus;
      const isPair = bytes[feed - 1] === CR;
      const value = text.slice(start, feed - surplus - (isPair ? 1 : 0));
      const milliseconds = parseRetry(value);
      if (milliseconds === undefined) break;
      const size = sizeOf(type, id) + lines.length + value.length;
      if (size > maxEventSize) break;
      retry = milliseconds;
      block.reconnectionTime = milliseconds;
      line = feed + 1;
      continue;
    } else {
      const blank = blankLineAt(bytes, line);
      if (blank === 0) break;
      if (lines === "") {
        const isEmpty = type === "" && id === undefined && retry === undefined;
        if (!isEmpty) break;
        line += blank;
        continue;
      }
      line += blank;
      data = lines.slice(0, -1);
    }

    if (begun) {
      lines = "";
      begun = false;
      block.dispatchLine(data);
      if (block.stop !== undefined) break;
      lastEventId = block.lastEventId;
      continue;
    }
    if (sizeOf(type, id) + data.length > maxEventSize) {
      lines = `${data}\n`;
      break;
    }
    if (id !== undefined) {
      lastEventId = id;
      block.setLastEventId(id);
    }
    const event = newEvent(
      type === "" ? undefined : type,
      data,
      id,
      retry,
      undefined,
      lastEventId,
    );
    type = "";
    id = undefined;
    retry = undefined;
    lines = "";
    if (!block.deliver(event)) break;
  }
  if (!isAligned) surpluses.set(line - surplus, surplus);
  // What came of a block before the line to go on from.
  if (type !== "") block.eventType(type);
  if (id !== undefined && block.stop === undefined) block.eventId(id);
  if (retry !== undefined && block.stop === undefined) {
    block.setReconnectionTime(retry);
  }
  if (lines !== "" && block.stop === undefined) block.data(lines);
  return line - surplus;
}

/** What a block retains besides data. */
function sizeOf(type: string, id: string | undefined): number {
  return type.length + (id === undefined ? 0 : id.length);
}

/** Where a short value ends that is ASCII without control characters; else -1. */
function shortLineFeed(bytes: Uint8Array, start: number): number {
  const limit = Math.min(bytes.length, start + SHORT_VALUE);
  let i = start;
  while (i < limit && isPlainByte(bytes[i])) i++;
  if (i === limit) return -1;
  if (bytes[i] === LF) return i;
  return bytes[i] === CR && bytes[i + 1] === LF ? i + 1 : -1;
}

/** Where the next CR is: at `cr` or, if that has been passed, from `start` on; the length of the text if there is none. */
function nextReturn(text: string, cr: number, start: number): number {
  if (cr >= start) return cr;
  const next = text.indexOf("\r", start);
  return next === -1 ? text.length : next;
}
