/** An event that waits for a subscriber: its bytes are shared by all who wait for it. */
export interface QueuedEvent {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of those with the same key only the latest waits. */
  readonly key: string | undefined;
}

/** What waits for one subscriber. */
export interface SubscriberQueue {
  /** How many bytes wait. */
  readonly bytes: number;
  /** How many events wait. */
  readonly events: number;
  /** How many events were dropped since `takeDropped`. */
  readonly dropped: number;
  /** Queues an event, in place of one with the same key. */
  push(event: QueuedEvent): void;
  /** Drops the event that has waited longest. */
  dropOldest(): void;
  /** How many events were dropped since this was asked last. */
  takeDropped(): number;
  /** Takes events, up to about `limit` bytes, at least one. */
  take(limit: number): QueuedEvent[];
}

/** Makes an empty queue. */
export function createSubscriberQueue(): SubscriberQueue {
  /** In the order of their coming, by key or by a key of their own. */
  const waiting = new Map<string | symbol, QueuedEvent>();
  let bytes = 0;
  let dropped = 0;

  function remove(key: string | symbol): QueuedEvent | undefined {
    const event = waiting.get(key);
    if (event === undefined) return undefined;
    waiting.delete(key);
    bytes -= event.bytes.length;
    return event;
  }

  return {
    get bytes() {
      return bytes;
    },
    get events() {
      return waiting.size;
    },
    get dropped() {
      return dropped;
    },
    push(event) {
      const key = event.key ?? Symbol();
      // Removed first, so that the new one stands at the end: ids go up.
      if (remove(key) !== undefined) dropped++;
      waiting.set(key, event);
      bytes += event.bytes.length;
    },
    dropOldest() {
      for (const key of waiting.keys()) {
        remove(key);
        dropped++;
        return;
      }
    },
    takeDropped() {
      const count = dropped;
      dropped = 0;
      return count;
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
