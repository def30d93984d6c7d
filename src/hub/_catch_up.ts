import { concatBytes } from "../http/_concat_bytes.ts";
import type { HubEvent } from "./_hub_event.ts";
import type { SharedReads } from "./_shared_reads.ts";
import type { Interceptor, Subscriber } from "./_subscriber.ts";
import type { EventLog, EventLogEntry } from "./event_log.ts";

/** How many entries are read at a time. */
const READ_ENTRIES = 256;

/** What is read is sent in chunks of about this many bytes. */
const CHUNK_BYTES = 64 * 1024;

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
  while (!subscriber.ended) {
    const before = timesLetGo;
    const entries = cursor === undefined
      ? undefined
      : await reads.readAfter(cursor, READ_ENTRIES, position());
    if (cursor === undefined || entries === undefined) {
      const oldest = await reads.oldest();
      if (subscriber.ended) return;
      // Everything up to the mark may be lost, everything behind it was kept aside.
      // What the subscriber asked for, or has been told since: no id that it never saw.
      const lost = cursor === undefined ? undefined : subscriber.place;
      options.stale(lost, oldest, mark);
      goLive(subscriber, aside, mark, options);
      return;
    }
    if (!isPlaced) options.placed();
    isPlaced = true;
    const events = eventsOf(entries.filter(isFor));
    await sendAll(subscriber, events);
    subscriber.place = events.at(-1)?.entry.id ?? subscriber.place;
    options.delivered(events.length);
    cursor = entries.at(-1)?.id ?? cursor;
    const isAtEnd = entries.length < READ_ENTRIES && before === timesLetGo;
    if (isAtEnd || log.compare(cursor, mark) >= 0) {
      goLive(subscriber, aside, cursor, options);
      return;
    }
  }
}

/** Sends events no faster than they are read. */
async function sendAll(
  subscriber: Subscriber,
  events: readonly HubEvent[],
): Promise<void> {
  let parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  async function send(): Promise<void> {
    if (length === 0) return;
    await subscriber.drained();
    const bytes = concatBytes(parts, length);
    subscriber.push({ bytes, events: parts.length, key: undefined });
    parts = [];
    length = 0;
  }
  for (const { bytes } of events) {
    if (length + bytes.length > CHUNK_BYTES) await send();
    parts.push(bytes);
    length += bytes.length;
  }
  await send();
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
    subscriber.intercept = skipUntil(subscriber, isNew, push, (oldest) => {
      // It has what was lost, unless that goes on behind what was read.
      if (log.compare(position(), cursor) <= 0) return;
      subscriber.intercept = undefined;
      stale(subscriber.place, oldest, position());
    });
  }
}

function skipUntil(
  subscriber: Subscriber,
  isNew: (event: HubEvent) => boolean,
  push: (events: readonly HubEvent[]) => void,
  gap: (oldest: string | undefined) => void,
): Interceptor {
  return {
    events(events) {
      const unseen = events.filter(isNew);
      if (unseen.length === 0) return;
      subscriber.intercept = undefined;
      push(unseen);
    },
    gap,
  };
}
