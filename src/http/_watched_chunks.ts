import { EventStreamTimeoutError } from "../errors.ts";
import { MAX_TIMER } from "./_timer.ts";
import type { ChunkResult, ChunkSource } from "../wire/_chunk_source.ts";

/** Below and above this interval an announcement is none: 1 s and 1 h. */
const MIN_ANNOUNCED = 1000;
const MAX_ANNOUNCED = 3_600_000;

/** How many announced intervals may pass in silence. */
const MISSED_INTERVALS = 2.5;

/** How long the opening comment can be, with a byte order mark before it, in bytes. */
const OPENING_LENGTH = 64;

const ANNOUNCEMENT = /^\uFEFF?: ?keep-alive (\d{1,9})[\r\n]/;

/** A source that is watched. */
export interface WatchedChunks extends ChunkSource {
  /** What reading it has failed with. */
  readonly failure: { readonly error: unknown } | undefined;
}

/**
 * Watches a source: fails when nothing comes for too long while it is read.
 *
 * @param chunks The source.
 * @param idleTimeout How long it may be silent, in milliseconds; `undefined` for as
 * long as the interval says that the stream announces in its first comment.
 * @param onTimeout Told the error before it is thrown.
 */
export function watchChunks(
  chunks: ChunkSource,
  idleTimeout: number | undefined,
  onTimeout: (error: EventStreamTimeoutError) => void,
): WatchedChunks {
  let failure: WatchedChunks["failure"];
  let timeout = idleTimeout;
  /** The start of the stream, as long as the announcement may be in it. */
  let opening: string | undefined = idleTimeout === undefined ? "" : undefined;

  function look(chunk: Uint8Array): void {
    if (opening === undefined) return;
    const start = chunk.subarray(0, OPENING_LENGTH - opening.length);
    // A code unit per byte: all that matters is ASCII, or the byte order mark.
    opening += String.fromCharCode(...start);
    const interval = announcedInterval(opening);
    if (interval !== undefined) timeout = interval * MISSED_INTERVALS;
    const isOver = opening.length >= OPENING_LENGTH || /[\r\n]/.test(opening);
    if (isOver) opening = undefined;
  }

  function readInTime(milliseconds: number): Promise<ChunkResult> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const reason =
          `it must not be silent for ${milliseconds} ms, got nothing`;
        const error = new EventStreamTimeoutError(reason, milliseconds);
        onTimeout(error);
        reject(error);
      }, Math.min(milliseconds, MAX_TIMER));
      const done = () => clearTimeout(timer);
      chunks.read().then((result) => {
        done();
        resolve(result);
      }, (error) => {
        done();
        reject(error);
      });
    });
  }

  return {
    ...chunks,
    get failure() {
      return failure;
    },
    async read() {
      try {
        const result = timeout === undefined || timeout === Infinity
          ? await chunks.read()
          : await readInTime(timeout);
        if (!result.done) look(result.value);
        return result;
      } catch (error) {
        failure = { error };
        throw error;
      }
    },
  };
}

/** The keep-alive interval that a stream announces at its start, in milliseconds. */
function announcedInterval(opening: string): number | undefined {
  const text = opening.replace(/^\xEF\xBB\xBF/, "\uFEFF");
  const interval = Number(ANNOUNCEMENT.exec(text)?.[1] ?? NaN);
  return interval >= MIN_ANNOUNCED && interval <= MAX_ANNOUNCED
    ? interval
    : undefined;
}
