import { checkAtLeast } from "../_check_at_least.ts";
import { quote } from "../_quote.ts";
import { SlowSubscriberError, StreamClosedError } from "../errors.ts";
import { eventStreamHeaders } from "../http/_event_stream_headers.ts";
import { resolveKeepAlive } from "../http/keep_alive.ts";
import { tell } from "../http/_tell.ts";
import { lastEventId as lastEventIdOf } from "../http/last_event_id.ts";
import { readData } from "../wire/_delivery.ts";
import { writeEvent } from "../wire/_write_event.ts";
import type { ServerSentEvent } from "../wire/event.ts";
import { createAudiences, type Run } from "./_audiences.ts";
import { catchUp } from "./_catch_up.ts";
import { checkTopic } from "./_check_topic.ts";
import { entryEvent } from "./_entry_event.ts";
import { HubEvent } from "./_hub_event.ts";
import {
  createKeepAliveClock,
  type KeepAliveClock,
} from "./_keep_alive_clock.ts";
import { createScope, type Scope } from "./_scope.ts";
import { type SharedReads, shareReads } from "./_shared_reads.ts";
import {
  Subscriber,
  type SubscriberLimits,
  type SubscriberOwner,
} from "./_subscriber.ts";
import type { SubscriberQueue } from "./_subscriber_queue.ts";
import type {
  CloseOptions,
  EventHubOptions,
  EventHubStats,
  PublishOptions,
  SubscribeOptions,
} from "./event_hub_options.ts";
import type { EventLog, EventLogEntry, EventLogTail } from "./event_log.ts";
import { memoryEventLog } from "./memory_event_log.ts";
import type { SlowPolicy } from "./slow_policy.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const DEFAULT_MAX_QUEUED_BYTES = 1024 * 1024;
const DEFAULT_MAX_QUEUED_EVENTS = 65_536;

const encoder = new TextEncoder();

/**
 * One publisher, many subscribers: an event is encoded once, and all get the same
 * bytes; events of one turn leave as one chunk.
 *
 * Every event gets its id from a log, through which all reach their subscribers in
 * one order, also those of other processes that share the log. A client that comes
 * back with its last event ID gets what it missed and then the live events, each
 * once. A client that is new is told where it is, and comes back to there.
 *
 * On Workers a hub lives in a Durable Object: elsewhere one request cannot write to
 * the stream of another.
 *
 * @example
 * ```ts
 * import { EventHub } from "@tidings/sse/server";
 * import { EventStream } from "@tidings/sse";
 * import { assertEquals } from "@std/assert";
 *
 * const hub = new EventHub();
 *
 * const handler = (request: Request) => hub.subscribe(request, { topics: ["news"] });
 *
 * const response = handler(new Request("https://example.com/events"));
 * await hub.publish({ data: "hello" }, { topic: "news" });
 * await hub.publish({ data: "unheard" }, { topic: "weather" });
 * await hub.close();
 * const events = await Array.fromAsync(new EventStream(response));
 * assertEquals(events.map(({ data }) => data), ["hello"]);
 * ```
 *
 * @typeParam T What the data of an event is.
 */
export class EventHub<T = string> {
  readonly #options: EventHubOptions<T>;
  readonly #log: EventLog;
  readonly #scope: Scope;
  readonly #limits: SubscriberLimits;
  readonly #owner: SubscriberOwner;
  readonly #opening: string;
  readonly #keepAlive: KeepAliveClock | undefined;
  readonly #subscribers = new Set<Subscriber>();
  readonly #audiences = createAudiences();
  /** Each event is encoded once, as long as its entry is in memory. */
  readonly #events = new WeakMap<EventLogEntry, HubEvent>();
  readonly #reads: SharedReads;
  /** The log being followed; the first subscriber has it begun. */
  #following: Promise<EventLogTail> | undefined;
  /** The id of the last event given to subscribers; `undefined` until the log is followed. */
  #position: string | undefined;
  /** What has come in this turn. */
  #arrived: EventLogEntry[] = [];
  #closed: Promise<void> | undefined;
  #published = 0;
  #delivered = 0;
  #dropped = 0;
  #resumed = 0;
  #stale = 0;

