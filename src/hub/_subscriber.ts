import { CHUNK_BYTES } from "../http/_chunk_bytes.ts";
import { concatBytes } from "../http/_concat_bytes.ts";
import type { HubEvent } from "./_hub_event.ts";
import {
  createSubscriberQueue,
  type QueuedEvent,
  type SubscriberQueue,
} from "./_subscriber_queue.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Who is told what becomes of a subscriber. */
export interface SubscriberOwner {
  /** Too much waits for it. Makes room, or ends it. */
  overflowed(subscriber: Subscriber, queue: SubscriberQueue): void;
  /** Writes the event that takes the place of those that were dropped. */
  gap(count: number): Bytes;
  /** It has gone, for whatever reason: called once. */
  left(subscriber: Subscriber): void;
}

/** Takes live events in the place of a subscriber that still catches up. */
export interface Interceptor {
  /** How many bytes it keeps for the subscriber. */
  readonly bytes: number;
  /** Whether nothing is left for it to do: the subscriber is live. */
  readonly isOver: boolean;
  /** Given the events for it. */
  events(events: readonly HubEvent[]): void;
  /** Told that the live end of the log has lost events. */
  gap(oldest: string | undefined): void;
}

/** How much may wait for a subscriber. */
export interface SubscriberLimits {
  readonly maxQueuedBytes: number;
  readonly maxQueuedEvents: number;
}

/**
 * One who listens to a hub: the body of its response, and what waits for it.
 *
 * A class, since there are thousands: an object with one shape is the cheapest.
 */
export class Subscriber {
  /** The body of the response. */
  readonly stream: ReadableStream<Bytes>;
  /** The topics that it listens to, `undefined` for all. */
  readonly topics: ReadonlySet<string> | undefined;
  /** When something was sent to it last, on a clock that only goes on. */
  lastSent: number;
  /** The last id that it was told, live. */
  place: string | undefined;
  /** Takes live events in its place, as long as it is not live. */
  intercept: Interceptor | undefined;

  readonly #owner: SubscriberOwner;
  readonly #limits: SubscriberLimits;
  #controller: ReadableStreamDefaultController<Bytes> | undefined;
  /** Made when something waits for the first time: for most nothing ever does. */
  #queue: SubscriberQueue | undefined;
  /**
   * Ends the pull that is under way. It goes on for as long as nothing waits, so that
   * an event costs no call of `pull`: 1.2 times as many events a second.
   */
  #pulled: (() => void) | undefined;
  #ended = false;
  #drained: (() => void) | undefined;

  /** Makes a subscriber, to whom `opening` is sent first. */
  constructor(
    opening: Bytes,
    topics: ReadonlySet<string> | undefined,
    limits: SubscriberLimits,
    owner: SubscriberOwner,
  ) {
    this.topics = topics;
    this.#owner = owner;
    this.#limits = limits;
    this.lastSent = performance.now();
    // Itself, since three functions for each of thousands are memory.
    this.stream = new ReadableStream<Bytes>(this);
    this.#controller?.enqueue(opening);
  }

  /** Called by the stream. */
  start(controller: ReadableStreamDefaultController<Bytes>): void {
    this.#controller = controller;
  }

  /** Called by the stream when there is room for a chunk. */
  pull(): Promise<void> | void {
    const queue = this.#queue;
    if (queue !== undefined && !queue.isEmpty) {
      this.lastSent = performance.now();
      this.#controller?.enqueue(this.#takeChunk(queue));
      if (!queue.isEmpty) return;
      this.#drained?.();
      this.#drained = undefined;
    }
    return new Promise((resolve) => this.#pulled = resolve);
  }

  /** Called by the stream when its reader has gone. */
  cancel(): void {
    this.#leave();
  }

  /** Whether it has gone. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether its reader waits for a chunk. */
  get wanted(): boolean {
    return this.#pulled !== undefined &&
      (this.#controller?.desiredSize ?? 0) > 0;
  }

  /** How many bytes wait for it. */
  get queuedBytes(): number {
    return (this.#queue?.bytes ?? 0) + (this.intercept?.bytes ?? 0);
  }

  /** How many events were dropped for it without its being told. */
  get dropped(): number {
    return this.#queue?.dropped ?? 0;
  }

  /** Sends a chunk, if it is wanted at once. */
  offer(chunk: Bytes, now: number = performance.now()): boolean {
    if (!this.wanted) return false;
    this.lastSent = now;
    this.#controller?.enqueue(chunk);
    return true;
  }

  /** Sends an event, or lets it wait. */
  push(event: QueuedEvent): void {
    if (this.#ended || this.offer(event.bytes)) return;
    // The next pull takes what waits.
    this.#endPull();
    const queue = this.#queue ??= createSubscriberQueue();
    const { maxQueuedBytes, maxQueuedEvents } = this.#limits;
    queue.push(event);
    // One event may always wait, however large it is.
    const isTooMuch = queue.events > event.events &&
      (queue.bytes > maxQueuedBytes || queue.events > maxQueuedEvents);
    if (isTooMuch) this.#owner.overflowed(this, queue);
  }

  /** Waits until nothing is queued for it, or it has gone. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#ended || (this.#queue?.isEmpty ?? true)) return resolve();
      this.#drained = resolve;
    });
  }

  /** Ends its stream behind what waits for it, and behind a last chunk. */
  close(last?: Bytes): void {
    const chunks = [...this.#takeAll()];
    if (last !== undefined) chunks.push(last);
    for (const chunk of chunks) {
      // A reader that has gone says so at the first chunk, within the call.
      if (!this.#ended) this.#controller?.enqueue(chunk);
    }
    if (this.#ended) return;
    this.#controller?.close();
    this.#leave();
  }

  /** Errors its stream at once: what waits for it is dropped. */
  abort(error: unknown): void {
    if (this.#ended) return;
    this.#controller?.error(error);
    this.#leave();
  }

  #endPull(): void {
    this.#pulled?.();
    this.#pulled = undefined;
  }

  #takeChunk(queue: SubscriberQueue): Bytes {
    const parts = queue.take(CHUNK_BYTES).map(({ bytes }) => bytes);
    const { count, behind } = queue.takeDropped();
    if (count > 0) parts.splice(behind, 0, this.#owner.gap(count));
    return concatBytes(parts);
  }

  *#takeAll(): Generator<Bytes> {
    const queue = this.#queue;
    while (queue !== undefined && !queue.isEmpty) {
      yield this.#takeChunk(queue);
    }
  }

  #leave(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#endPull();
    this.#owner.left(this);
    this.#queue = undefined;
    this.#drained?.();
    this.#drained = undefined;
  }
}
