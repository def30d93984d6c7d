import type { ServerSentEvent } from "../wire/event.ts";

/** An event in a log. */
export interface EventLogEntry {
  /** The id that the log gave it: ids of a log are totally ordered. */
  readonly id: string;
  /** The topic that it was published to, `""` if to none. */
  readonly topic: string;
  /** The event, its data as text, without an id. */
  readonly event: ServerSentEvent;
}

/** An event that is to be appended. */
export type NewEventLogEntry = Omit<EventLogEntry, "id">;

/** Told what is appended to a log. */
export interface EventLogListener {
  /**
   * Given entries as they come, in the order of their ids, each once.
   *
   * @param entries The entries, at least one.
   */
  entries(entries: readonly EventLogEntry[]): void;
  /**
   * Told that entries were lost before they could be read, since the log was trimmed.
   *
   * @param position The id behind which the entries begin that are given next.
   * @param oldest The id of the oldest entry, `undefined` if there is none.
   */
  gap(position: string, oldest: string | undefined): void;
  /**
   * Told what keeps the log from being read for now; it is tried again.
   *
   * @param error What went wrong.
   */
  error(error: unknown): void;
}

/** The live end of a log. */
export interface EventLogTail {
  /** The id behind which the entries begin that the listener is given. */
  readonly position: string;
  /** Gives the listener no more. */
  stop(): void;
}

/**
 * Events in the order in which they were published, to resume from.
 *
 * An {@linkcode EventHub} has one; `memoryEventLog` and `redisEventLog` make them.
 */
export interface EventLog {
  /**
   * Appends an event.
   *
   * @param entry The event, and its topic.
   * @returns Its id, once it is in the log.
   */
  append(entry: NewEventLogEntry): Promise<string>;
  /**
   * Reads what comes behind an id.
   *
   * @param id The id, from whatever source.
   * @param limit How many entries to read at most.
   * @returns The entries, less than `limit` only at the end of the log; `undefined`
   * if the log cannot place the id: it is none of its own, was trimmed, or is ahead
   * of the log.
   */
  readAfter(
    id: string,
    limit: number,
  ): Promise<readonly EventLogEntry[] | undefined>;
  /**
   * The id of the oldest entry.
   *
   * @returns The id, `undefined` if there is no entry.
   */
  oldest(): Promise<string | undefined>;
  /**
   * Follows the log from its end.
   *
   * @param listener Told what is appended from now on.
   * @returns The tail, once the log is being followed.
   */
  tail(listener: EventLogListener): Promise<EventLogTail>;
  /**
   * Compares two ids of the log.
   *
   * @param a An id.
   * @param b Another.
   * @returns A negative number if `a` is before `b`, a positive one if behind, 0 if
   * they are the same.
   */
  compare(a: string, b: string): number;
  /**
   * Lets go of everything that the log holds.
   *
   * @returns A promise that resolves when that is done.
   */
  close(): Promise<void>;
}
