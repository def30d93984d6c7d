/** An event as a view must give it: a key that is left out must be absent. */
export interface ExpectedEvent {
  /** The type, if the block wrote one that is not empty. */
  readonly event?: string;
  /** The data lines, joined by LF. */
  readonly data?: string;
  /** The last valid id field of this very block; `""` is a reset. */
  readonly id?: string;
  /** The last valid retry field of this very block, in milliseconds. */
  readonly retry?: number;
  /** In the wire view only: each without one space after its colon. */
  readonly comments?: readonly string[];
  /** In the dispatch view only: the last event ID string at dispatch. */
  readonly lastEventId?: string;
}

/**
 * An event stream, and what reading the whole of it must give.
 *
 * It holds however the input is cut into chunks. The clauses are those of
 * WHATWG HTML 9.2.5 and 9.2.6 and of the Encoding Standard; `DESIGN` marks
 * what those leave open and this project decided.
 */
export interface DecodeVector {
  /** Says what happens, theme first; no two vectors share it. */
  readonly name: string;
  /** The words of the specification that decide this vector. */
  readonly clause: string;
  /** The stream; text stands for its UTF-8 bytes. */
  readonly input: string | Uint8Array<ArrayBuffer>;
  /** The dispatch view: what an `EventSource` would dispatch. */
  readonly dispatch: readonly ExpectedEvent[];
  /** The wire view: what a proxy must pass on. */
  readonly wire: readonly ExpectedEvent[];
  /** The last event ID string after all of the input. */
  readonly lastEventId: string;
  /** In milliseconds, after all of the input; absent without a valid retry. */
  readonly reconnectionTime?: number;
}

const encoder = new TextEncoder();

/**
 * Makes an input that text alone cannot write.
 *
 * @param parts Strings, which become their UTF-8 bytes, and raw bytes.
 * @returns The parts one after the other.
 */
export const bytes = (
  ...parts: readonly (string | number)[]
): Uint8Array<ArrayBuffer> =>
  new Uint8Array(
    parts.flatMap((part) =>
      typeof part === "string" ? [...encoder.encode(part)] : [part]
    ),
  );
