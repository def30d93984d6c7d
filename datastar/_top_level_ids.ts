import { EventBuildError } from "../src/errors.ts";

/** Elements that have no end tag, HTML 13.1.2. */
const VOID = new Set(
  "area base br col embed hr img input link meta source track wbr".split(" "),
);

/** Elements whose content is text up to their end tag, HTML 13.2.6. */
const TEXT = new Set(
  "iframe noembed noframes script style textarea title xmp".split(" "),
);

/** A start tag, and what matters of it. */
interface StartTag {
  readonly name: string;
  readonly id: string | undefined;
  readonly isSelfClosing: boolean;
  /** Where the text behind it begins. */
  readonly end: number;
}

/**
 * Finds the ids of the elements that no other is around.
 *
 * Only for complete elements, as Datastar wants them: every start tag has its end
 * tag. A scanner rather than a parser, that looks at every character once.
 *
 * @throws {EventBuildError} If there is no element, one has no id, or they are not
 * complete.
 */
export function topLevelIds(elements: string): string[] {
  const ids: string[] = [];
  const open: string[] = [];
  let at = elements.indexOf("<");
  while (at !== -1) {
    if (elements.startsWith("<!--", at)) {
      at = endOfComment(elements, at);
    } else if (/[!?]/.test(elements[at + 1])) {
      at = endOf(elements, ">", at);
    } else if (elements[at + 1] === "/") {
      at = readEndTag(elements, at, open);
    } else if (/[a-z]/i.test(elements[at + 1])) {
      const tag = readTag(elements, at + 1);
      const { name, id, isSelfClosing } = tag;
      at = tag.end;
      if (open.length === 0) ids.push(checkId(id, elements));
      if (!isSelfClosing && !VOID.has(name)) {
        open.push(name);
        if (TEXT.has(name)) at = endOfText(elements, name, at);
      }
    } else {
      at++;
    }
    at = elements.indexOf("<", at);
  }
  if (open.length > 0) throw incomplete(elements);
  if (ids.length === 0) {
    throw new EventBuildError("there must be an element", "data", elements);
  }
  return ids;
}

function readEndTag(elements: string, at: number, open: string[]): number {
  // Not an end tag, but a comment that is none of HTML's.
  if (!/[a-z]/i.test(elements[at + 2])) return endOf(elements, ">", at);
  const { name, end } = readTag(elements, at + 2);
  if (open.pop() !== name) throw incomplete(elements);
  return end;
}

const TAG_NAME = /[^\s/>]+/y;
const BETWEEN = /[\s/]*/y;
const ATTRIBUTE_NAME = /=?[^\s/>=]*/y;
const ATTRIBUTE_VALUE = /\s*=\s*(?:"([^"]*)"|'([^']*)'|(?!["'\s])([^\s>]*))/y;

const OPEN_VALUE = /\s*=/y;

/** Reads a tag from its name on. */
function readTag(elements: string, start: number): StartTag {
  let at = start;
  function read(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = at;
    const match = pattern.exec(elements);
    if (match !== null) at = pattern.lastIndex;
    return match;
  }

  const name = read(TAG_NAME)?.[0].toLowerCase() ?? "";
  let id: string | undefined;
  while (true) {
    const between = read(BETWEEN)?.[0] ?? "";
    if (at === elements.length) throw incomplete(elements);
    if (elements[at] === ">") {
      return { name, id, isSelfClosing: between.endsWith("/"), end: at + 1 };
    }
    const attribute = read(ATTRIBUTE_NAME)?.[0].toLowerCase();
    const value = read(ATTRIBUTE_VALUE);
    // What is left of a value are quotes that are never closed.
    if (value === null && read(OPEN_VALUE) !== null) throw incomplete(elements);
    // Of two attributes of one name the first counts.
    if (attribute === "id" && id === undefined) {
      id = value?.[1] ?? value?.[2] ?? value?.[3] ?? "";
    }
  }
}

/** Where a comment ends: at once, if it is `<!-->` or `<!--->`. */
function endOfComment(elements: string, at: number): number {
  const end = /--!?>/g;
  end.lastIndex = at + 2;
  const found = end.exec(elements);
  if (found === null) throw incomplete(elements);
  return end.lastIndex;
}

/** Where the end tag of an element is that holds text. */
function endOfText(elements: string, name: string, at: number): number {
  const end = new RegExp(`</${name}[\\s/>]`, "ig");
  end.lastIndex = at;
  const found = end.exec(elements);
  if (found === null) throw incomplete(elements);
  return found.index;
}

function endOf(elements: string, text: string, at: number): number {
  const found = elements.indexOf(text, at);
  if (found === -1) throw incomplete(elements);
  return found + text.length;
}

function checkId(id: string | undefined, elements: string): string {
  if (id === undefined || id === "") {
    const reason = "every top-level element must have an id";
    throw new EventBuildError(reason, "data", elements);
  }
  if (id.includes("&")) {
    const reason = "an id must not hold a character reference";
    throw new EventBuildError(reason, "data", id);
  }
  return id;
}

function incomplete(elements: string): EventBuildError {
  const reason = "elements must be complete, with their end tags";
  return new EventBuildError(reason, "data", elements);
}
