import { concatBytes } from "../http/_concat_bytes.ts";
import { checkTopic } from "./_check_topic.ts";
import type { HubEvent } from "./_hub_event.ts";
import type { Subscriber } from "./_subscriber.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Who listens to what. */
export interface Audiences {
  /**
   * What a subscriber asked for, as a set: of one topic the same for all who listen to
   * it, since there are thousands.
   *
   * @throws {TypeError} If one is not text.
   */
  topics(
    asked: string | Iterable<string> | undefined,
  ): ReadonlySet<string> | undefined;
  add(subscriber: Subscriber): void;
  delete(subscriber: Subscriber): void;
  /** Gives every subscriber the events that are for it, as one run. */
  give(
    events: readonly HubEvent[],
    deliver: (subscriber: Subscriber, run: Run) => void,
  ): void;
}

/** Those who listen to a topic. */
interface Audience {
  readonly topics: ReadonlySet<string>;
  readonly subscribers: Set<Subscriber>;
}

/** Makes audiences, at first none. */
export function createAudiences(): Audiences {
  const byTopic = new Map<string, Audience>();
  const ofAll = new Set<Subscriber>();

  return {
    topics(asked) {
      if (asked === undefined) return undefined;
      const topics = new Set(isSeveral(asked) ? asked : [asked]);
      for (const topic of topics) checkTopic("Cannot subscribe", topic);
      if (topics.size !== 1) return topics;
      const [topic] = topics;
      return byTopic.get(topic)?.topics ?? topics;
    },
    add(subscriber) {
      if (subscriber.topics === undefined) ofAll.add(subscriber);
      for (const topic of subscriber.topics ?? []) {
        const audience = byTopic.get(topic);
        if (audience !== undefined) audience.subscribers.add(subscriber);
        else {
          const topics = new Set([topic]);
          byTopic.set(topic, { topics, subscribers: new Set([subscriber]) });
        }
      }
    },
    delete(subscriber) {
      ofAll.delete(subscriber);
      for (const topic of subscriber.topics ?? []) {
        const { subscribers } = byTopic.get(topic) ?? {};
        subscribers?.delete(subscriber);
        if (subscribers?.size === 0) byTopic.delete(topic);
      }
    },
    give(events, deliver) {
      // Of copies, since who comes meanwhile begins behind these events.
      const everything = new Run(events);
      for (const subscriber of [...ofAll]) deliver(subscriber, everything);
      const runs = runsByTopic(events, everything);
      for (const [topic, run] of runs) {
        const { subscribers = [] } = byTopic.get(topic) ?? {};
        for (const subscriber of [...subscribers]) {
          const { topics } = subscriber;
          if (run === everything || topics === undefined || topics.size === 1) {
            deliver(subscriber, run);
          } else if (isFirstOf(topics, topic, runs)) {
            const isIts = ({ entry }: HubEvent) => topics.has(entry.topic);
            deliver(subscriber, new Run(events.filter(isIts)));
          }
        }
      }
    },
  };
}

/** Events that leave together, at least one: joined once, for all who get the same. */
export class Run {
  readonly events: readonly HubEvent[];
  #chunk: Bytes | undefined;

  constructor(events: readonly HubEvent[]) {
    this.events = events;
  }

  get chunk(): Bytes {
    return this.#chunk ??= concatBytes(this.events.map(({ bytes }) => bytes));
  }
}

/** Whether what was asked for holds topics, and is none itself. */
function isSeveral(
  asked: string | Iterable<string>,
): asked is Iterable<string> {
  return typeof asked === "object" && asked !== null &&
    Symbol.iterator in asked;
}

/** The events of each topic; `everything` if all are of one. */
function runsByTopic(
  events: readonly HubEvent[],
  everything: Run,
): ReadonlyMap<string, Run> {
  const byTopic = new Map<string, HubEvent[]>();
  for (const event of events) {
    const ofTopic = byTopic.get(event.entry.topic);
    if (ofTopic === undefined) byTopic.set(event.entry.topic, [event]);
    else ofTopic.push(event);
  }
  const runs = new Map<string, Run>();
  for (const [topic, ofTopic] of byTopic) {
    runs.set(topic, byTopic.size === 1 ? everything : new Run(ofTopic));
  }
  return runs;
}

/** Whether a topic is the first of those that somebody listens to, lest they are served twice. */
function isFirstOf(
  topics: ReadonlySet<string>,
  topic: string,
  runs: ReadonlyMap<string, unknown>,
): boolean {
  for (const each of runs.keys()) if (topics.has(each)) return each === topic;
  return false;
}
