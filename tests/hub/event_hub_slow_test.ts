import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { jsonData, SlowSubscriberError } from "../../mod.ts";
import {
  EventHub,
  type EventHubOptions,
  type SlowPolicy,
  type SlowSubscriber,
} from "../../server.ts";
import {
  listen,
  type Listener,
  type ListenOptions,
} from "../helpers/listener.ts";
import { settle } from "../helpers/settle.ts";
import { trapUncaught } from "../helpers/uncaught.ts";

/** A subscriber that has read where it is, and whose stream holds one more event. */
async function stuckOn<T>(
  hub: EventHub<T>,
  first: T,
  options?: ListenOptions,
): Promise<Listener> {
  const listener = listen(hub, options);
  await listener.until((events) => events.length === 1);
  await settle();
  await hub.publish({ data: first });
  await settle();
  return listener;
}

async function publishAll(hub: EventHub, ...data: string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const each of data) ids.push(await hub.publish({ data: each }));
  return ids;
}

for (
  const [name, limits] of [
    ["events", { maxQueuedEvents: 3 }],
    ["bytes", { maxQueuedBytes: 100 }],
  ] as const
) {
  Deno.test(`EventHub disconnects one for whom too many ${name} wait, which resumes without loss`, async () => {
    const slow: SlowSubscriber[] = [];
    const hub = new EventHub({
      ...limits,
      onSlowSubscriber: (subscriber) => void slow.push(subscriber),
    });
    const listener = await stuckOn(hub, "0", { topics: ["", "t"] });
    const data = ["1", "2", "3", "4", "5"];
    await publishAll(hub, ...data);
    assertEquals(hub.size, 0);
    assertEquals(slow.length, 1);
    assertEquals(slow[0].topics, ["", "t"]);
    assert(slow[0].queuedEvents > 0 && slow[0].queuedBytes > 0);
    const error = await assertRejects(
      () => listener.rest(),
      SlowSubscriberError,
    );
    assert(error.queuedBytes > 0);
    const resumed = listen(hub, {
      topics: ["", "t"],
      lastEventId: listener.lastEventId,
    });
    const rest = [...listener.data(), ...await resumed.untilData(5)];
    assertEquals([...new Set(rest)].slice(-5), data);
    await resumed.cancel();
  });
}

Deno.test("EventHub names the limit that was exceeded when it disconnects", async () => {
  const hub = new EventHub({ maxQueuedEvents: 1 });
  const listener = await stuckOn(hub, "0");
  await publishAll(hub, "1", "2", "3");
  const error = await assertRejects(() => listener.rest(), SlowSubscriberError);
  // 60 bytes are not more than a mebibyte.
  assert(!error.message.includes("1048576"), error.message);
});

Deno.test("EventHub lets one event wait however large it is", async () => {
  const hub = new EventHub({ maxQueuedBytes: 10 });
  const listener = await stuckOn(hub, "0");
  await publishAll(hub, "x".repeat(1000));
  assertEquals(await listener.untilData(2), ["0", "x".repeat(1000)]);
  await listener.cancel();
});

Deno.test("EventHub drops the oldest, and says how many in a gap event", async () => {
  const slow: SlowSubscriber[] = [];
  const hub = new EventHub({
    slowPolicy: "drop-oldest",
    maxQueuedEvents: 3,
    onSlowSubscriber: (subscriber) => void slow.push(subscriber),
  });
  const listener = await stuckOn(hub, "0");
  const ids = await publishAll(hub, "1", "2", "3", "4", "5", "6", "7");
  assertEquals(hub.stats().dropped, 4);
  assertEquals(slow.length, 4);
  await listener.until((events) => events.some(({ id }) => id === ids.at(-1)));
  const shown = listener.events.slice(1).map((
    { event, data },
  ) => [event, data]);
  assertEquals(shown, [
    [undefined, "0"],
    ["gap", '{"count":4}'],
    [undefined, "5"],
    [undefined, "6"],
    [undefined, "7"],
  ]);
  assertEquals(hub.stats().dropped, 4);
  // It goes on as if nothing had been.
  await publishAll(hub, "8");
  await listener.until((events) => events.at(-1)?.data === "8");
  await listener.cancel();
});

Deno.test("EventHub drops the oldest until the bytes fit", async () => {
  const hub = new EventHub({ slowPolicy: "drop-oldest", maxQueuedBytes: 500 });
  const listener = await stuckOn(hub, "0");
  await publishAll(hub, ..."abcdefgh".split("").map((c) => c.repeat(100)));
  assert(hub.stats().queuedBytes <= 500);
  const { dropped } = hub.stats();
  const events = await listener.until((events) =>
    events.some(({ data }) => data?.startsWith("h"))
  );
  const [gap] = events.filter(({ event }) => event === "gap");
  assertEquals(JSON.parse(gap.data!), { count: dropped });
  assertEquals(events.length, 2 + 1 + (8 - dropped));
  await listener.cancel();
});

