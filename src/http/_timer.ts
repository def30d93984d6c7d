import { quote } from "../_quote.ts";

/** The longest that a timer can wait, in milliseconds. */
export const MAX_TIMER = 2 ** 31 - 1;

/**
 * Refuses a time that a timer cannot wait: it would fire at once instead.
 *
 * @throws {RangeError} If it is not from 1 to 2147483647 milliseconds.
 */
export function checkTimer(what: string, milliseconds: number): void {
  if (milliseconds >= 1 && milliseconds <= MAX_TIMER) return;
  throw new RangeError(
    `${what} must be from 1 to ${MAX_TIMER} milliseconds, got ${
      quote(milliseconds)
    }`,
  );
}
