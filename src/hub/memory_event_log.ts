import { checkAtLeast } from "../_check_at_least.ts";
import { StreamClosedError } from "../errors.ts";
import { textLength } from "./_text_length.ts";
import type { EventLog, EventLogEntry, EventLogListener } from "./event_log.ts";

/** How much a log in memory keeps. */
export interface MemoryEventLogOptions {
  /**
   * How many events are kept.
   *
   * @default {10000}
   */
  readonly maxEvents?: number | undefined;
  /**
   * How much text is kept, in bytes: two for each code unit.
   *
   * @default {16777216}
   */
  readonly maxBytes?: number | undefined;
  /**
   * How long an event is kept, in milliseconds. Those that are older are let go
   * whenever the log is used.
   *
   * @default {Infinity}
   */
  readonly maxAge?: number | undefined;
}

/** An entry, and what it takes to let it go in time. */
interface Kept {
  readonly entry: EventLogEntry;
  readonly bytes: number;
  readonly time: number;
}

/**
 * Makes a log in memory, for one process: after a restart its ids are stale.
 *
 * @example
 * ```ts
 * import { memoryEventLog } from "@tidings/sse/server";
 * import { assertEquals } from "@std/assert";
 *
 * const log = memoryEventLog({ maxEvents: 2 });
 * const ids = [];
 * for (const data of ["a", "b", "c", "d"]) {
 *   ids.push(await log.append({ topic: "", event: { data } }));
 * }
 * const missed = await log.readAfter(ids[2], 10);
 * assertEquals(missed?.map(({ event }) => event.data), ["d"]);
 * assertEquals(await log.readAfter(ids[0], 10), undefined); // trimmed
 * ```
 *
 * @param options How much it keeps.
 * @returns The log.
 * @throws {RangeError} If a limit is negative or not a number.
 */
export function memoryEventLog(options: MemoryEventLogOptions = {}): EventLog {
  const {
    maxEvents = 10_000,
    maxBytes = 16 * 1024 * 1024,
    maxAge = Infinity,
  } = options;
  checkAtLeast("Cannot keep events: maxEvents", 0, maxEvents);
  checkAtLeast("Cannot keep events: maxBytes", 0, maxBytes);
  checkAtLeast("Cannot keep events: maxAge", 0, maxAge);
  /** So that an id from before a restart is never taken for one of this log. */
  let epoch: string | undefined;
  const listeners = new Set<EventLogListener>();
  /** The entries, the oldest at `head`; what is before it was let go. */
  let kept: (Kept | undefined)[] = [];
  let head = 0;
  let keptBytes = 0;
  /** The number of the last entry. */
  let last = 0;
  let closed = false;

  // Made late: Workers has no chance before there is a request.
  function idOf(number: number): string {
    epoch ??= crypto.randomUUID().slice(0, 8);
    return `${epoch}-${number}`;
  }

  /** The number of the entry that has an id; `undefined` if it is none of this log. */
  function numberOf(id: string): number | undefined {
    const match = /^([0-9a-f]{8})-(0|[1-9]\d{0,15})$/.exec(id);
    if (match === null || match[1] !== epoch) return undefined;
    return Number(match[2]);
  }

  function letGo(): void {
    keptBytes -= kept[head]?.bytes ?? 0;
    kept[head++] = undefined;
    // Moved rarely, so that an entry is moved once on average.
    if (head > 1024 && head * 2 > kept.length) {
      kept = kept.slice(head);
      head = 0;
    }
  }

  function trim(): void {
    const oldestTime = maxAge === Infinity ? 0 : performance.now() - maxAge;
    for (let oldest = kept[head]; oldest !== undefined; oldest = kept[head]) {
      const isTooMuch = kept.length - head > maxEvents || keptBytes > maxBytes;
      if (!isTooMuch && oldest.time >= oldestTime) return;
      letGo();
    }
  }

  return {
    append({ topic, event }) {
      if (closed) return Promise.reject(new StreamClosedError("closed"));
      const entry = { id: idOf(last + 1), topic, event };
      // Before anything is counted: what is no entry has no size, and leaves no trace.
      const bytes = sizeOf(entry);
      last++;
      kept.push({ entry, bytes, time: performance.now() });
      keptBytes += bytes;
      trim();
      for (const listener of [...listeners]) listener.entries([entry]);
      return Promise.resolve(entry.id);
    },
    readAfter(id, limit) {
      trim();
      const number = numberOf(id);
      const held = kept.length - head;
      const isPlaced = number !== undefined && number <= last &&
        number >= last - held;
      if (!isPlaced) return Promise.resolve(undefined);
      const start = kept.length - (last - number);
      const entries: EventLogEntry[] = [];
      for (const found of kept.slice(start, start + limit)) {
        if (found !== undefined) entries.push(found.entry);
      }
      return Promise.resolve(entries);
    },
    oldest() {
      trim();
      return Promise.resolve(kept[head]?.entry.id);
    },
    tail(listener) {
      listeners.add(listener);
      return Promise.resolve({
        position: idOf(last),
        stop: () => void listeners.delete(listener),
      });
    },
    compare: (a, b) => (numberOf(a) ?? 0) - (numberOf(b) ?? 0),
    close() {
      closed = true;
      listeners.clear();
      kept = [];
      head = 0;
      return Promise.resolve();
    },
  };
}

/** About what an entry keeps in memory, in bytes. */
function sizeOf(entry: EventLogEntry): number {
  return 2 * (entry.id.length + textLength(entry));
}