Deno.test("EventHub counts in the gap what was missed before the subscriber came", async () => {
  const hub = new EventHub({ slowPolicy: "drop-oldest", maxQueuedEvents: 3 });
  const [id] = await publishAll(hub, "0");
  await publishAll(hub, ...Array.from({ length: 10 }, (_, n) => `missed ${n}`));
  const listener = listen(hub, { lastEventId: id });
  await settle();
  const ids = await publishAll(hub, "a", "b", "c", "d", "e");
  const events = await listener.until((events) =>
    events.some(({ id }) => id === ids.at(-1))
  );
  const gaps = events.filter(({ event }) => event === "gap");
  const lost = gaps.reduce((sum, { data }) => sum + JSON.parse(data!).count, 0);
  const got = events.filter(({ id }) => id !== undefined).length;
  assertEquals(got + lost, 15, JSON.stringify(events));
  assertEquals(hub.stats().dropped, lost);
  await listener.cancel();
});

Deno.test("EventHub never drops the event that says that the id is stale", async () => {
  const hub = new EventHub({ slowPolicy: "drop-oldest", maxQueuedEvents: 2 });
  const listener = listen(hub, { lastEventId: "x" });
  await settle();
  const ids = await publishAll(hub, "a", "b", "c", "d", "e");
  const events = await listener.until((events) =>
    events.some(({ id }) => id === ids.at(-1))
  );
  assertEquals(events[0].event, "stale", JSON.stringify(events));
  await listener.cancel();
});

Deno.test("EventHub stats keep what was dropped for one that has left", async () => {
  const hub = new EventHub({ slowPolicy: "drop-oldest", maxQueuedEvents: 2 });
  const listener = await stuckOn(hub, "0");
  await publishAll(hub, "1", "2", "3", "4", "5");
  assertEquals(hub.stats().dropped, 3);
  await listener.cancel();
  assert(hub.stats().dropped >= 3, `${hub.stats().dropped}`);
});

Deno.test("EventHub coalesces: of each key the latest survives, and ids go up", async () => {
  const hub = new EventHub({
    slowPolicy: { coalesce: ({ data }) => data?.split("=")[0] },
    maxQueuedEvents: 10,
  });
  const listener = await stuckOn(hub, "first=0");
  const figures = ["a=1", "b=1", "a=2", "c=1", "b=2", "a=3"];
  const ids = await publishAll(hub, ...figures);
  const events = await listener.until((events) =>
    events.some(({ id }) => id === ids.at(-1))
  );
  const shown = events.slice(2).map(({ event, data, id }) => [event, data, id]);
  assertEquals(shown, [
    ["gap", '{"count":3}', undefined],
    [undefined, "c=1", ids[3]],
    [undefined, "b=2", ids[4]],
    [undefined, "a=3", ids[5]],
  ]);
  assertEquals(hub.stats().dropped, 3);
  await listener.cancel();
});

Deno.test("EventHub coalesces nothing for one that keeps up", async () => {
  const hub = new EventHub({ slowPolicy: { coalesce: () => "key" } });
  const listener = listen(hub);
  for (const data of ["1", "2", "3"]) {
    await hub.publish({ data });
    await listener.until((events) => events.some((e) => e.data === data));
  }
  assertEquals(listener.data(), ["1", "2", "3"]);
  await listener.cancel();
});

Deno.test("EventHub coalesces by typed data, and leaves alone what has no key", async () => {
  interface Figure {
    readonly name: string | undefined;
    readonly value: number;
  }
  const hub = new EventHub<Figure>({
    data: jsonData<Figure>(),
    slowPolicy: { coalesce: ({ event, data }) => event && data?.name },
  });
  const listener = await stuckOn(hub, { name: "x", value: 0 });
  for (let value = 1; value < 4; value++) {
    await hub.publish({ event: "figure", data: { name: "a", value } });
    await hub.publish({ data: { name: "a", value } });
  }
  await hub.close();
  const events = await listener.rest();
  assertEquals(
    events.slice(2).map(({ event, data }) => [event, JSON.parse(data!).value]),
    [
      ["gap", undefined],
      [undefined, 1],
      [undefined, 2],
      ["figure", 3],
      [undefined, 3],
    ],
  );
});

Deno.test("EventHub disconnects when there is too much in spite of coalescing", async () => {
  const hub = new EventHub({
    slowPolicy: { coalesce: ({ data }) => data },
    maxQueuedEvents: 2,
  });
  const listener = await stuckOn(hub, "0");
  await publishAll(hub, "a", "b", "a", "b", "a");
  assertEquals(hub.size, 1);
  await publishAll(hub, "c");
  assertEquals(hub.size, 0);
  await assertRejects(() => listener.rest(), SlowSubscriberError);
});

