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

/** Makes an empty queue. */
export function createSubscriberQueue(): SubscriberQueue {
  /** In the order of their coming, by key or by a key of their own. */
  const waiting = new Map<string | symbol, QueuedEvent>();
  let bytes = 0;
  let events = 0;
  let dropped = 0;
  let behind = 0;

  function remove(key: string | symbol): QueuedEvent | undefined {
    const event = waiting.get(key);
    if (event === undefined) return undefined;
    waiting.delete(key);
    bytes -= event.bytes.length;
    events -= event.events;
    return event;
  }

  return {
    get bytes() {
      return bytes;
    },
    get events() {
      return events;
    },
    get isEmpty() {
      return waiting.size === 0;
    },
    get dropped() {
      return dropped;
    },
    push(event) {
      const key = event.key ?? Symbol();
      // Removed first, so that the new one stands at the end: ids go up.
      dropped += remove(key)?.events ?? 0;
      waiting.set(key, event);
      bytes += event.bytes.length;
      events += event.events;
    },
    dropOldest() {
      let kept = 0;
      for (const [key, event] of waiting) {
        if (event.events === 0) {
          kept++;
          continue;
        }
        remove(key);
        dropped += event.events;
        behind = kept;
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
      for (const [key, event] of waiting) {
        if (taken.length > 0 && length + event.bytes.length > limit) break;
        remove(key);
        taken.push(event);
        length += event.bytes.length;
      }
      return taken;
    },
  };
}
