import { lineFeedOf } from "./_field.ts";

/**
 * How many more bytes than code units come before a line of a text beyond ASCII.
 *
 * It grows with each such character, and what a line is can be read from the bytes all
 * the same: each of their line feeds is one of the text.
 */
export class ByteSurplus {
  /** Up to which line they are counted. */
  line = 0;
  #surplus = 0;

  /** Goes to the beginning of a text. */
  reset(): void {
    this.set(0, 0);
  }

  /** Sets how many come before the line at `line`. */
  set(line: number, surplus: number): void {
    this.line = line;
    this.#surplus = surplus;
  }

  /** How many come before the line at `line`, which is where they were set or behind it. */
  before(line: number, text: string, bytes: Uint8Array): number {
    while (this.line < line) {
      const end = text.indexOf("\n", this.line);
      this.#surplus = lineFeedOf(text, bytes, end, this.#surplus) - end;
      this.line = end + 1;
    }
    return this.#surplus;
  }
}
