/** Engines copy strings shorter than this when they are cut out of a text. */
const COPIED_LENGTH = 13;

/**
 * Copies a string that may have been cut out of a larger one.
 *
 * Engines let such a string refer to the text that it was cut out of, which then
 * stays in memory as long as the string does.
 */
export function ownCopy(text: string): string {
  // The concatenation is made flat, into memory of its own, before it is cut.
  return text.length < COPIED_LENGTH ? text : `\n${text}`.slice(1);
}
