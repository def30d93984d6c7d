const COLON = 0x3a;
const SPACE = 0x20;

/**
 * Where the value of the field `name` begins in the line of `text` from `start`
 * to `end`, or -1 if the line is not such a field (HTML 9.2.6, "process the field").
 *
 * A line without a colon is a field with an empty value.
 */
export function fieldValue(
  text: string,
  start: number,
  end: number,
  name: string,
): number {
  // `startsWith` costs more than to compare so few code units.
  for (let i = 0; i < name.length; i++) {
    if (text.charCodeAt(start + i) !== name.charCodeAt(i)) return -1;
  }
  const colon = start + name.length;
  return colon === end
    ? end
    : text.charCodeAt(colon) === COLON
    ? afterColon(text, colon)
    : -1;
}

/** Where the value behind a colon begins: one space after it is not part of it. */
export function afterColon(text: string, colon: number): number {
  return text.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1;
}

/**
 * Whether the line from `start` begins with `data:`.
 *
 * Five comparisons that engines inline: nearly every line is one, and on short
 * ones `startsWith` costs more than all the rest.
 */
export function isDataField(text: string, start: number): boolean {
  return text.charCodeAt(start) === 0x64 &&
    text.charCodeAt(start + 1) === 0x61 &&
    text.charCodeAt(start + 2) === 0x74 &&
    text.charCodeAt(start + 3) === 0x61 &&
    text.charCodeAt(start + 4) === COLON;
}

/** How much of a line decides what it is, and where its value begins. */
export const LINE_HEAD_LENGTH = "event: ".length;

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
  return colon === -1 ? 0 : Math.max(0, lineLength - afterColon(head, colon));
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
