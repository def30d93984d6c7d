import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { encodeEvent, type ServerSentEvent } from "../../mod.ts";
import { EventHub, type SlowPolicy } from "../../server.ts";
import { GatedLog } from "../helpers/gated_log.ts";
import { listen } from "../helpers/listener.ts";
import { settle } from "../helpers/settle.ts";

/** What leaves at a time, in bytes. */
const CHUNK = 64 * 1024;

/** One of those that wait. */
interface Waiting {
  readonly event: ServerSentEvent;
  readonly key: string | undefined;
  /** Whether it is never dropped. */
  readonly isKept: boolean;
}

/** What waits for one subscriber, as a plain list. */
class Model {
  readonly #policy: SlowPolicy;
  readonly #maxEvents: number;
  /** What the stream holds already. */
  #streamed: ServerSentEvent[] | undefined;
  #waiting: Waiting[] = [];
  #dropped = 0;
  #behind = 0;
  hasLeft = false;

  constructor(policy: SlowPolicy, maxEvents: number) {
    this.#policy = policy;
    this.#maxEvents = maxEvents;
  }

  get queuedBytes(): number {
    return this.#waiting.reduce((sum, { event }) => sum + sizeOf(event), 0);
  }

  push(pushed: Waiting): void {
    if (this.#streamed === undefined) {
      this.#streamed = [pushed.event];
      return;
    }
    const { key } = pushed;
    const others = this.#waiting.filter((each) =>
      key === undefined || each.key !== key
    );
    this.#dropped += this.#waiting.length - others.length;
    this.#waiting = [...others, pushed];
    while (this.#isTooMuch()) {
      if (this.#policy !== "drop-oldest") {
        this.hasLeft = true;
        return;
      }
      const oldest = this.#waiting.findIndex(({ isKept }) => !isKept);
      this.#waiting.splice(oldest, 1);
      this.#dropped++;
      this.#behind = oldest;
    }
  }

  #isTooMuch(): boolean {
    const events = this.#waiting.filter(({ isKept }) => !isKept).length;
    const pushed = this.#waiting.at(-1)?.isKept ? 0 : 1;
    return events > pushed && events > this.#maxEvents;
  }

  /** What is read next. */
  read(): ServerSentEvent[] {
    const read = this.#streamed ?? [];
    this.#streamed = undefined;
    if (this.#waiting.length === 0) return read;
    let count = 1;
    let bytes = sizeOf(this.#waiting[0].event);
    for (const { event } of this.#waiting.slice(1)) {
      bytes += sizeOf(event);
      if (bytes > CHUNK) break;
      count++;
    }
    const taken = this.#waiting.splice(0, count).map(({ event }) => event);
    if (this.#dropped > 0) {
      const data = JSON.stringify({ count: this.#dropped });
      taken.splice(this.#behind, 0, { event: "gap", data });
    }
    this.#dropped = 0;
    this.#behind = 0;
    this.#streamed = taken;
    return read;
  }
}

function sizeOf(event: ServerSentEvent): number {
  return encodeEvent(event).length;
}

type Step =
  | { readonly publish: readonly [key: string, size: number, times: number] }
  | { readonly lose: number }
  | { readonly read: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      publish: fc.tuple(
        fc.constantFrom("", "a", "b", "c"),
        fc.constantFrom(1, 1, 1, 1000, 30_000),
        fc.constantFrom(1, 1, 1, 1, 70),
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ lose: fc.constant(1) }) },
  { weight: 1, arbitrary: fc.record({ read: fc.constant(1) }) },
);

const policies: Readonly<Record<string, SlowPolicy>> = {
  "drop-oldest": "drop-oldest",
  coalesce: { coalesce: ({ event }) => event },
};

for (const [name, slowPolicy] of Object.entries(policies)) {
  Deno.test(`EventHub queues as a plain list does, ${name}`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 12 }),
        fc.array(step, { maxLength: 100, size: "max" }),
        async (maxQueuedEvents, steps) => {
          const log = new GatedLog({ isOpen: true });
          const hub = new EventHub({
            log,
            keepAlive: false,
            slowPolicy,
            maxQueuedEvents,
            maxQueuedBytes: Infinity,
          });
          const listener = listen(hub);
          await listener.until((events) => events.length === 1);
          await settle();
          const model = new Model(slowPolicy, maxQueuedEvents);
          const expected = [...listener.events];
          for (const step of steps) {
            if (model.hasLeft) break;
            if ("publish" in step) {
              const [type, size, times] = step.publish;
              const event = {
                ...(type !== "" && { event: type }),
                data: "x".repeat(size),
              };
              const key = name === "coalesce" ? event.event : undefined;
              for (let time = 0; time < times; time++) {
                const id = await hub.publish(event);
                log.deliver();
                await turns();
                model.push({ event: { ...event, id }, key, isKept: false });
                if (model.hasLeft) break;
              }
            } else if ("lose" in step) {
              // An event that is trimmed before it can be read.
              const id = await hub.publish({ data: "lost" });
              const lost = `e-${log.all.length - 1}`;
              log.trim(Infinity);
              log.deliver();
              await turns();
              const data = JSON.stringify({ requested: lost, oldest: null });
              const event = { event: "stale", id, data };
              model.push({ event, key: undefined, isKept: true });
            } else {
              const next = model.read();
              if (next.length === 0) continue;
              await listener.chunk();
              await turns();
              expected.push(...next);
              assertEquals(shown(listener.events), shown(expected));
            }
            if (!model.hasLeft) {
              assertEquals(hub.stats().queuedBytes, model.queuedBytes);
            }
          }
          assertEquals(hub.size, model.hasLeft ? 0 : 1);
          await listener.cancel().catch(() => {});
          await hub.close();
        },
      ),
      { numRuns: 100 },
    );
  });
}

/** Lets what was published or read have its effect. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await Promise.resolve();
}

function shown(events: readonly ServerSentEvent[]): unknown[] {
  return events.map(({ event, data, id }) => [event, data?.slice(0, 40), id]);
}
