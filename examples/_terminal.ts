/**
 * What the examples that print share: text of a stranger, fit for a terminal.
 *
 * @module
 */

/**
 * Makes control characters visible, which could tell a terminal what to do.
 *
 * @param text The text.
 * @param kept The control characters that stay.
 * @returns The text, safe to print.
 */
export function visible(text: string, kept = "\t"): string {
  return text.replace(/\p{Cc}/gu, (character) => {
    if (kept.includes(character)) return character;
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}

/**
 * Says what went wrong, in one line.
 *
 * @param error The error, with its causes.
 * @returns Their messages.
 */
export function reasons(error: unknown): string {
  const messages: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    messages.push(visible(cause.message));
  }
  return messages.join(": ");
}
