import type { EventLog } from "./event_log.ts";

type EventLogRead = ReturnType<EventLog["readAfter"]>;

/** Reads from a log, each at once for all who ask the same. */
export interface SharedReads {
  /** As of the log, for a hub whose subscribers have what is up to `position`. */
  readAfter(id: string, limit: number, position: string): EventLogRead;
  /** As of the log. */
  oldest(): Promise<string | undefined>;
}

/**
 * Lets those who come back together, as after a crash, read together, as long as
 * nothing new has come: what was read before may lack it.
 */
export function shareReads(log: EventLog): SharedReads {
  const reads = new Map<string, EventLogRead>();
  let reading: Promise<string | undefined> | undefined;

  function read(key: string, id: string, limit: number): EventLogRead {
    const read = log.readAfter(id, limit).finally(() => reads.delete(key));
    reads.set(key, read);
    return read;
  }

  return {
    async readAfter(id, limit, position) {
      const key = `${limit} ${position} ${id}`;
      const entries = await reads.get(key);
      // An id that was ahead of the log may have been given since: who joined a read
      // that had begun asks once more, together with all others who did.
      return entries ?? await (reads.get(key) ?? read(key, id, limit));
    },
    oldest: () =>
      reading ??= log.oldest().finally(() => {
        reading = undefined;
      }),
  };
}
