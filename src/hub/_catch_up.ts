import { concatBytes } from "../http/_concat_bytes.ts";
import type { HubEvent } from "./_hub_event.ts";
import type { SharedReads } from "./_shared_reads.ts";
import type { Subscriber } from "./_subscriber.ts";
import type { EventLog, EventLogEntry } from "./event_log.ts";

/** What a subscriber needs that catches up. */
export interface CatchUpOptions {
  readonly subscriber: Subscriber;
  readonly log: Pick<EventLog, "compare">;
  readonly reads: SharedReads;
  /** The id behind which to begin, `undefined` if it is none of the log's. */
  readonly from: string | undefined;
  /** The id of the last event that the hub has given to its subscribers. */
  readonly position: () => string;
  /** How many events, and bytes of them, may wait until it is live. */
  readonly maxQueuedEvents: number;
  readonly maxQueuedBytes: number;
  /** Encodes entries, without those that cannot be written. */
  readonly eventsOf: (entries: readonly EventLogEntry[]) => HubEvent[];
  /** Whether an entry is for the subscriber. */
  readonly isFor: (entry: EventLogEntry) => boolean;
  /** Told that the log has placed it. */
  readonly placed: () => void;
  /** Told how many events it was given. */
  readonly delivered: (count: number) => void;
  /** Tells the subscriber that the log has not, and that the events go on behind `position`. */
  readonly stale: (
    lost: string | undefined,
    oldest: string | undefined,
    position: string,
  ) => void;
}

/**
 * Gives a subscriber what it missed, and then the live events: each once, in order,
 * without a gap.
 *
 * Live events are kept aside while the log is read up to where they begin: up to
 * `mark`. Those that were read are left out of them then. If too many come
 * meanwhile they are let go, and the log is read up to a later mark.
 */
export async function catchUp(options: CatchUpOptions): Promise<void> {
  const { subscriber, log, reads, position, eventsOf, isFor } = options;
  let mark = position();
  let aside: HubEvent[] = [];
  let asideBytes = 0;
  /** How often that was: what was read before says nothing of the end any more. */
  let timesLetGo = 0;

  function letGo(): void {
    aside = [];
    asideBytes = 0;
    mark = position();
    timesLetGo++;
  }

  subscriber.intercept = {
    get bytes() {
      return asideBytes;
    },
    isOver: false,
    events(events) {
      for (const event of events) {
        aside.push(event);
        asideBytes += event.bytes.length;
      }
      const isTooMuch = aside.length > options.maxQueuedEvents ||
        asideBytes > options.maxQueuedBytes;
      if (isTooMuch) letGo();
    },
    gap: letGo,
  };

  let cursor = options.from;
  subscriber.place = cursor;
  let isPlaced = false;

  /** Gives it a run, at the end the live events; whether that is done, or it has left. */
  async function giveRun(): Promise<boolean> {
    const before = timesLetGo;
    const run = cursor === undefined
      ? undefined
      : await reads.readAfter(cursor, position());
    if (cursor === undefined || run === undefined) {
      const oldest = await reads.oldest();
      if (subscriber.ended) return true;
      // Everything up to the mark may be lost, everything behind it was kept aside.
      // What the subscriber asked for, or has been told since: no id that it never saw.
      const lost = cursor === undefined ? undefined : subscriber.place;
      options.stale(lost, oldest, mark);
      goLive(subscriber, aside, mark, options);
      return true;
    }
    if (subscriber.ended) return true;
    if (!isPlaced) options.placed();
    isPlaced = true;
    const events = eventsOf(run.entries.filter(isFor));
    push(subscriber, events);
    options.delivered(events.length);
    cursor = run.entries.at(-1)?.id ?? cursor;
    const isAtEnd = run.isEnd && before === timesLetGo;
    if (!isAtEnd && log.compare(cursor, mark) < 0) return false;
    goLive(subscriber, aside, cursor, options);
    return true;
  }

  // No faster than it reads: while it does not, all that is held of the log is the
  // chunk that is queued. What waits keeps its locals in memory: none is here.
  while (!subscriber.ended && !await giveRun()) await subscriber.drained();
}

/** Sends what was read as one chunk. */
function push(subscriber: Subscriber, events: readonly HubEvent[]): void {
  const last = events.at(-1);
  if (last === undefined) return;
  const bytes = concatBytes(events.map(({ bytes }) => bytes));
  subscriber.push({ bytes, events: events.length, key: undefined });
  subscriber.place = last.entry.id;
}

/** Gives a subscriber the live events that are behind `cursor`, and lets it have all others itself. */
function goLive(
  subscriber: Subscriber,
  aside: readonly HubEvent[],
  cursor: string,
  { log, position, delivered, stale }: CatchUpOptions,
): void {
  const isNew = ({ entry }: HubEvent) => log.compare(entry.id, cursor) > 0;
  function push(events: readonly HubEvent[]): void {
    for (const event of events) subscriber.push(event);
    subscriber.place = events.at(-1)?.entry.id ?? subscriber.place;
    delivered(events.length);
  }
  subscriber.intercept = undefined;
  push(aside.filter(isNew));
  // The log was read further than the hub has come.
  if (log.compare(cursor, position()) > 0) {
    subscriber.intercept = {
      bytes: 0,
      // By whatever topic: on one that is quiet nothing else may come for long.
      get isOver() {
        return log.compare(cursor, position()) <= 0;
      },
      events(events) {
        const unseen = events.filter(isNew);
        if (unseen.length === 0) return;
        subscriber.intercept = undefined;
        push(unseen);
      },
      gap(oldest) {
        // It has what was lost, unless that goes on behind what was read.
        if (log.compare(position(), cursor) <= 0) return;
        subscriber.intercept = undefined;
        stale(subscriber.place, oldest, position());
      },
    };
  }
}
