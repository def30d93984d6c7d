import { ownCopy } from "../_own_copy.ts";

const LF = 0x0a;
const CR = 0x0d;

/** How many types are remembered, and how long they are at most. */
const MOST_TYPES = 8;
const LONGEST_TYPE = 64;

/**
 * The types of a stream: mostly a few that come again and again, of which a copy is
 * made once. To copy one of 13 letters or more each time would take V8 as long as to
 * read the rest of a small event.
 */
export class EventTypes {
  readonly #types: string[] = [];
  readonly #bytes: Uint8Array[] = [];
  #next = 0;

  /** The type that fills the line from `start`, if it is remembered. */
  known(bytes: Uint8Array, start: number): string | undefined {
    for (let i = 0; i < this.#bytes.length; i++) {
      if (fillsLine(this.#bytes[i], bytes, start)) return this.#types[i];
    }
    return undefined;
  }

  /** Copies a type, and remembers it. */
  add(text: string, bytes: Uint8Array, start: number, end: number): string {
    const type = ownCopy(text.slice(start, end));
    if (type.length <= LONGEST_TYPE) {
      this.#types[this.#next] = type;
      // Not `slice`, which makes no copy of the bytes of a Node `Buffer`.
      this.#bytes[this.#next] = new Uint8Array(bytes.subarray(start, end));
      this.#next = (this.#next + 1) % MOST_TYPES;
    }
    return type;
  }
}

/** Whether a type is what there is from `start` to the end of the line. */
function fillsLine(
  type: Uint8Array,
  bytes: Uint8Array,
  start: number,
): boolean {
  const end = start + type.length;
  if (end >= bytes.length) return false;
  if (bytes[end] !== LF && bytes[end] !== CR) return false;
  for (let i = 0; i < type.length; i++) {
    if (type[i] !== bytes[start + i]) return false;
  }
  return true;
}
