import { ownCopy } from "../_own_copy.ts";
import { newEvent } from "./_delivery.ts";
import type { EventBlock } from "./_event_block.ts";
import {
  COMMENT,
  EVENT,
  ID,
  isDataLine,
  lineKind,
  valueOffset,
} from "./_field.ts";
import type { ServerSentEvent } from "./event.ts";

const LF = 0x0a;
const SPACE = 0x20;

/**
 * The end of a line that is not data is looked for byte by byte as far as this: types
 * and ids are mostly as short, whatever came before. 1.1 times as fast on such streams.
 */
export const SHORT_FIELD = 20;

/**
 * Reads events of a type, an id and comments, and one line of data behind them, for as
 * long as such events come. 1.5 times as fast as line by line.
 *
 * @param text A text without CR.
 * @param bytes Its bytes.
 * @param start Where a block begins.
 * @returns Where to go on line by line: behind what it read of a block that is something
 * else, is too large or does not end, or behind an event that stops.
 */
export function typedEvents<T, E extends ServerSentEvent<T>>(
  block: EventBlock<T, E>,
  text: string,
  bytes: Uint8Array,
  start: number,
  events: E[],
): number {
  const { length } = text;
  const { types } = block;
  let line = start;
  while (line < length && block.stop === undefined) {
    let type = "";
    let id: string | undefined;
    while (!isDataLine(bytes, line)) {
      const kind = lineKind(bytes, line, length - line);
      const isTaken = kind === EVENT
        ? type === ""
        : kind === ID
        ? id === undefined
        : kind === COMMENT && !block.wire;
      const offset = isTaken
        ? valueOffset(bytes, line, length - line, kind)
        : -1;
      if (offset === -1) return handOver(block, type, id, line);
      const value = line + offset;
      const known = kind === EVENT ? types.known(bytes, value) : undefined;
      const end = known === undefined
        ? lineFeedFrom(text, bytes, value)
        : value + known.length;
      if (end === -1) return handOver(block, type, id, line);
      if (kind === EVENT) {
        type = known ?? types.add(text, bytes, value, end);
      } else if (kind === ID) {
        const own = text.slice(value, end);
        if (own.includes("\0")) return handOver(block, type, id, line);
        id = ownCopy(own);
      }
      line = end + 1;
    }

    const value = bytes[line + 5] === SPACE ? line + 6 : line + 5;
    const end = text.indexOf("\n", value);
    if (end === -1) return handOver(block, type, id, line);
    const size = type.length + (id?.length ?? 0) + end - value;
    const isLast = end + 1 < length && bytes[end + 1] === LF;
    if (!isLast || size > block.maxEventSize) {
      handOver(block, type, id, line);
      if (block.stop === undefined) block.data(text.slice(value, end + 1));
      return end + 1;
    }
    if (id !== undefined) block.setLastEventId(id);
    block.deliver(
      newEvent(
        type === "" ? undefined : type,
        text.slice(value, end),
        id,
        undefined,
        undefined,
        block.lastEventId,
      ),
      events,
    );
    line = end + 2;
  }
  return line;
}

/** Leaves a block to be read line by line from `line`, with what came before. */
function handOver<T, E extends ServerSentEvent<T>>(
  block: EventBlock<T, E>,
  type: string,
  id: string | undefined,
  line: number,
): number {
  if (type !== "") block.eventType(type);
  if (id !== undefined && block.stop === undefined) block.eventId(id);
  return line;
}

/** Where the next line feed is; -1 if there is none. */
function lineFeedFrom(text: string, bytes: Uint8Array, start: number): number {
  const limit = Math.min(bytes.length, start + SHORT_FIELD);
  for (let i = start; i < limit; i++) if (bytes[i] === LF) return i;
  return text.indexOf("\n", limit);
}
