import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type ServerSentEvent, SlowSubscriberError } from "../../mod.ts";
import { EventHub, type EventLog, memoryEventLog } from "../../server.ts";
import { GatedLog } from "../helpers/gated_log.ts";
import { listen, type Listener } from "../helpers/listener.ts";
import { settle } from "../helpers/settle.ts";

const TOPICS = ["a", "b", "c"];

/** What is known of the log, and how a test makes it go on. */
interface Bench {
  readonly log: EventLog;
  /** The number of an id, `NaN` if it was never one. */
  numberOf(id: string): number;
  /** How many events are gone. */
  trimmed(): number;
  /** Whether the hub follows it. */
  isFollowed(): boolean;
  /** Lets something happen that the log has put off. */
  step(choice: number): void;
  trim(count: number): void;
  /** Lets all happen that the log has put off. */
  finish(): void;
}

function gatedBench(): Bench {
  const log = new GatedLog();
  return {
    log,
    numberOf: (id) => Number(/^e-(\d+)$/.exec(id)?.[1] ?? NaN),
    trimmed: () => log.trimmed,
    isFollowed: () => log.isFollowed,
    step(choice) {
      if (choice % 2 === 0 && log.waiting > 0) {
        log.release((choice >> 1) % log.waiting);
      } else log.deliver(1 + (choice >> 1) % 6);
    },
    trim: (count) => log.trim(count),
    finish() {
      log.open();
      log.deliver();
    },
  };
}

function memoryBench(maxEvents: number): Bench {
  const log = memoryEventLog({ maxEvents });
  let count = 0;
  return {
    log: {
      ...log,
      append: (entry) => {
        count++;
        return log.append(entry);
      },
    },
    numberOf: (id) => Number(/^[0-9a-f]{8}-(\d+)$/.exec(id)?.[1] ?? NaN),
    trimmed: () => Math.max(0, count - maxEvents),
    // It is followed within the call of the first subscriber.
    isFollowed: () => true,
    step() {},
    trim() {},
    finish() {},
  };
}

/** One client across one connection, and what it must see. */
class Client {
  readonly #bench: Bench;
  readonly #topics: ReadonlySet<string> | undefined;
  readonly #published: readonly string[];
  readonly #listener: Listener;
  /** The id that it asked for. */
  readonly #requested: string | undefined;
  #read: Promise<unknown> | undefined;
  #checked = 0;
  /** The number of the last event that it has, `undefined` until it is known. */
  #position: number | undefined;
  /** How many events there were when it came. */
  readonly #start: number;
  /** Whether "from now on" is where the hub begins to follow the log. */
  readonly #isFirst: boolean;
  hasLeft = false;
  error: unknown;

  constructor(
    bench: Bench,
    hub: EventHub,
    published: readonly string[],
    topics: readonly string[] | undefined,
    requested: string | undefined,
  ) {
    this.#bench = bench;
    this.#topics = topics && new Set(topics);
    this.#published = published;
    this.#requested = requested;
    this.#start = published.length;
    this.#isFirst = !bench.isFollowed();
    if (requested !== undefined) {
      const number = bench.numberOf(requested);
      if (number <= published.length) this.#position = number;
    }
    this.#listener = listen(hub, { topics, header: requested });
  }

  get lastEventId(): string {
    return this.#listener.lastEventId || (this.#requested ?? "");
  }

  get topics(): readonly string[] | undefined {
    return this.#topics && [...this.#topics];
  }

  get isLive(): boolean {
    return !this.hasLeft && this.error === undefined;
  }

