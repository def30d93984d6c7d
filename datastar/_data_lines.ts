import { EventBuildError } from "../src/errors.ts";

const LINE_END = /\r\n|\r|\n/g;
const LINE_FEED = /\n/g;

/**
 * Writes a text as data lines of one name, one per line of the text.
 *
 * A line that is empty keeps the space behind the name: without it the browser
 * would not find the name.
 */
export function textLines(name: string, text: string): string {
  if (text.includes("\r")) {
    return `${name} ${text.replace(LINE_END, `\n${name} `)}`;
  }
  return text.includes("\n")
    ? `${name} ${text.replace(LINE_FEED, `\n${name} `)}`
    : `${name} ${text}`;
}

/**
 * Refuses an option that would not stay on its data line, or not arrive as it is.
 *
 * @throws {EventBuildError}
 */
export function checkOption(name: string, value: unknown): string {
  if (typeof value !== "string") {
    throw new EventBuildError(`${name} must be text`, "data", value);
  }
  if (value.trim() === "") {
    throw new EventBuildError(`${name} must not be empty`, "data", value);
  }
  if (value.includes("\n") || value.includes("\r")) {
    const reason = `${name} must not contain a line end`;
    throw new EventBuildError(reason, "data", value);
  }
  if (!value.isWellFormed()) {
    const reason = `${name} must not contain a lone surrogate`;
    throw new EventBuildError(reason, "data", value);
  }
  return value;
}

/**
 * Refuses an option that is neither on nor off: `"false"` must not turn it on.
 *
 * @throws {EventBuildError}
 */
export function checkSwitch(name: string, value: unknown): void {
  if (typeof value === "boolean") return;
  const reason = `${name} must be true or false`;
  throw new EventBuildError(reason, "data", value);
}

/**
 * Reads data lines as the browser does: the name ends at the first space, and
 * lines of one name are lines of one text.
 *
 * @throws {SyntaxError} If it fails on one.
 */
export function readDataLines(
  lines: readonly string[],
): ReadonlyMap<string, string> {
  const texts = new Map<string, string[]>();
  for (const line of lines) {
    const space = line.indexOf(" ");
    // Without a space the browser takes all but the last character for the name.
    const name = line.slice(0, space);
    // It looks names up in an object, on whose own properties it fails.
    if (name in Object.prototype) {
      throw new SyntaxError(`a data line must not be named ${name}`);
    }
    const value = line.slice(space + 1);
    const text = texts.get(name);
    if (text === undefined) texts.set(name, [value]);
    else text.push(value);
  }
  return new Map(
    Array.from(texts, ([name, text]) => [name, text.join("\n")]),
  );
}

/** Whether an option is on, as the browser tells. */
export function isTrue(text: string | undefined): boolean {
  return text?.trim() === "true";
}