  /**
   * Makes a hub.
   *
   * @param options How it keeps its events and treats its subscribers.
   * @throws {RangeError} If a number is out of bounds.
   * @throws {TypeError} If the slow policy is none.
   * @throws {EventBuildError} If the keep-alive, the scope or the type of the stale
   * event cannot be written.
   */
  constructor(options: EventHubOptions<T> = {}) {
    const {
      log = memoryEventLog(),
      keepAlive = {},
      maxQueuedBytes = DEFAULT_MAX_QUEUED_BYTES,
      maxQueuedEvents = DEFAULT_MAX_QUEUED_EVENTS,
      slowPolicy = "disconnect",
      staleEvent = "stale",
    } = options;
    checkAtLeast("Cannot make hub: maxQueuedBytes", 0, maxQueuedBytes);
    checkAtLeast("Cannot make hub: maxQueuedEvents", 0, maxQueuedEvents);
    checkSlowPolicy(slowPolicy);
    writeEvent({ event: staleEvent, data: "" });
    this.#options = options;
    this.#log = log;
    this.#reads = shareReads(log);
    this.#scope = createScope(options.scope);
    this.#limits = { maxQueuedBytes, maxQueuedEvents };
    this.#owner = {
      overflowed: (subscriber, queue) => this.#overflowed(subscriber, queue),
      gap: (count) => {
        this.#dropped += count;
        return encode({ event: "gap", data: JSON.stringify({ count }) });
      },
      left: (subscriber) => this.#left(subscriber),
    };
    const resolved = keepAlive === false
      ? undefined
      : resolveKeepAlive(keepAlive);
    this.#opening = writeEvent({ comments: [resolved?.announcement ?? ""] });
    this.#keepAlive = resolved && createKeepAliveClock(
      this.#subscribers,
      resolved.interval,
      this.#keepAliveChunk(writeEvent(resolved.event)),
    );
  }

  /** How many subscribers there are. */
  get size(): number {
    return this.#subscribers.size;
  }

  /**
   * What the hub has done, and has to do.
   *
   * @returns The figures of this moment.
   */
  stats(): EventHubStats {
    let queuedBytes = 0;
    let dropped = this.#dropped;
    for (const subscriber of this.#subscribers) {
      queuedBytes += subscriber.queuedBytes;
      dropped += subscriber.dropped;
    }
    return {
      subscribers: this.#subscribers.size,
      published: this.#published,
      delivered: this.#delivered,
      queuedBytes,
      dropped,
      resumed: this.#resumed,
      stale: this.#stale,
    };
  }

  /**
   * Publishes an event.
   *
   * @param event The event, without an id.
   * @param options Its topic.
   * @returns Its id, once it is in the log.
   * @throws {TypeError} If the topic is not text.
   * @throws {EventBuildError} If it brings an id, or cannot be written.
   * @throws {EventDataError} If the codec cannot write the data.
   * @throws {EventLogError} If the log has refused it, or cannot say whether it has it.
   * @throws {StreamClosedError} If the hub is closed.
   */
  async publish(
    event: ServerSentEvent<T>,
    options: PublishOptions = {},
  ): Promise<string> {
    const { topic = "" } = options;
    checkTopic("Cannot publish event", topic);
    if (this.#closed !== undefined) throw new StreamClosedError("closed");
    const id = await this.#log.append({
      topic,
      event: entryEvent(event, this.#options.data),
    });
    this.#published++;
    return this.#scope.toClient(id);
  }

  /**
   * Answers a request with the events that are published from now on, or with those
   * since the last event that the client has.
   *
   * The chunks of its body are those of other subscribers, too, now and later: read
   * them, but neither change nor transfer them. What transfers, as `postMessage` may
   * and a byte stream does with what is enqueued to it, must be given a copy.
   *
   * @param request The request, of which `Last-Event-ID` is read.
   * @param options What the subscriber gets, and how it is answered.
   * @returns The response. Of a hub that is closed it ends at once.
   * @throws {TypeError} If a topic is not text, or a header is none.
   */
  subscribe(request: Request, options: SubscribeOptions = {}): Response {
    const lastEventId = options.lastEventId ?? lastEventIdOf(request);
    const topics = this.#audiences.topics(options.topics);
    const headers = eventStreamHeaders(options.headers);
    const isNew = lastEventId === undefined || lastEventId === "";
    const subscriber = new Subscriber(
      encoder.encode(this.#opening + (isNew ? this.#place() : "")),
      topics,
      this.#limits,
      this.#owner,
    );
    if (isNew) subscriber.place = this.#position;
    const response = new Response(subscriber.stream, { headers });
    if (this.#closed !== undefined) subscriber.close();
    else this.#add(subscriber, isNew ? undefined : lastEventId);
    return response;
  }

  /**
   * Ends all streams, and closes the log.
   *
   * @param options When the clients are to come back.
   * @returns A promise that resolves when the log is closed.
   * @throws {EventBuildError} If `retry` cannot be written.
   * @throws {RangeError} If `spread` is negative or not a number, or `retry` cannot be
   * written when it is added. Nothing is closed then.
   */
  close(options: CloseOptions = {}): Promise<void> {
    const { retry, spread = 0 } = options;
    checkAtLeast("Cannot close hub: spread", 0, spread);
    if (retry !== undefined) {
      writeEvent({ retry });
      checkLastRetry(retry + spread);
    }
    if (this.#closed !== undefined) return this.#closed;
    // Behind what was published before.
    this.#flush();
    for (const subscriber of [...this.#subscribers]) {
      const wait = Math.floor(Math.random() * spread);
      subscriber.close(
        retry === undefined ? undefined : encode({ retry: retry + wait }),
      );
    }
    // The log ends its tail, too. Once: the program may have closed the hub meanwhile.
    return this.#closed ??= this.#log.close();
  }

  /** An id without data, from which a client that has no event yet can resume. */
  #place(): string {
    return this.#position === undefined
      ? ""
      : writeEvent({ id: this.#scope.toClient(this.#position) });
  }

  #add(subscriber: Subscriber, lastEventId: string | undefined): void {
    this.#subscribers.add(subscriber);
    this.#audiences.add(subscriber);
    this.#keepAlive?.start();
    const isFollowing = this.#position !== undefined;
    if (lastEventId === undefined && isFollowing) return;
    // What comes before it catches up is read from the log.
    if (lastEventId !== undefined) subscriber.intercept = DEAF;
    // What fails here fails this subscriber.
    this.#start(subscriber, lastEventId).catch((error) => {
      if (this.#closed === undefined) this.#tell(error);
      subscriber.abort(error);
    });
  }

  /** Brings a subscriber to where live events are for it. */
  async #start(
    subscriber: Subscriber,
    lastEventId: string | undefined,
  ): Promise<void> {
    await this.#follow();
    if (subscriber.ended) return;
    if (lastEventId === undefined) {
      const bytes = encoder.encode(this.#place());
      subscriber.push({ bytes, events: 0, key: undefined });
      subscriber.place = this.#position;
      return;
    }
    const { topics } = subscriber;
    await catchUp({
      ...this.#limits,
      subscriber,
      log: this.#log,
      reads: this.#reads,
      from: this.#scope.fromClient(lastEventId),
      position: () => this.#position ?? "",
      eventsOf: (entries) => this.#eventsOf(entries),
      isFor: ({ topic }) => topics === undefined || topics.has(topic),
      placed: () => void this.#resumed++,
      delivered: (count) => void (this.#delivered += count),
      stale: (lost, oldest, position) => {
        const requested = lost === undefined
          ? lastEventId
          : this.#scope.toClient(lost);
        this.#sendStale(subscriber, requested, oldest, position);
      },
    });
  }

  /** Begins to follow the log, once. */
  #follow(): Promise<EventLogTail> {
    return this.#following ??= this.#tail().catch((error) => {
      // The next subscriber has it tried again.
      this.#following = undefined;
      throw error;
    });
  }

  async #tail(): Promise<EventLogTail> {
    const tail = await this.#log.tail({
      entries: (entries) => {
        if (this.#arrived.length === 0) queueMicrotask(() => this.#flush());
        for (const entry of entries) this.#arrived.push(entry);
      },
      gap: (position, oldest) => this.#gap(position, oldest),
      error: (error) => this.#tell(error),
    });
    this.#position ??= tail.position;
    return tail;
  }

  /** Gives what has come in this turn to those it is for, to each as one chunk. */
  #flush(): void {
    const arrived = this.#arrived;
    const last = arrived.at(-1);
    if (last === undefined) return;
    this.#arrived = [];
    this.#position = last.id;
    const events = this.#eventsOf(arrived);
    if (events.length === 0) return;
    // Once for all, since a clock costs as much as a subscriber.
    const now = performance.now();
    this.#audiences.give(events, (subscriber, run) => {
      this.#deliver(subscriber, run, now);
    });
  }

  #deliver(subscriber: Subscriber, run: Run, now: number): void {
    // By what the program did when it was told of another.
    if (subscriber.ended) return;
    if (subscriber.intercept !== undefined) {
      subscriber.intercept.events(run.events);
      return;
    }
    subscriber.place = this.#position;
    this.#delivered += run.events.length;
    if (subscriber.offer(run.chunk, now)) return;
    for (const event of run.events) subscriber.push(event);
  }

  /**
   * A keep-alive, with the place of the hub for whom it has moved on: an id that stood
   * still would be trimmed from the log, though nothing was missed.
   */
  #keepAliveChunk(text: string): (subscriber: Subscriber) => Bytes {
    const plain = encoder.encode(text);
    let withPlace = plain;
    let place: string | undefined;
    return (subscriber) => {
      if (subscriber.intercept?.isOver) subscriber.intercept = undefined;
      const isLive = subscriber.intercept === undefined &&
        this.#position !== undefined;
      if (!isLive || subscriber.place === this.#position) return plain;
      subscriber.place = this.#position;
      if (place !== this.#position) {
        place = this.#position;
        withPlace = encoder.encode(text + this.#place());
      }
      return withPlace;
    };
  }

  /** The log has lost events before the hub could read them: those who are live are told. */
  #gap(position: string, oldest: string | undefined): void {
    this.#flush();
    const lost = this.#scope.toClient(this.#position ?? position);
    this.#position = position;
    for (const subscriber of this.#subscribers) {
      if (subscriber.intercept !== undefined) subscriber.intercept.gap(oldest);
      else this.#sendStale(subscriber, lost, oldest, position);
    }
  }

  #sendStale(
    subscriber: Subscriber,
    requested: string,
    oldest: string | undefined,
    position: string,
  ): void {
    this.#stale++;
    const { toClient } = this.#scope;
    const { staleEvent: event = "stale" } = this.#options;
    const data = JSON.stringify({
      requested,
      oldest: oldest === undefined ? null : toClient(oldest),
    });
    const bytes = encode({ event, id: toClient(position), data });
    subscriber.push({ bytes, events: 0, key: undefined });
    subscriber.place = position;
  }

  #overflowed(subscriber: Subscriber, queue: SubscriberQueue): void {
    const { slowPolicy = "disconnect", onSlowSubscriber } = this.#options;
    const { maxQueuedBytes, maxQueuedEvents } = this.#limits;
    const { bytes: queuedBytes, events: queuedEvents } = queue;
    const isTooMuch = () =>
      queue.bytes > maxQueuedBytes || queue.events > maxQueuedEvents;
    if (slowPolicy === "drop-oldest") {
      while (queue.events > 1 && isTooMuch() && queue.dropOldest());
    } else {
      this.#dropped += queue.events;
      const events = queuedBytes > maxQueuedBytes
        ? undefined
        : { queued: queuedEvents, max: maxQueuedEvents };
      subscriber.abort(
        new SlowSubscriberError(queuedBytes, maxQueuedBytes, events),
      );
    }
    const topics = subscriber.topics && [...subscriber.topics];
    this.#call(() => onSlowSubscriber?.({ topics, queuedBytes, queuedEvents }));
  }

  #left(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
    this.#dropped += subscriber.dropped;
    this.#audiences.delete(subscriber);
    if (this.#subscribers.size === 0) this.#keepAlive?.stop();
  }

  /** Encodes entries. What another program has put into the log may be no event. */
  #eventsOf(entries: readonly EventLogEntry[]): HubEvent[] {
    const events: HubEvent[] = [];
    for (const entry of entries) {
      const event = this.#events.get(entry) ?? this.#encode(entry);
      if (event !== undefined) events.push(event);
    }
    return events;
  }

  #encode(entry: EventLogEntry): HubEvent | undefined {
    const id = this.#scope.toClient(entry.id);
    try {
      const bytes = encode({ ...entry.event, id });
      const event = new HubEvent(entry, bytes, (entry) => this.#keyOf(entry));
      this.#events.set(entry, event);
      return event;
    } catch (error) {
      this.#tell(error);
      return undefined;
    }
  }

  /** The key of an event, by the data as it was published. */
  #keyOf({ event }: EventLogEntry): string | undefined {
    const { slowPolicy, data: codec } = this.#options;
    if (typeof slowPolicy !== "object") return undefined;
    return this.#call(() => {
      const { data } = event;
      return slowPolicy.coalesce({
        ...event,
        data: codec === undefined || data === undefined
          ? asData<T>(data)
          : readData(codec, data, event.event),
      });
    });
  }

  /** Calls what is the program's: its errors are told, and end nothing. */
  #call<R>(callback: () => R): R | undefined {
    try {
      return callback();
    } catch (error) {
      this.#tell(error);
    }
  }

  #tell(error: unknown): void {
    const { onError } = this.#options;
    if (onError !== undefined) tell(onError, error);
  }
}

/** Of a subscriber that has not begun to catch up. */
const DEAF = { bytes: 0, isOver: false, events() {}, gap() {} };

function encode(event: ServerSentEvent): Bytes {
  return encoder.encode(writeEvent(event));
}

/** Without a codec data is text, which `T` is then. */
function asData<T>(data: unknown): T | undefined {
  return data as T | undefined;
}

/** Refuses what is no policy: a name that is misspelt would disconnect. */
function checkSlowPolicy<T>(policy: SlowPolicy<T>): void {
  if (policy === "disconnect" || policy === "drop-oldest") return;
  if (typeof policy?.coalesce === "function") return;
  throw new TypeError(
    `Cannot make hub: slowPolicy must be "disconnect", "drop-oldest" or have a function coalesce, got ${
      quote(policy)
    }`,
  );
}

/** Refuses the longest reconnection time that a subscriber may be told. */
function checkLastRetry(retry: number): void {
  if (retry <= Number.MAX_SAFE_INTEGER) return;
  throw new RangeError(
    `Cannot close hub: retry and spread must be at most ${Number.MAX_SAFE_INTEGER} together, got ${
      quote(retry)
    }`,
  );
}