const policies: readonly NonNullable<EventHubOptions["slowPolicy"]>[] = [
  "disconnect",
  "drop-oldest",
  { coalesce: ({ data }) => data },
];
for (const slowPolicy of policies) {
  Deno.test(`EventHub never lets one that is stuck delay another: ${Deno.inspect(slowPolicy)}`, async () => {
    const hub = new EventHub({ slowPolicy, maxQueuedEvents: 5 });
    const stuck = listen(hub);
    const healthy = Array.from({ length: 20 }, () => listen(hub));
    for (const listener of healthy) {
      await listener.until((events) => events.length === 1);
    }
    for (let n = 1; n <= 50; n++) {
      const reads = healthy.map(({ chunk }) => chunk());
      await hub.publish({ data: String(n) });
      await Promise.all(reads);
      for (const { events } of healthy) {
        assertEquals(events.at(-1)?.data, String(n));
      }
    }
    await stuck.cancel().catch(() => {});
    for (const listener of healthy) await listener.cancel();
  });
}

for (
  const [slowPolicy, shown] of [
    ["drop_oldest", '"drop_oldest"'],
    ["", '""'],
    [null, "null"],
    [{}, "an object"],
    [{ coalesce: "name" }, "an object"],
  ] as const
) {
  Deno.test(`EventHub refuses ${Deno.inspect(slowPolicy)} as slowPolicy`, () => {
    assertThrows(
      () => new EventHub({ slowPolicy: slowPolicy as SlowPolicy }),
      TypeError,
      `got ${shown}`,
    );
  });
}

Deno.test("EventHub tells errors of onSlowSubscriber to onError, and others get the event", async () => {
  using uncaught = trapUncaught();
  const errors: unknown[] = [];
  const error = new Error("mine");
  const hub = new EventHub({
    maxQueuedEvents: 1,
    onSlowSubscriber() {
      throw error;
    },
    onError: (error) => void errors.push(error),
  });
  const slow = await stuckOn(hub, "0");
  const other = listen(hub);
  await other.until((events) => events.length === 1);
  await publishAll(hub, "1");
  await other.untilData(1);
  await publishAll(hub, "2");
  assertEquals(await other.untilData(2), ["1", "2"]);
  assertEquals(errors, [error]);
  await assertRejects(() => slow.rest(), SlowSubscriberError);
  await settle();
  assertEquals(uncaught.errors, []);
  await other.cancel();
});

Deno.test("EventHub tells errors of coalesce to onError, and the event waits for itself", async () => {
  const errors: unknown[] = [];
  const hub = new EventHub({
    slowPolicy: {
      coalesce() {
        throw new Error("mine");
      },
    },
    onError: (error) => void errors.push(error),
  });
  const listener = await stuckOn(hub, "0");
  await publishAll(hub, "1", "2");
  assertEquals(await listener.untilData(3), ["0", "1", "2"]);
  assertEquals(errors.length, 2);
  await listener.cancel();
});

for (const topics of [undefined, [""], ["", "b"]]) {
  Deno.test(
    `EventHub gives one that comes within onSlowSubscriber nothing from before its place, of ${
      topics?.length ?? "all"
    }`,
    async () => {
      let late: Listener | undefined;
      const hub: EventHub = new EventHub({
        maxQueuedEvents: 1,
        onSlowSubscriber() {
          late ??= listen(hub, { topics });
        },
      });
      const slow = await stuckOn(hub, "0", { topics });
      const other = listen(hub, { topics });
      await publishAll(hub, "1", "2", "3");
      await late!.chunk();
      const place = late!.lastEventId;
      const [id] = await publishAll(hub, "4");
      await late!.until((events) => events.some((event) => event.id === id));
      const before = late!.events.filter(({ data, id }) =>
        data !== undefined && id === place
      );
      assertEquals(before, []);
      await late!.cancel();
      await other.cancel().catch(() => {});
      await slow.cancel().catch(() => {});
    },
  );
}

Deno.test("EventHub close within onSlowSubscriber ends all", async () => {
  using uncaught = trapUncaught();
  const hub: EventHub = new EventHub({
    maxQueuedEvents: 1,
    onSlowSubscriber: () => void hub.close({ retry: 1 }),
  });
  const slow = await stuckOn(hub, "0");
  const other = listen(hub);
  void hub.publish({ data: "1" });
  void hub.publish({ data: "2" });
  void hub.publish({ data: "3" });
  await other.rest();
  await assertRejects(() => slow.rest(), SlowSubscriberError);
  assertEquals(uncaught.errors, []);
  assertEquals(hub.size, 0);
});