  /** Begins to read a chunk, unless it does already. */
  read(): void {
    if (!this.isLive || this.#read !== undefined) return;
    this.#read = this.#listener.chunk().then((chunk) => {
      if (chunk === undefined) this.hasLeft = true;
    }, (error) => {
      this.error = error;
    }).finally(() => {
      this.#read = undefined;
    });
  }

  async leave(): Promise<void> {
    if (!this.isLive) return;
    try {
      await this.#listener.cancel();
      this.hasLeft = true;
    } catch (error) {
      // It was told to go, and has not read that yet.
      this.error = error;
    }
  }

  /** Reads on until nothing comes any more. */
  async drain(): Promise<void> {
    for (let count = -1; this.isLive && count < this.#listener.events.length;) {
      count = this.#listener.events.length;
      for (let n = 0; n < 4; n++) {
        this.read();
        await settle();
      }
    }
  }

  #isMine(number: number): boolean {
    const topic = this.#published[number - 1];
    return this.#topics === undefined || this.#topics.has(topic);
  }

  /** The number of the next event that is for it. */
  #next(behind: number): number | undefined {
    for (let n = behind + 1; n <= this.#published.length; n++) {
      if (this.#isMine(n)) return n;
    }
    return undefined;
  }

  /** Checks what was read since the last check. */
  check(): void {
    const { events } = this.#listener;
    for (; this.#checked < events.length; this.#checked++) {
      this.#checkOne(events[this.#checked]);
    }
  }

  #checkOne(event: ServerSentEvent): void {
    const number = this.#bench.numberOf(event.id ?? "");
    assert(number >= 0, `an id: ${JSON.stringify(event)}`);
    if (event.event === "stale") return this.#checkStale(event, number);
    // New ones get what comes from now on, and perhaps what is on its way.
    this.#position ??= this.#requested !== undefined
      ? this.#bench.numberOf(this.#requested)
      : Math.min(
        this.#isFirst ? Infinity : this.#start,
        event.data === undefined ? number : number - 1,
      );
    const next = this.#next(this.#position);
    if (event.data === undefined) {
      assert(
        next === undefined || next > number,
        `told to be at ${number} without having got ${next}`,
      );
      return;
    }
    assertEquals(number, next, `behind ${this.#position}`);
    assertEquals(event.data, String(number));
    this.#position = number;
  }

  #checkStale(event: ServerSentEvent, number: number): void {
    const { requested, oldest } = JSON.parse(event.data ?? "");
    const lost = this.#bench.numberOf(requested);
    const isTrimmed = lost < this.#bench.trimmed();
    // An id that was ahead of the log may have been given, and been placed, since.
    const position = this.#position ??
      (this.#requested === undefined || requested === this.#requested
        ? undefined
        : this.#bench.numberOf(this.#requested));
    if (position !== undefined) {
      assert(isTrimmed, `nothing is lost behind ${requested}`);
      const next = this.#next(position);
      assert(
        next === undefined || next > lost,
        `said to be at ${lost} without having got ${next}`,
      );
    } else if (this.#requested === undefined) {
      // A hub that has not heard yet where it is can only name where it goes on.
      assert(isTrimmed || lost === number);
    }
    assert(number <= this.#published.length);
    // It may be before what the client has: this hub may not have come so far yet.
    if (oldest !== null) {
      assert(this.#bench.numberOf(oldest) <= this.#published.length);
    }
    this.#position = number;
  }

  /** Nothing is missing at the end. */
  checkEnd(): void {
    this.check();
    if (this.error !== undefined) {
      assert(this.error instanceof SlowSubscriberError, String(this.error));
    }
    if (!this.isLive) return;
    // An id that was ahead of the log may have been given since.
    const from = this.#position ??
      this.#bench.numberOf(this.#requested ?? "e-0");
    assertEquals(this.#next(from), undefined, "an event that never came");
  }
}

type Step =
  | { readonly publish: readonly number[] }
  | { readonly fresh: number }
  | { readonly resume: number }
  | { readonly place: number; readonly topics: number }
  | { readonly leave: number }
  | { readonly read: number }
  | { readonly drain: number }
  | { readonly log: number }
  | { readonly trim: number };

const any = fc.nat({ max: 30 });

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      publish: fc.array(fc.nat({ max: 2 }), { minLength: 1, maxLength: 6 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ fresh: any }) },
  { weight: 3, arbitrary: fc.record({ resume: any }) },
  { weight: 3, arbitrary: fc.record({ place: any, topics: any }) },
  { weight: 2, arbitrary: fc.record({ leave: any }) },
  { weight: 6, arbitrary: fc.record({ read: any }) },
  { weight: 1, arbitrary: fc.record({ drain: any }) },
  { weight: 12, arbitrary: fc.record({ log: any }) },
  { weight: 2, arbitrary: fc.record({ trim: fc.integer({ min: 1, max: 4 }) }) },
);

