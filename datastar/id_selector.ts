/**
 * Writes the CSS selector of an id, whatever is in it.
 *
 * @see [CSSOM, section 2.1](https://drafts.csswg.org/cssom/#serialize-an-identifier)
 *
 * @example An id from elsewhere
 * ```ts
 * import { idSelector, removeElements } from "@tidings/sse/datastar";
 * import { assertEquals } from "@std/assert";
 *
 * const event = removeElements(idSelector("row, body"));
 * assertEquals(event.data, "selector #row\\,\\ body\nmode remove");
 * ```
 *
 * @param id The id.
 * @returns The selector.
 */
export function idSelector(id: string): string {
  let text = "#";
  for (const [index, character] of [...id].entries()) {
    text += escapeIn(id, index, character);
  }
  return text;
}

function escapeIn(id: string, index: number, character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code === 0) return "\uFFFD";
  const isControl = code < 0x20 || code === 0x7f;
  const isLeadingDigit = /[0-9]/.test(character) &&
    (index === 0 || (index === 1 && id.startsWith("-")));
  if (isControl || isLeadingDigit) return `\\${code.toString(16)} `;
  if (code >= 0x80 || /[\w-]/.test(character) && id !== "-") return character;
  return `\\${character}`;
}
