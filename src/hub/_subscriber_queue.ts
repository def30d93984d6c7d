/** What waits for a subscriber: its bytes are shared by all who wait for it. */
export interface QueuedEvent {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How many events they are; 0 for what tells of the stream itself, and is never dropped. */
  readonly events: number;
  /** Of those with the same key only the latest waits. */
  readonly key: string | undefined;
}

/** What waits for one subscriber. */
export interface SubscriberQueue {
  /** How many bytes wait. */
  readonly bytes: number;
  /** Whether nothing waits. */
  readonly isEmpty: boolean;
  /** How many events wait. */
  readonly events: number;
  /** How many events were dropped since `takeDropped`. */
  readonly dropped: number;
  /** Queues an event, in place of one with the same key. */
  push(event: QueuedEvent): void;
  /**
   * Drops what has waited longest.
   *
   * @returns Whether there was anything to drop.
   */
  dropOldest(): boolean;
  /** How many events were dropped since this was asked last, and behind how many things that are never dropped. */
  takeDropped(): { readonly count: number; readonly behind: number };
  /** Takes events, up to about `limit` bytes, at least one. */
  take(limit: number): QueuedEvent[];
}

/** Holes are closed when there are at least so many, and more than there are events. */
const MIN_HOLES = 64;

/**
 * Makes an empty queue.
 *
 * An array with holes, since a `Map` walks over all that was deleted from it each time
 * that its first entry is asked for.
 */
export function createSubscriberQueue(): SubscriberQueue {
  /** In the order of their coming; what was taken, dropped or replaced leaves a hole. */
  let waiting: (QueuedEvent | undefined)[] = [];
  /** Where the first is looked for: before it are only holes. */
  let first = 0;
  /** Where the first is looked for that may be dropped: before it are `kept` that never are, and holes. */
  let droppable = 0;
  let kept = 0;
  /** Where those stand that have a key. */
  const places = new Map<string, number>();
  let size = 0;
  let bytes = 0;
  let events = 0;
  let dropped = 0;
  let behind = 0;

  function remove(place: number, event: QueuedEvent): void {
    waiting[place] = undefined;
    if (event.key !== undefined) places.delete(event.key);
    size--;
    bytes -= event.bytes.length;
    events -= event.events;
  }

  /** Drops the one with the same key, if there is one. */
  function replace(key: string): void {
    const place = places.get(key);
    const event = place === undefined ? undefined : waiting[place];
    if (place === undefined || event === undefined) return;
    remove(place, event);
    dropped += event.events;
  }

  /** Closes the holes, so rarely that an event is moved once on average. */
  function closeHoles(): void {
    const holes = waiting.length - size;
    if (size > 0 && (holes < MIN_HOLES || holes <= size)) return;
    waiting = waiting.filter((event) => event !== undefined);
    first = 0;
    droppable = kept;
    for (const [place, event] of waiting.entries()) {
      if (event?.key !== undefined) places.set(event.key, place);
    }
  }

  return {
    get bytes() {
      return bytes;
    },
    get events() {
      return events;
    },
    get isEmpty() {
      return size === 0;
    },
    get dropped() {
      return dropped;
    },
    push(event) {
      const { key } = event;
      if (key !== undefined) {
        replace(key);
        // The new one stands at the end: ids go up.
        places.set(key, waiting.length);
      }
      waiting.push(event);
      size++;
      bytes += event.bytes.length;
      events += event.events;
      closeHoles();
    },
    dropOldest() {
      for (; droppable < waiting.length; droppable++) {
        const event = waiting[droppable];
        if (event === undefined) continue;
        if (event.events === 0) {
          kept++;
          continue;
        }
        remove(droppable, event);
        dropped += event.events;
        behind = kept;
        closeHoles();
        return true;
      }
      return false;
    },
    takeDropped() {
      const taken = { count: dropped, behind };
      dropped = 0;
      behind = 0;
      return taken;
    },
    take(limit) {
      const taken: QueuedEvent[] = [];
      let length = 0;
      for (; first < waiting.length; first++) {
        const event = waiting[first];
        if (event === undefined) continue;
        if (taken.length > 0 && length + event.bytes.length > limit) break;
        remove(first, event);
        // Those before `droppable` were counted.
        if (first < droppable) kept--;
        taken.push(event);
        length += event.bytes.length;
      }
      closeHoles();
      return taken;
    },
  };
}
