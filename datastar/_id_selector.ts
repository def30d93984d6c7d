/**
 * Writes the CSS selector of an id.
 *
 * @see [CSSOM, section 2.1](https://drafts.csswg.org/cssom/#serialize-an-identifier)
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
