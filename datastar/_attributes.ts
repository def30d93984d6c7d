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

/** An attribute as it is written in HTML: a name, or a name and a value. */
const WRITTEN =
  /^([^\s=]+)(?:=(?:"[^"<>\0\r\n]*"|'[^'<>\0\r\n]*'|[^\s"'=<>`\0]+))?$/;

/**
 * Writes attributes, each with a space before it.
 *
 * @throws {EventBuildError} If a name is none, is there twice, or a value is neither
 * text nor a number nor a boolean, or holds what HTML has no way to say.
 */
export function formatAttributes(
  attributes: ScriptAttributes | readonly string[],
): string {
  if (isList(attributes)) {
    return attributes.map(checkWritten(namesOnce())).join("");
  }
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
  if (
    typeof attributes !== "object" || attributes === null || isList(attributes)
  ) {
    const reason = "attributes must be an object";
    throw new EventBuildError(reason, "data", attributes);
  }
  const entries: [string, string | true][] = [];
  const checkName = namesOnce();
  for (const [name, value] of Object.entries(attributes)) {
    checkName(name);
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

/** The names of attributes, in lower case: they are the same in any case. */
export function attributeNames(
  attributes: ScriptAttributes | readonly string[],
): string[] {
  const names = isList(attributes)
    ? attributes.map((attribute) => String(attribute).split("=")[0])
    : attributeEntries(attributes).map(([name]) => name);
  return names.map((name) => name.toLowerCase());
}

function isList(
  attributes: ScriptAttributes | readonly string[],
): attributes is readonly string[] {
  return Array.isArray(attributes);
}

/** Refuses names that are none, and the second of two: the browser takes the first. */
function namesOnce(): (name: string) => void {
  const names = new Set<string>();
  return (name) => {
    if (!NAME.test(name)) {
      const reason = "the name of an attribute must be one of HTML";
      throw new EventBuildError(reason, "data", name);
    }
    if (names.has(name.toLowerCase())) {
      const reason = "an attribute must be there only once";
      throw new EventBuildError(reason, "data", name);
    }
    names.add(name.toLowerCase());
  };
}

/** Refuses what is more or less than one attribute as it is written in HTML. */
function checkWritten(
  checkName: (name: string) => void,
): (attribute: string) => string {
  return (attribute) => {
    const name = typeof attribute === "string" && attribute.isWellFormed()
      ? WRITTEN.exec(attribute)?.[1]
      : undefined;
    if (name === undefined) {
      const reason =
        "an attribute must be a name, or a name and a quoted value";
      throw new EventBuildError(reason, "data", attribute);
    }
    checkName(name);
    return ` ${attribute}`;
  };
}

function escape(name: string, value: string): string {
  if (value.includes("\0") || !value.isWellFormed()) {
    const reason = `attribute ${name} must not contain NUL or a lone surrogate`;
    throw new EventBuildError(reason, "data", value);
  }
  return value.replace(/[&"<>\n\r]/g, (character) => ENTITIES[character] ?? "");
}
