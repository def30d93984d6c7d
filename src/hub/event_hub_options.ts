import type { EventDataCodec } from "../data/event_data.ts";
import type { KeepAlive } from "../http/keep_alive.ts";
import type { EventLog } from "./event_log.ts";
import type { SlowPolicy } from "./slow_policy.ts";

/** What is known of a subscriber that is too slow. */
export interface SlowSubscriber {
  /** The topics that it listens to, `undefined` for all. */
  readonly topics: readonly string[] | undefined;
  /** How many bytes wait for it. */
  readonly queuedBytes: number;
  /** How many events wait for it. */
  readonly queuedEvents: number;
}

/**
 * How a hub keeps its events and treats its subscribers.
 *
 * @typeParam T What the data of an event is.
 */
export interface EventHubOptions<T = string> {
  /**
   * How the data of events is written; read only for the policy `coalesce`.
   *
   * @default {stringData}
   */
  readonly data?: EventDataCodec<T> | undefined;
  /**
   * The events that subscribers resume from. It is the hub's alone: closing the hub
   * closes it.
   *
   * @default {memoryEventLog()}
   */
  readonly log?: EventLog | undefined;
  /**
   * How streams are kept alive while there is nothing to send; `false` not to.
   *
   * @default {{}} A comment after 8000 ms without traffic.
   */
  readonly keepAlive?: KeepAlive | false | undefined;
  /**
   * How much may wait for a subscriber, in bytes.
   *
   * @default {1048576}
   */
  readonly maxQueuedBytes?: number | undefined;
  /**
   * How many events may wait for a subscriber.
   *
   * @default {65536}
   */
  readonly maxQueuedEvents?: number | undefined;
  /**
   * What becomes of a subscriber for whom more waits.
   *
   * @default {"disconnect"}
   */
  readonly slowPolicy?: SlowPolicy<T> | undefined;
  /**
   * Told each time that the policy acts on a subscriber.
   *
   * @default {() => {}}
   */
  readonly onSlowSubscriber?:
    | ((subscriber: SlowSubscriber) => void)
    | undefined;
  /**
   * Told what keeps the log from being read, for now or for one subscriber, and of
   * entries in it that cannot be written. What it throws is an unhandled rejection.
   *
   * @default {() => {}}
   */
  readonly onError?: ((error: unknown) => void) | undefined;
  /**
   * The type of the event that tells a subscriber that the log could not place its
   * last event ID: what it missed is unknown. Its data is JSON, `requested` and
   * `oldest`, ids, the latter `null` if there is none; its own id is where the live
   * events begin.
   *
   * @default {"stale"}
   */
  readonly staleEvent?: string | undefined;
  /**
   * Whose events these are. It stands in front of every id, visible to clients, so
   * that an id from another's stream is stale here, whatever the log says.
   *
   * @default {undefined} The ids are those of the log.
   */
  readonly scope?: string | undefined;
}

/** Where an event is published. */
export interface PublishOptions {
  /**
   * Its topic.
   *
   * @default {""}
   */
  readonly topic?: string | undefined;
}

/** What a subscriber gets, and how it is answered. */
export interface SubscribeOptions {
  /**
   * The topics to listen to, or the one.
   *
   * @default {undefined} All of them.
   */
  readonly topics?: string | Iterable<string> | undefined;
  /**
   * The id behind which to begin. `null`, as of a search parameter that is not there,
   * is none.
   *
   * @default {undefined} What the request says in `Last-Event-ID`; if nothing, now.
   */
  readonly lastEventId?: string | null | undefined;
  /**
   * Headers to add, or to replace those of every event stream with.
   *
   * @default {{}}
   */
  readonly headers?: ConstructorParameters<typeof Headers>[0] | undefined;
}

/** How a hub ends. */
export interface CloseOptions {
  /**
   * The reconnection time that subscribers are told, in milliseconds.
   *
   * @default {undefined} The client's own.
   */
  readonly retry?: number | undefined;
  /**
   * Over how many milliseconds more they are spread at random, lest they all come
   * back together. Without `retry` it has no effect, since a client does not say what
   * its own is.
   *
   * @default {0}
   */
  readonly spread?: number | undefined;
}

/** What a hub has done, and has to do. */
export interface EventHubStats {
  /** How many subscribers there are. */
  readonly subscribers: number;
  /** How many events were published here. */
  readonly published: number;
  /** How many events were given to subscribers, each counted for each of them. */
  readonly delivered: number;
  /** How many bytes wait for subscribers. */
  readonly queuedBytes: number;
  /** How many events were dropped for subscribers that were too slow, or lost with them. */
  readonly dropped: number;
  /** How many subscribers went on where they were. */
  readonly resumed: number;
  /** How many subscribers the log could not place. */
  readonly stale: number;
}
