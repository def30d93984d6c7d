/** The id before all entries. */
export const START = "0-0";

const ID = /^(0|[1-9]\d{0,19})-(0|[1-9]\d{0,19})$/;

/** What 64 bits hold at most: a larger id is an error to Redis. */
const MAX_NUMBER = "18446744073709551615";

/** Whether a text is the id of an entry, as Redis writes it. */
export function isEntryId(id: string): boolean {
  const [, time, number] = ID.exec(id) ?? [];
  return time !== undefined && compareNumbers(time, MAX_NUMBER) <= 0 &&
    compareNumbers(number, MAX_NUMBER) <= 0;
}

/** Compares two ids of entries: by the time, then by the number. */
export function compareIds(a: string, b: string): number {
  const [timeA, numberA] = a.split("-");
  const [timeB, numberB] = b.split("-");
  return compareNumbers(timeA, timeB) || compareNumbers(numberA, numberB);
}

/** Compares as many digits as 64 bits have, which no number holds exactly. */
function compareNumbers(a = "0", b = "0"): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
