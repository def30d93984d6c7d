/** The id before all entries. */
export const START = "0-0";

const ID = /^(\d{1,20})-(\d{1,20})$/;

/** Whether a text is the id of an entry, as Redis writes it. */
export function isEntryId(id: string): boolean {
  return ID.test(id);
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