function topicsOf(choice: number): readonly string[] | undefined {
  const chosen = TOPICS.filter((_, bit) => (choice & 1 << bit) !== 0);
  return chosen.length === 0 ? undefined : chosen;
}

async function run(
  bench: Bench,
  limits: { maxQueuedEvents?: number; maxQueuedBytes?: number },
  isFollowed: boolean,
  steps: readonly Step[],
): Promise<void> {
  const hub = new EventHub({ log: bench.log, keepAlive: false, ...limits });
  const published: string[] = [];
  const clients: Client[] = [];
  const clientAt = (index: number) => clients[index % clients.length];
  const come = (topics: readonly string[] | undefined, id?: string) =>
    void clients.push(new Client(bench, hub, published, topics, id));

  async function take(step: Step): Promise<void> {
    if ("publish" in step) {
      for (const topic of step.publish) {
        published.push(TOPICS[topic]);
        const data = String(published.length);
        void hub.publish({ data }, { topic: TOPICS[topic] });
      }
    } else if ("fresh" in step) come(topicsOf(step.fresh));
    else if ("place" in step) {
      // Some are ahead of the log, some are none.
      const number = step.place % (published.length + 3) - 1;
      const seen = clients.find(({ lastEventId }) => lastEventId !== "");
      const epoch = bench.log instanceof GatedLog
        ? "e"
        : seen?.lastEventId.split("-")[0];
      const id = epoch === undefined || number < 0
        ? "malformed"
        : `${epoch}-${number}`;
      come(topicsOf(step.topics), id);
    } else if ("log" in step) bench.step(step.log);
    else if ("trim" in step) bench.trim(step.trim);
    else if (clients.length > 0) {
      if ("resume" in step) {
        const client = clientAt(step.resume);
        await client.leave();
        const { lastEventId } = client;
        come(client.topics, lastEventId === "" ? undefined : lastEventId);
      } else if ("leave" in step) await clientAt(step.leave).leave();
      else if ("read" in step) clientAt(step.read).read();
      else if ("drain" in step) await clientAt(step.drain).drain();
    }
  }

  // Followed from the beginning, more often than not.
  const begins: readonly Step[] = isFollowed
    ? [{ fresh: 0 }, { log: 0 }, { log: 0 }]
    : [];
  for (const step of [...begins, ...steps]) {
    await take(step);
    for (let turns = 0; turns < 12; turns++) await Promise.resolve();
    for (const client of clients) client.check();
  }
  bench.finish();
  await Promise.all(clients.map((client) => client.drain()));
  bench.finish();
  await Promise.all(clients.map((client) => client.drain()));
  for (const client of clients) client.checkEnd();
  assertEquals(hub.size, clients.filter(({ isLive }) => isLive).length);
  await hub.close();
  await Promise.all(clients.map((client) => client.leave()));
}

const limits = fc.oneof(
  fc.constant({}),
  fc.record({ maxQueuedEvents: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ maxQueuedBytes: fc.integer({ min: 1, max: 200 }) }),
);
const steps = fc.array(step, { maxLength: 60, size: "max" });

Deno.test("EventHub hands over without gap and duplicate, on a log in memory", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 40 }),
      limits,
      steps,
      (maxEvents, limits, steps) =>
        run(memoryBench(maxEvents), limits, true, steps),
    ),
    { numRuns: 200 },
  );
});

Deno.test("EventHub hands over without gap and duplicate, on a log that is far away", async () => {
  await fc.assert(
    fc.asyncProperty(
      limits,
      fc.integer({ min: 0, max: 4 }),
      steps,
      (limits, late, steps) => run(gatedBench(), limits, late > 0, steps),
    ),
    { numRuns: 150 },
  );
});
