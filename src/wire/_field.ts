const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;
/** The first letter of `data`. */
const SMALL_D = 0x64;

/** The code units of a text, if they are at hand as bytes; U+FFFD may be any from 0x80. */
export type Units = Uint8Array | undefined;

/**
 * The code unit of a text at `i`; of its bytes if there are any.
 *
 * A string is asked what kind of string it is each time: by their bytes small events
 * are read 1.7 times as fast.
 */
export function unitAt(text: string, units: Units, i: number): number {
  return units === undefined ? text.charCodeAt(i) : units[i];
}

/**
 * Whether the line from `start` begins with `data:`, and something is behind.
 *
 * Five comparisons that engines inline: nearly every line is one.
 */
export function isDataLine(bytes: Uint8Array, start: number): boolean {
  return start + 5 < bytes.length && bytes[start] === SMALL_D &&
    bytes[start + 1] === 0x61 && bytes[start + 2] === 0x74 &&
    bytes[start + 3] === 0x61 && bytes[start + 4] === COLON;
}

/** The same of a text. */
export function isDataLineIn(text: string, start: number): boolean {
  return start + 5 < text.length && text.charCodeAt(start) === SMALL_D &&
    text.charCodeAt(start + 1) === 0x61 &&
    text.charCodeAt(start + 2) === 0x74 &&
    text.charCodeAt(start + 3) === 0x61 &&
    text.charCodeAt(start + 4) === COLON;
}

/** The same of a text whose bytes may be at hand. */
export function isDataLineOf(
  text: string,
  units: Units,
  start: number,
): boolean {
  return units === undefined
    ? isDataLineIn(text, start)
    : isDataLine(units, start);
}

/** Where the value of such a line begins. */
export function dataValue(text: string, units: Units, start: number): number {
  return unitAt(text, units, start + 5) === SPACE ? start + 6 : start + 5;
}

/** Four bytes as one number, the first the highest. */
export function wordAt(bytes: Uint8Array, i: number): number {
  return bytes[i] << 24 | bytes[i + 1] << 16 | bytes[i + 2] << 8 |
    bytes[i + 3];
}

/** How long the blank line at `start` is; 0 if there is none that ends with LF. */
export function blankLineAt(text: string, bytes: Units, start: number): number {
  if (start >= text.length) return 0;
  const first = unitAt(text, bytes, start);
  if (first === LF) return 1;
  return first === CR && start + 1 < text.length &&
      unitAt(text, bytes, start + 1) === LF
    ? 2
    : 0;
}

/** How much of a line decides what it is, and where its value begins. */
export const LINE_HEAD_LENGTH = "event: ".length;

/** Copies what decides what the line from `start` is, for a text that has no bytes. */
export function copyHead(text: string, start: number, head: Uint8Array): void {
  const length = text.length - start;
  for (let i = 0; i < LINE_HEAD_LENGTH; i++) {
    const unit = i < length ? text.charCodeAt(start + i) : 0;
    // No name has any but ASCII.
    head[i] = unit < 0x80 ? unit : 0;
  }
}

/** What a line is to be taken for (HTML 9.2.6, "process the line"). */
export const OTHER = 0;
export const COMMENT = 1;
export const DATA = 2;
export const EVENT = 3;
export const ID = 4;
export const RETRY = 5;

/**
 * What the line of `length` is that begins at `at`, by its first code units alone: the
 * name may go on.
 *
 * Comparisons that engines inline: on short lines, which most are, `startsWith` costs
 * more than all the rest.
 */
export function lineKind(
  units: Uint8Array,
  at: number,
  length: number,
): number {
  const first = units[at];
  if (first === COLON) return COMMENT;
  if (length < 2) return OTHER;
  if (first === 0x69) return units[at + 1] === 0x64 ? ID : OTHER;
  if (length < 4) return OTHER;
  const head = wordAt(units, at);
  if (head === 0x64_61_74_61) return DATA;
  if (length < 5) return OTHER;
  if (head === 0x65_76_65_6e) return units[at + 4] === 0x74 ? EVENT : OTHER;
  if (head === 0x72_65_74_72) return units[at + 4] === 0x79 ? RETRY : OTHER;
  return OTHER;
}

/** How long the names are, by the kind of line. */
const NAME_LENGTHS = [0, 0, 4, 5, 2, 5];

/**
 * How far from its beginning at `at` the value of a line begins, or -1 if its name
 * goes on.
 *
 * A line without a colon is a field with an empty value. One space behind the colon
 * is not part of the value.
 */
export function valueOffset(
  units: Uint8Array,
  at: number,
  length: number,
  kind: number,
): number {
  if (kind === OTHER) return -1;
  const colon = NAME_LENGTHS[kind];
  if (colon === length) return length;
  if (units[at + colon] !== COLON) return -1;
  return units[at + colon + 1] === SPACE ? colon + 2 : colon + 1;
}

const NAMES = ["data", "event", "id", "retry"];

/** Whether a line that begins with `head` has, or may come to have, a meaning. */
export function mayMatter(head: string, comments: boolean): boolean {
  if (head.charCodeAt(0) === COLON) return comments;
  return NAMES.some((name) =>
    head.length <= name.length
      ? name.startsWith(head)
      : head.startsWith(`${name}:`)
  );
}

/** How many code units of an unfinished line that may matter belong to its value. */
export function valueLength(head: string, lineLength: number): number {
  const colon = head.indexOf(":");
  if (colon === -1) return 0;
  const value = head.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1;
  return Math.max(0, lineLength - value);
}

const DIGITS = /^[0-9]+$/;

/**
 * Reads the value of a `retry` field: ASCII digits in base ten, or `undefined`.
 *
 * Above `Number.MAX_SAFE_INTEGER`, where a number would no longer be the one
 * that was written, it stays there.
 */
export function parseRetry(value: string): number | undefined {
  return DIGITS.test(value)
    ? Math.min(Number(value), Number.MAX_SAFE_INTEGER)
    : undefined;
}
