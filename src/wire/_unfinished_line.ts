import { LINE_HEAD_LENGTH, mayMatter, valueLength } from "./_field.ts";

/** The beginning of a line whose end has not come yet. */
export interface UnfinishedLine {
  /** Whether there is one. */
  readonly begun: boolean;
  /** How many code units of it are kept. */
  readonly length: number;
  /** How many of those belong to its value. */
  readonly valueLength: number;
  /** Adds text to it. */
  append(text: string): void;
  /** Ends it with a last piece of text, and returns it whole; `""` if it has no meaning. */
  finish(text: string): string;
}

/**
 * Makes a place for unfinished lines.
 *
 * The pieces are joined once, when the line ends: joining at every chunk would
 * take quadratic time. A line that will be ignored is not kept at all.
 *
 * @param comments Whether comments have a meaning.
 */
export function createUnfinishedLine(comments: boolean): UnfinishedLine {
  let pieces: string[] = [];
  let head = "";
  let length = 0;
  let begun = false;
  let ignored = false;

  return {
    get begun() {
      return begun;
    },
    get length() {
      return length;
    },
    get valueLength() {
      return valueLength(head, length);
    },
    append(text) {
      begun = true;
      if (ignored) return;
      if (head.length < LINE_HEAD_LENGTH) {
        head = (head + text).slice(0, LINE_HEAD_LENGTH);
        if (!mayMatter(head, comments)) {
          ignored = true;
          pieces = [];
          length = 0;
          return;
        }
      }
      pieces.push(text);
      length += text.length;
    },
    finish(text) {
      pieces.push(text);
      // Two are joined faster by hand; many concatenations would be dear to read.
      const line = ignored
        ? ""
        : pieces.length === 2
        ? pieces[0] + pieces[1]
        : pieces.join("");
      pieces = [];
      head = "";
      length = 0;
      begun = false;
      ignored = false;
      return line;
    },
  };
}
