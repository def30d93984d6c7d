import { LINE_HEAD_LENGTH, mayMatter, valueLength } from "./_field.ts";

/**
 * The beginning of a line whose end has not come yet.
 *
 * The pieces are joined once, when the line ends: joining at every chunk would
 * take quadratic time. A line that will be ignored is not kept at all.
 */
export class UnfinishedLine {
  readonly #comments: boolean;
  #pieces: string[] = [];
  #head = "";
  #length = 0;
  #begun = false;
  #ignored = false;

  /** @param comments Whether comments have a meaning. */
  constructor(comments: boolean) {
    this.#comments = comments;
  }

  /** Whether there is one. */
  get begun(): boolean {
    return this.#begun;
  }

  /** How many code units of it are kept. */
  get length(): number {
    return this.#length;
  }

  /** How many of those belong to its value. */
  get valueLength(): number {
    return valueLength(this.#head, this.#length);
  }

  /** Adds text to it. */
  append(text: string): void {
    this.#begun = true;
    if (this.#ignored) return;
    if (this.#head.length < LINE_HEAD_LENGTH) {
      this.#head = (this.#head + text).slice(0, LINE_HEAD_LENGTH);
      if (!mayMatter(this.#head, this.#comments)) {
        this.#ignored = true;
        this.#pieces = [];
        this.#length = 0;
        return;
      }
    }
    this.#pieces.push(text);
    this.#length += text.length;
  }

  /** Ends it with a last piece of text, and returns it whole; `""` if it has no meaning. */
  finish(text: string): string {
    const pieces = this.#pieces;
    pieces.push(text);
    // Two are joined faster by hand; many concatenations would be dear to read.
    const line = this.#ignored
      ? ""
      : pieces.length === 2
      ? pieces[0] + pieces[1]
      : pieces.join("");
    this.#pieces = [];
    this.#head = "";
    this.#length = 0;
    this.#begun = false;
    this.#ignored = false;
    return line;
  }
}
