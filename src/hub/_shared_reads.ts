import { CHUNK_BYTES } from "../http/_chunk_bytes.ts";
import { textLength } from "./_text_length.ts";
import type { EventLog, EventLogEntry } from "./event_log.ts";

/** What was read from a log at a time. */
export interface EventLogRun {
  /** About as many entries as make a chunk, at least one unless it is the end. */
  readonly entries: readonly EventLogEntry[];
  /** Whether there was nothing behind them. */
  readonly isEnd: boolean;
}

/** Reads from a log, each at once for all who ask the same. */
export interface SharedReads {
  /**
   * As of the log, for a hub whose subscribers have what is up to `position`; as much
   * as may be sent at once, since a client need not read it.
   */
  readAfter(id: string, position: string): Promise<EventLogRun | undefined>;
  /** As of the log. */
  oldest(): Promise<string | undefined>;
}

/** How many entries are asked for as long as their size is unknown, and at most. */
const FIRST_ENTRIES = 4;
const MAX_ENTRIES = 256;

/** How many times more are asked for as long as they are small. */
const GROWTH = 4;

/**
 * Lets those who come back together, as after a crash, read together, as long as
 * nothing new has come: what was read before may lack it.
 */
export function shareReads(log: EventLog): SharedReads {
  const reads = new Map<string, Promise<EventLogRun | undefined>>();
  let reading: Promise<string | undefined> | undefined;
  /** How many entries the next read asks for: a log says how many they are, not how large. */
  let limit = FIRST_ENTRIES;

  async function readRun(id: string): Promise<EventLogRun | undefined> {
    const asked = limit;
    const entries = await log.readAfter(id, asked);
    if (entries === undefined) return undefined;
    let count = 0;
    let length = 0;
    for (const entry of entries) {
      length += textLength(entry);
      // One is sent however large it is; those that are left are read again.
      if (length > CHUNK_BYTES && count > 0) break;
      count++;
    }
    if (count < entries.length) limit = count;
    else if (count >= asked && length <= CHUNK_BYTES / GROWTH) {
      limit = Math.min(asked * GROWTH, MAX_ENTRIES);
    }
    return {
      entries: entries.slice(0, count),
      isEnd: entries.length < asked && count === entries.length,
    };
  }

  function read(key: string, id: string): Promise<EventLogRun | undefined> {
    const read = readRun(id).finally(() => reads.delete(key));
    reads.set(key, read);
    return read;
  }

  return {
    async readAfter(id, position) {
      const key = `${position} ${id}`;
      const run = await reads.get(key);
      // An id that was ahead of the log may have been given since: who joined a read
      // that had begun asks once more, together with all others who did.
      return run ?? await (reads.get(key) ?? read(key, id));
    },
    oldest: () =>
      reading ??= log.oldest().finally(() => {
        reading = undefined;
      }),
  };
}
