/** What no reader of event streams can do without: decoding text and finding line ends. */
export interface Floor {
  /** How many line feeds were found. */
  readonly lines: number;
  /** Decodes the lines that this chunk completes, and counts them. */
  feed(chunk: Uint8Array): void;
}

const LF = 0x0a;

/** Chunks up to this size are copied byte by byte, without a call. */
const SHORT_LENGTH = 128;

/** What is longer than this is not copied at all. */
const LONG_LENGTH = 4096;

/**
 * Makes a floor: a one-shot `TextDecoder` over whole lines, then `indexOf("\n")`.
 *
 * Only a line longer than `LONG_LENGTH` is decoded in pieces: its text, which
 * nobody sees, may be wrong where it was cut.
 */
export function createFloor(): Floor {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const kept = new Uint8Array(2 * LONG_LENGTH);
  let length = 0;
  let lines = 0;

  function scan(bytes: Uint8Array): void {
    const text = decoder.decode(bytes);
    for (let i = text.indexOf("\n"); i >= 0; i = text.indexOf("\n", i + 1)) {
      lines++;
    }
  }

  function scanKept(end: number): void {
    if (end === 0) return;
    scan(kept.subarray(0, end));
    kept.copyWithin(0, end, length);
    length -= end;
  }

  function keep(bytes: Uint8Array): void {
    kept.set(bytes, length);
    length += bytes.length;
  }

  /** Keeps a chunk byte by byte; returns where the last line ends in what is kept. */
  function keepShort(chunk: Uint8Array): number {
    let end = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i];
      kept[length++] = byte;
      if (byte === LF) end = length;
    }
    return end;
  }

  /** Decodes the lines of a chunk where they are, but for the first and the last. */
  function feedLong(chunk: Uint8Array): void {
    let start = 0;
    if (length > 0) {
      const firstEnd = chunk.indexOf(LF) + 1;
      if (firstEnd <= LONG_LENGTH) start = firstEnd;
      keep(chunk.subarray(0, start));
      scanKept(length);
    }
    const lastStart = chunk.lastIndexOf(LF) + 1;
    const isLastLong = chunk.length - lastStart > LONG_LENGTH;
    const end = isLastLong ? chunk.length : lastStart;
    if (start < end) scan(chunk.subarray(start, end));
    if (end < chunk.length) keep(chunk.subarray(end));
  }

  return {
    get lines() {
      return lines;
    },
    feed(chunk) {
      if (chunk.length > LONG_LENGTH) return feedLong(chunk);
      if (length + chunk.length > kept.length) scanKept(length);
      if (chunk.length <= SHORT_LENGTH) return scanKept(keepShort(chunk));
      keep(chunk);
      scanKept(kept.lastIndexOf(LF, length - 1) + 1);
    },
  };
}
