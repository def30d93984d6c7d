import { EventBuildError } from "../src/errors.ts";

/** Elements that have no end tag, HTML 13.1.2. */
const VOID = new Set(
  "area base br col embed hr img input link meta source track wbr".split(" "),
);

/** Elements whose content is text up to their end tag, HTML 13.1.2. */
const TEXT = new Set("script style textarea title".split(" "));

/** A comment, an end tag or a start tag; the quotes of attributes may hide a `>`. */
const TAG =
  /<!--[^]*?-->|<\/([a-z][^\s/>]*)[^>]*>|<([a-z][^\s/>]*)((?:[^"'>]|"[^"]*"|'[^']*')*)>/gi;

const ATTRIBUTE = /([^\s/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+)))?/g;

/**
 * Finds the ids of the elements that no other is around.
 *
 * Only for complete elements, as Datastar wants them: every start tag has its end
 * tag.
 *
 * @throws {EventBuildError} If there is no element, one has no id, or they are not
 * complete.
 */
export function topLevelIds(elements: string): string[] {
  const ids: string[] = [];
  const open: string[] = [];
  TAG.lastIndex = 0;
  for (let tag = TAG.exec(elements); tag !== null; tag = TAG.exec(elements)) {
    const [, endName, startName, attributes = ""] = tag;
    if (endName !== undefined) {
      if (open.pop() !== endName.toLowerCase()) throw incomplete(elements);
    } else if (startName !== undefined) {
      const name = startName.toLowerCase();
      if (open.length === 0) ids.push(idOf(attributes, elements));
      const isEmpty = VOID.has(name) || attributes.endsWith("/");
      if (isEmpty) continue;
      open.push(name);
      if (TEXT.has(name)) TAG.lastIndex = endOfText(elements, name);
    }
  }
  if (open.length > 0) throw incomplete(elements);
  if (ids.length === 0) {
    throw new EventBuildError("there must be an element", "data", elements);
  }
  return ids;
}

/** Where the end tag of an element is that holds text. */
function endOfText(elements: string, name: string): number {
  const end = new RegExp(`</${name}[\\s/>]`, "ig");
  end.lastIndex = TAG.lastIndex;
  const found = end.exec(elements);
  if (found === null) throw incomplete(elements);
  return found.index;
}

function idOf(attributes: string, elements: string): string {
  for (const [, name, double, single, bare] of attributes.matchAll(ATTRIBUTE)) {
    if (name?.toLowerCase() !== "id") continue;
    const id = double ?? single ?? bare ?? "";
    if (id.includes("&")) {
      const reason = "an id must not hold a character reference";
      throw new EventBuildError(reason, "data", id);
    }
    if (id !== "") return id;
    break;
  }
  const reason = "every top-level element must have an id";
  throw new EventBuildError(reason, "data", elements);
}

function incomplete(elements: string): EventBuildError {
  const reason = "elements must be complete, with their end tags";
  return new EventBuildError(reason, "data", elements);
}

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
