import { assertEquals } from "@std/assert";
import {
  dataByEvent,
  jsonData,
  type ServerSentEvent,
  stringData,
} from "../../mod.ts";
import {
  EventHub,
  type EventLog,
  memoryEventLog,
  redisEventLog,
  type SlowPolicy,
} from "../../server.ts";
import { createClient } from "redis";
import { Redis } from "ioredis";

/** Fails to compile unless both are the same type. */
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

function assertType<T extends true>(_?: T): void {}

interface Order {
  readonly amount: number;
}

/** Compiled, never called. */
function never(_: () => unknown): void {}

Deno.test("types: a hub is of text unless a codec says otherwise", () => {
  const text = new EventHub();
  assertType<Equal<typeof text, EventHub<string>>>();
  const orders = new EventHub({ data: jsonData<Order>() });
  assertType<Equal<typeof orders, EventHub<Order>>>();
  never(() => [
    text.publish({ data: "x" }),
    orders.publish({ data: { amount: 1 } }, { topic: "t" }),
    // @ts-expect-error: not text
    text.publish({ data: 1 }),
    // @ts-expect-error: no order
    orders.publish({ data: { amount: "1" } }),
    // @ts-expect-error: the topic is text
    orders.publish({ data: { amount: 1 } }, { topic: 1 }),
  ]);
});

Deno.test("types: a hub of a union is published to by the type of the event", () => {
  const hub = new EventHub({
    data: dataByEvent({ order: jsonData<Order>(), tick: stringData }),
  });
  assertType<Equal<typeof hub, EventHub<Order | string>>>();
  never(() => [
    hub.publish({ event: "tick", data: "x" }),
    hub.publish({ event: "order", data: { amount: 1 } }),
    // @ts-expect-error: neither
    hub.publish({ event: "order", data: 1 }),
  ]);
});

Deno.test("types: coalesce is asked with the data of the hub", () => {
  new EventHub({
    data: jsonData<Order>(),
    slowPolicy: {
      coalesce(event) {
        assertType<Equal<typeof event, ServerSentEvent<Order>>>();
        return String(event.data?.amount);
      },
    },
  });
  const policy: SlowPolicy = { coalesce: ({ data }) => data };
  never(() => [
    new EventHub({ slowPolicy: policy }),
    // @ts-expect-error: no policy
    new EventHub({ slowPolicy: "drop-newest" }),
  ]);
});

Deno.test("types: what the methods give", () => {
  const hub = new EventHub();
  assertType<Equal<ReturnType<typeof hub.publish>, Promise<string>>>();
  assertType<Equal<ReturnType<typeof hub.subscribe>, Response>>();
  assertType<Equal<ReturnType<typeof hub.close>, Promise<void>>>();
  assertType<Equal<typeof hub.size, number>>();
  assertEquals(Object.keys(hub.stats()).toSorted(), [
    "delivered",
    "dropped",
    "published",
    "queuedBytes",
    "resumed",
    "stale",
    "subscribers",
  ]);
});

Deno.test("types: send fits node-redis and ioredis", () => {
  never(() => {
    const node = createClient();
    const io = new Redis();
    const logs: EventLog[] = [
      memoryEventLog(),
      redisEventLog({
        send: (args) => node.sendCommand(args),
        sendBlocking: (args) => node.sendCommand(args),
        key: "k",
      }),
      redisEventLog({
        send: ([command, ...args]) => io.call(command, ...args),
        sendBlocking: ([command, ...args]) => io.call(command, ...args),
        key: "k",
        maxLen: 1,
      }),
    ];
    return logs;
  });
});
