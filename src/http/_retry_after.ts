const DATE =
  /^(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?,? .*\d\d:\d\d:\d\d/;

/**
 * Reads a `Retry-After` header: a number of seconds, or a date.
 *
 * @see [RFC 9110, section 10.2.3](https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3)
 *
 * @param value The header, `null` if there is none.
 * @param date The time that it is, in milliseconds since 1970.
 * @returns How long to wait in milliseconds, `undefined` if it is neither.
 */
export function parseRetryAfter(
  value: string | null,
  date: number,
): number | undefined {
  if (value === null) return undefined;
  // Sent twice, it comes as a list: the longest is waited.
  if (/^\d+(?:\s*,\s*\d+)*$/.test(value)) {
    return Math.max(...value.split(",").map(Number)) * 1000;
  }
  // The form of asctime has no time zone; all three mean GMT.
  const time = DATE.test(value)
    ? Date.parse(/GMT$/.test(value) ? value : `${value} GMT`)
    : NaN;
  return Number.isNaN(time) ? undefined : Math.max(0, time - date);
}
