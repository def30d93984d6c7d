const LF = 0x0a;

/**
 * V8 copies strings shorter than this when they are cut out of a text; JavaScriptCore
 * only when they become keys, of a `Set` or a `Map` for example.
 */
const COPIED_LENGTH = 13;

/**
 * Copies a string that may have been cut out of a larger one.
 *
 * Engines let such a string refer to the text that it was cut out of, which then
 * stays in memory as long as the string does.
 */
export function ownCopy(text: string): string {
  const copy = `\n${text}`;
  // To ask for a code unit makes it flat, in memory of its own: V8 would do so to cut
  // it, too; JavaScriptCore would not, nor to search it.
  return copy.charCodeAt(0) === LF ? copy.slice(1) : text;
}

/**
 * Copies an id or a type, which programs may keep without the rest of its event, unless
 * it is so short that most engines do. To copy those, too, would take JavaScriptCore a
 * third longer for a small event: there they keep a text in memory until they are keys.
 */
export function ownField(value: string): string {
  return value.length < COPIED_LENGTH ? value : ownCopy(value);
}
