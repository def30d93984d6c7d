import { quote } from "./_quote.ts";

/**
 * Refuses a number that is below a bound, or is not a number.
 *
 * @throws {RangeError} If it is.
 */
export function checkAtLeast(
  what: string,
  least: number,
  value: number,
): void {
  if (value >= least) return;
  throw new RangeError(
    `${what} must be at least ${least}, got ${quote(value)}`,
  );
}
