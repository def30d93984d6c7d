const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;
// The first letters of the names.
const SMALL_D = 0x64;
const SMALL_E = 0x65;
const SMALL_I = 0x69;
const SMALL_R = 0x72;

/** The word `data`, as `wordAt` gives it. */
export const DATA_WORD = 0x64_61_74_61;

/** Whether the line from `start` begins with `data:`, and something is behind. */
export function isDataLine(bytes: Uint8Array, start: number): boolean {
  return start + 5 < bytes.length && wordAt(bytes, start) === DATA_WORD &&
    bytes[start + 4] === COLON;
}

/** The same of a text. */
export function isDataLineIn(text: string, start: number): boolean {
  return start + 5 < text.length && text.charCodeAt(start) === SMALL_D &&
    text.charCodeAt(start + 1) === 0x61 &&
    text.charCodeAt(start + 2) === 0x74 &&
    text.charCodeAt(start + 3) === 0x61 &&
    text.charCodeAt(start + 4) === COLON;
}

/** Four bytes as one number, the first the highest. */
export function wordAt(bytes: Uint8Array, i: number): number {
  return bytes[i] << 24 | bytes[i + 1] << 16 | bytes[i + 2] << 8 |
    bytes[i + 3];
}

/** Whether a byte is ASCII, and no control character of those up to CR. */
export function isPlainByte(byte: number): boolean {
  return byte > CR && byte < 0x80;
}

/** How long the blank line at `start` is; 0 if there is none that ends with LF. */
export function blankLineAt(bytes: Uint8Array, start: number): number {
  if (start >= bytes.length) return 0;
  const first = bytes[start];
  if (first === LF) return 1;
  return first === CR && start + 1 < bytes.length && bytes[start + 1] === LF
    ? 2
    : 0;
}

/** The same of a text. */
export function blankLineIn(text: string, start: number): number {
  return text.startsWith("\n", start)
    ? 1
    : text.startsWith("\r\n", start)
    ? 2
    : 0;
}

/**
 * Where the LF that a text has at `end` is in its bytes, if before its line there are
 * `surplus` more of them than code units.
 */
export function lineFeedOf(
  text: string,
  bytes: Uint8Array,
  end: number,
  surplus: number,
): number {
  const earliest = end + surplus;
  if (bytes[earliest] === LF) return earliest;
  // Mostly it is the last line but for the blank one, and need not be looked through.
  // Of three units that begin and end with LF in the bytes, too, the one between is one
  // byte: the bytes of a longer one would be where the first LF is.
  const rest = text.length - end;
  const last = bytes.length - rest;
  if (rest <= 3 && bytes[bytes.length - 1] === LF && bytes[last] === LF) {
    return last;
  }
  return bytes.indexOf(LF, earliest + 1);
}

/** How much of a line decides what it is, and where its value begins. */
export const LINE_HEAD_LENGTH = "event: ".length;

/** What a line is to be taken for (HTML 9.2.6, "process the line"). */
export const OTHER = 0;
export const COMMENT = 1;
export const DATA = 2;
export const EVENT = 3;
export const ID = 4;
export const RETRY = 5;

/**
 * What the line from `start` is, by its first code units alone: the name may go on.
 *
 * Of a line that is shorter than a name, its end differs from it.
 */
export function lineKind(text: string, start: number): number {
  switch (text.charCodeAt(start)) {
    case COLON:
      return COMMENT;
    case SMALL_D:
      return text.startsWith("data", start) ? DATA : OTHER;
    case SMALL_E:
      return text.startsWith("event", start) ? EVENT : OTHER;
    case SMALL_I:
      return text.startsWith("id", start) ? ID : OTHER;
    case SMALL_R:
      return text.startsWith("retry", start) ? RETRY : OTHER;
    default:
      return OTHER;
  }
}

/** How long the names are, by the kind of line. */
const NAME_LENGTHS = [0, 0, 4, 5, 2, 5];

/**
 * How far from the beginning of a line of `length` its value begins, or -1 if its name
 * goes on.
 *
 * A line without a colon is a field with an empty value. One space behind the colon
 * is not part of the value.
 */
export function valueOffset(
  text: string,
  start: number,
  length: number,
  kind: number,
): number {
  if (kind === OTHER) return -1;
  const colon = NAME_LENGTHS[kind];
  if (colon === length) return length;
  if (text.charCodeAt(start + colon) !== COLON) return -1;
  return text.charCodeAt(start + colon + 1) === SPACE ? colon + 2 : colon + 1;
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
