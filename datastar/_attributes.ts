import { EventBuildError } from "../src/errors.ts";
import type { ScriptAttributes } from "./execute_script.ts";

/** [HTML, section 13.1.2.3](https://html.spec.whatwg.org/multipage/syntax.html#attributes-2), and `<`, which is an error there. */
const NAME = /^[^\s"'<>/=\p{Cc}\p{Noncharacter_Code_Point}\p{Surrogate}]+$/u;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  '"': "&quot;",
  "<": "&lt;",
  ">": "&gt;",
  "\n": "&#10;",
  "\r": "&#13;",
};

/**
 * Writes attributes, each with a space before it.
 *
 * @throws {EventBuildError} If a name is none, is there twice, or a value is neither
 * text nor a number nor a boolean, or holds what HTML has no way to say.
 */
export function formatAttributes(attributes: ScriptAttributes): string {
  let text = "";
  for (const [name, value] of attributeEntries(attributes)) {
    text += value === true ? ` ${name}` : ` ${name}="${escape(name, value)}"`;
  }
  return text;
}

/** The attributes that are there: those that are false or undefined are not. */
export function attributeEntries(
  attributes: ScriptAttributes,
): [name: string, value: string | true][] {
  const entries: [string, string | true][] = [];
  const names = new Set<string>();
  for (const [name, value] of Object.entries(attributes)) {
    if (!NAME.test(name)) {
      const reason = "the name of an attribute must be one of HTML";
      throw new EventBuildError(reason, "data", name);
    }
    // Names are the same in any case, and the browser takes the first only.
    if (names.has(name.toLowerCase())) {
      const reason = "an attribute must be there only once";
      throw new EventBuildError(reason, "data", name);
    }
    names.add(name.toLowerCase());
    if (value === undefined || value === false) continue;
    if (
      value !== true && typeof value !== "string" && typeof value !== "number"
    ) {
      const reason = `attribute ${name} must be text, a number or a boolean`;
      throw new EventBuildError(reason, "data", value);
    }
    entries.push([name, value === true ? value : String(value)]);
  }
  return entries;
}

function escape(name: string, value: string): string {
  if (value.includes("\0") || !value.isWellFormed()) {
    const reason = `attribute ${name} must not contain NUL or a lone surrogate`;
    throw new EventBuildError(reason, "data", value);
  }
  return value.replace(/[&"<>\n\r]/g, (character) => ENTITIES[character] ?? "");
}
