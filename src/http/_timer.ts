import { quote } from "../_quote.ts";

/** The longest that a timer can wait, in milliseconds. */
const MAX_DELAY = 2 ** 31 - 1;

/**
 * Refuses a time that a timer cannot wait: it would fire at once instead.
 *
 * @throws {RangeError} If it is not from 1 to 2147483647 milliseconds.
 */
export function checkTimer(what: string, milliseconds: number): void {
  if (milliseconds >= 1 && milliseconds <= MAX_DELAY) return;
  throw new RangeError(
    `${what} must be from 1 to ${MAX_DELAY} milliseconds, got ${
      quote(milliseconds)
    }`,
  );
}
