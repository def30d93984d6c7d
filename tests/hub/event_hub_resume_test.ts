import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  EventHub,
  type EventLog,
  type EventLogEntry,
  memoryEventLog,
} from "../../server.ts";
import { collectGarbage } from "../helpers/garbage.ts";
import { GatedLog } from "../helpers/gated_log.ts";
import { listen } from "../helpers/listener.ts";
import { settle } from "../helpers/settle.ts";

/** Publishes, and gives the ids. */
async function publishAll(
  hub: EventHub,
  data: readonly string[],
  topic?: string,
): Promise<string[]> {
  const ids: string[] = [];
  for (const each of data) {
    ids.push(await hub.publish({ data: each }, { topic }));
  }
  return ids;
}

Deno.test("EventHub tells one who is new where it is, and it resumes from there", async () => {
  const hub = new EventHub();
  await publishAll(hub, ["before"]);
  const listener = listen(hub);
  const [place] = await listener.until((events) => events.length === 1);
  assertEquals(
    Object.keys(place).filter((k) => place[k as "id"] !== undefined),
    [
      "id",
      "lastEventId",
    ],
  );
  const { lastEventId } = listener;
  assertNotEquals(lastEventId, "");
  await listener.cancel();
  await publishAll(hub, ["missed", "too"]);
  const resumed = listen(hub, { header: lastEventId });
  assertEquals(await resumed.untilData(2), ["missed", "too"]);
  await publishAll(hub, ["live"]);
  assertEquals(await resumed.untilData(3), ["missed", "too", "live"]);
  assertEquals(hub.stats().stale, 0);
  await resumed.cancel();
});

Deno.test("EventHub tells the second who is new where it is, in the first chunk", async () => {
  const hub = new EventHub();
  const first = listen(hub);
  await first.until((events) => events.length === 1);
  const [id] = await publishAll(hub, ["a"]);
  const second = listen(hub);
  await second.chunk();
  assertEquals(second.lastEventId, id);
  await first.cancel();
  await second.cancel();
});

Deno.test("EventHub gives what was missed on its topics only", async () => {
  const hub = new EventHub();
  const [id] = await publishAll(hub, ["0"], "a");
  await publishAll(hub, ["1", "2"], "a");
  await publishAll(hub, ["3"], "b");
  await publishAll(hub, ["4"], "c");
  const listener = listen(hub, { topics: ["a", "c"], header: id });
  assertEquals(await listener.untilData(3), ["1", "2", "4"]);
  await listener.cancel();
});

Deno.test("EventHub prefers the option lastEventId to the header", async () => {
  const hub = new EventHub();
  const ids = await publishAll(hub, ["0", "1", "2"]);
  const listener = listen(hub, { lastEventId: ids[1], header: ids[0] });
  assertEquals(await listener.untilData(1), ["2"]);
  await listener.cancel();
  const fresh = listen(hub, { lastEventId: "", header: ids[0] });
  await fresh.until((events) => events.length === 1);
  assertEquals([fresh.lastEventId, fresh.data()], [ids[2], []]);
  await fresh.cancel();
  const asked = new URL("https://example.com").searchParams.get("from");
  const absent = listen(hub, { lastEventId: asked, header: ids[0] });
  assertEquals(await absent.untilData(2), ["1", "2"]);
  await absent.cancel();
});

Deno.test("EventHub gives 1000 missed events and the live ones behind them", async () => {
  const hub = new EventHub();
  const numbers = Array.from({ length: 1000 }, (_, n) => String(n));
  const [id] = await publishAll(hub, numbers);
  const listener = listen(hub, { header: id });
  await publishAll(hub, ["live"]);
  assertEquals(await listener.untilData(1000), [...numbers.slice(1), "live"]);
  assertEquals(hub.stats().resumed, 1);
  await listener.cancel();
});

Deno.test("EventHub gives what was missed no faster than it is read", async () => {
  const hub = new EventHub();
  const ids = await publishAll(
    hub,
    Array.from({ length: 100 }, () => "x".repeat(20_000)),
  );
  const listener = listen(hub, { header: ids[0] });
  await settle();
  assert(hub.stats().queuedBytes <= 128 * 1024);
  assertEquals((await listener.untilData(99)).length, 99);
  await listener.cancel();
});

/** A log that makes its entries anew for each read, as one does that is far away. */
function farLog() {
  const near = memoryEventLog();
  const given: WeakRef<EventLogEntry>[] = [];
  let reads = 0;
  const log: EventLog = {
    ...near,
    async readAfter(id, limit) {
      reads++;
      const entries = await near.readAfter(id, limit);
      return entries?.map((entry) => {
        const copy = { ...entry };
        given.push(new WeakRef(copy));
        return copy;
      });
    },
  };
  return {
    log,
    /** How often it was read. */
    reads: () => reads,
    /** How many entries it has given. */
    given: () => given.length,
    /** How many of them somebody holds. */
    held() {
      collectGarbage();
      return given.filter((entry) => entry.deref() !== undefined).length;
    },
  };
}

Deno.test("EventHub holds no entries for those who resume and never read", async () => {
  const { log, held } = farLog();
  const hub = new EventHub({ log });
  const ids = await publishAll(
    hub,
    Array.from({ length: 100 }, () => "x".repeat(20_000)),
  );
  const stuck = ids.slice(0, 10).map((header) => listen(hub, { header }));
  await settle();
  await settle();
  assert(held() <= stuck.length, `${held()} entries are held`);
  const { queuedBytes } = hub.stats();
  assert(queuedBytes <= stuck.length * 64 * 1024, `${queuedBytes} bytes wait`);
  assertEquals((await stuck[9].untilData(90)).length, 90);
  for (const listener of stuck) await listener.cancel();
});

Deno.test("EventHub reads few large entries at a time", async () => {
  const { log, given } = farLog();
  const hub = new EventHub({ log });
  const data = Array.from({ length: 50 }, (_, n) => `${n}`.padEnd(100_000));
  const [id] = await publishAll(hub, data);
  const listener = listen(hub, { header: id });
  await settle();
  assert(given() <= 8, `${given()} entries are read for one that is stuck`);
  assertEquals(await listener.untilData(49), data.slice(1));
  assert(given() < 60, `${given()} entries are read`);
  await listener.cancel();
});

Deno.test("EventHub reads many small entries at a time", async () => {
  const { log, reads } = farLog();
  const hub = new EventHub({ log });
  const data = Array.from({ length: 2000 }, (_, n) => String(n));
  const [id] = await publishAll(hub, data);
  const listener = listen(hub, { header: id });
  assertEquals(await listener.untilData(1999), data.slice(1));
  assert(reads() <= 15, `${reads()} reads`);
  await listener.cancel();
});

Deno.test("EventHub gives what was missed in order, whatever the sizes are", async () => {
  const { log, given } = farLog();
  const hub = new EventHub({ log });
  // Small ones, so that many are read at a time, among which then large ones come.
  const sizes = [
    ...Array(400).fill(10),
    1e6,
    10,
    1e5,
    1e5,
    ...Array(300).fill(9),
  ];
  const data = sizes.map((size, n) => `${n}`.padEnd(size));
  const [id] = await publishAll(hub, data);
  for (let n = 0; n < 3; n++) {
    const listener = listen(hub, { header: id });
    assertEquals(await listener.untilData(703), data.slice(1));
    await listener.cancel();
  }
  assert(given() < 3 * 1500, `${given()} entries are read`);
});

Deno.test("EventHub reads once for those who come back together", async () => {
  const { log, reads } = farLog();
  const hub = new EventHub({ log });
  const [id] = await publishAll(hub, ["0", "1", "2"]);
  const all = Array.from({ length: 100 }, () => listen(hub, { header: id }));
  for (const listener of all) {
    assertEquals(await listener.untilData(2), ["1", "2"]);
  }
  assertEquals(reads(), 1);
  for (const listener of all) await listener.cancel();
});

Deno.test("EventHub loses nothing that comes while a subscriber reads what it missed slowly", async () => {
  const hub = new EventHub({ maxQueuedEvents: 4 });
  // More than a chunk.
  const large = ["a", "b", "c", "d"].map((c) => c.repeat(40_000));
  const [id] = await publishAll(hub, ["first"]);
  await publishAll(hub, large);
  const listener = listen(hub, { header: id });
  await settle();
  await publishAll(hub, ["1", "2", "3", "4", "5", "6", "7"]);
  await settle();
  const last = await hub.publish({ data: "last" });
  await listener.until((events) => events.some(({ id }) => id === last));
  assertEquals(
    listener.data().map((data) => data.slice(0, 5)),
    [
      ...large.map((data) => data.slice(0, 5)),
      ...["1", "2", "3", "4", "5", "6", "7", "last"],
    ],
  );
  await listener.cancel();
});

/** A hub on a gated log, that is followed; two events are out. */
async function gatedHub(maxQueuedEvents: number) {
  const log = new GatedLog();
  const hub = new EventHub({ log, maxQueuedEvents });
  const live = listen(hub);
  log.release();
  await settle();
  log.release();
  await settle();
  await publishAll(hub, ["1", "2"]);
  log.deliver();
  assertEquals(await live.untilData(2), ["1", "2"]);
  return { log, hub, live };
}

Deno.test("EventHub loses nothing when too much comes while the answer of the log is on its way", async () => {
  const { log, hub, live } = await gatedHub(2);
  const listener = listen(hub, { header: "e-1" });
  await settle();
  log.release(); // The log has answered: "2" is the last.
  await settle();
  await publishAll(hub, ["3", "4", "5", "6"]);
  log.deliver();
  await settle();
  log.open();
  await settle();
  const last = listener.untilData(1);
  await last;
  await publishAll(hub, ["7"]);
  log.deliver();
  await listener.until((events) => events.some(({ id }) => id === "e-7"));
  assertEquals(listener.data(), ["2", "3", "4", "5", "6", "7"]);
  await listener.cancel();
  await live.cancel();
});

Deno.test("EventHub does not take the answer for an id that was ahead for one who comes later", async () => {
  const { log, hub, live } = await gatedHub(2);
  const early = listen(hub, { header: "e-3" });
  await settle();
  log.release(); // The log has answered: there is no such id.
  await settle();
  await publishAll(hub, ["3", "4"]);
  const late = listen(hub, { header: "e-3" });
  await settle();
  log.open();
  log.deliver();
  assertEquals(await late.untilData(1), ["4"]);
  assertEquals(hub.stats().resumed, 1);
  for (const listener of [early, late, live]) await listener.cancel();
});

Deno.test("EventHub reads once for those who come back together with an id that is gone", async () => {
  const { log, hub, live } = await gatedHub(2);
  log.trim(2);
  const all = Array.from({ length: 100 }, () => listen(hub, { header: "e-1" }));
  await settle();
  assertEquals(log.waiting, 1, "one reads");
  log.release();
  await settle();
  log.release();
  await settle();
  assertEquals(log.waiting, 1, "one asks for the oldest");
  log.open();
  for (const listener of all) {
    await listener.until((events) => events.length === 1);
  }
  assertEquals(hub.stats().stale, 100);
  for (const listener of [...all, live]) await listener.cancel();
});

Deno.test("EventHub tells one who catches up of a gap behind what it was given", async () => {
  const { log, hub, live } = await gatedHub(100);
  const listener = listen(hub, { header: "e-1" });
  await settle();
  log.release(); // The log has answered: "2" is the last.
  await settle();
  await publishAll(hub, ["3", "4", "5"]);
  log.trim(4);
  log.deliver();
  await settle();
  log.open();
  await listener.until((events) => events.some(({ id }) => id === "e-5"));
  assertEquals(
    listener.events.map(({ event, id }) => [event, id]),
    [[undefined, "e-2"], ["stale", "e-4"], [undefined, "e-5"]],
  );
  await listener.cancel();
  await live.cancel();
});

Deno.test("EventHub repeats nothing behind a gap that ends before what was read from the log", async () => {
  const { log, hub, live } = await gatedHub(100);
  await publishAll(hub, ["3", "4", "5"]);
  const listener = listen(hub, { header: "e-1" });
  log.open();
  // The live end is behind what was read, and then some of it is gone.
  assertEquals(await listener.untilData(4), ["2", "3", "4", "5"]);
  log.trim(3);
  await publishAll(hub, ["6"]);
  log.deliver();
  await listener.until((events) => events.some(({ id }) => id === "e-6"));
  assertEquals(listener.data(), ["2", "3", "4", "5", "6"]);
  await listener.cancel();
  await live.cancel();
});

Deno.test("EventHub tells of a gap that goes beyond what was read from the log", async () => {
  const { log, hub, live } = await gatedHub(100);
  await publishAll(hub, ["3"]);
  const listener = listen(hub, { header: "e-1" });
  log.open();
  assertEquals(await listener.untilData(2), ["2", "3"]);
  await publishAll(hub, ["4", "5", "6"]);
  log.trim(5);
  log.deliver();
  await listener.until((events) => events.some(({ id }) => id === "e-6"));
  assertEquals(
    listener.events.map(({ event, id }) => [event, id]),
    [
      [undefined, "e-2"],
      [undefined, "e-3"],
      ["stale", "e-5"],
      [undefined, "e-6"],
    ],
  );
  await listener.cancel();
  await live.cancel();
});

Deno.test("EventHub tells those who are live of a gap, once, and goes on", async () => {
  const { log, hub, live } = await gatedHub(100);
  log.open();
  await publishAll(hub, ["3", "4", "5"]);
  log.trim(4);
  log.deliver();
  await live.until((events) => events.some(({ id }) => id === "e-5"));
  const [stale] = live.events.filter(({ event }) => event === "stale");
  assertEquals(stale.id, "e-4");
  assertEquals(JSON.parse(stale.data!), { requested: "e-2", oldest: "e-5" });
  assertEquals(live.events.filter(({ event }) => event === "stale").length, 1);
  assertEquals(hub.stats().stale, 1);
  await live.cancel();
});

Deno.test("EventHub checks again whether all is there, since trimming races the reading", async () => {
  const log = new GatedLog({ isOpen: true });
  const hub = new EventHub({ log });
  const live = listen(hub);
  await live.until((events) => events.length === 1);
  await publishAll(hub, Array.from({ length: 600 }, (_, n) => String(n + 1)));
  log.deliver();
  await live.untilData(600);
  log.isOpen = false;
  const listener = listen(hub, { header: "e-1" });
  await settle();
  log.release();
  await settle();
  log.trim(500);
  log.open();
  await listener.until((events) =>
    events.some(({ event }) => event === "stale")
  );
  const stale = listener.events.at(-1)!;
  const before = listener.events.at(-2)!;
  assertEquals(JSON.parse(stale.data!), {
    requested: before.id,
    oldest: "e-501",
  });
  await publishAll(hub, ["live"]);
  log.deliver();
  await listener.until((events) => events.at(-1)?.data === "live");
  assertEquals(stale.id, "e-600");
  await listener.cancel();
  await live.cancel();
});

interface StaleCase {
  readonly name: string;
  readonly id: (ids: readonly string[]) => string | Promise<string>;
}

const STALE: readonly StaleCase[] = [
  { name: "is malformed", id: () => "no id of ours" },
  { name: "is not ASCII", id: () => "é€😀" },
  { name: "was trimmed", id: (ids) => ids[0] },
  {
    name: "is of another epoch",
    id: () => new EventHub().publish({ data: "x" }),
  },
  {
    name: "is ahead of the log",
    id: (ids) => `${ids[0].split("-")[0]}-1000`,
  },
];

for (const { name, id } of STALE) {
  for (const staleEvent of ["stale", "lost"]) {
    Deno.test(`EventHub sends ${staleEvent} to one whose id ${name}, then what is live`, async () => {
      const hub = new EventHub({
        log: memoryEventLog({ maxEvents: 2 }),
        ...(staleEvent !== "stale" && { staleEvent }),
      });
      const ids = await publishAll(hub, ["0", "1", "2", "3"]);
      const requested = await id(ids);
      const listener = listen(hub, { lastEventId: requested });
      await listener.until((events) => events.length === 1);
      assertEquals(listener.response.status, 200);
      const [stale] = listener.events;
      assertEquals(stale.event, staleEvent);
      assertEquals(JSON.parse(stale.data!), { requested, oldest: ids[2] });
      assertEquals(stale.id, ids[3]);
      await publishAll(hub, ["live"]);
      await listener.untilData(2);
      assertEquals(listener.data()[1], "live");
      assertEquals(hub.stats().stale, 1);
      assertEquals(hub.stats().resumed, 0);
      await listener.cancel();
      // From the id of the stale event nothing is missed.
      const again = listen(hub, { lastEventId: stale.id! });
      assertEquals(await again.untilData(1), ["live"]);
      await again.cancel();
    });
  }
}

Deno.test("EventHub says null as the oldest if there is none", async () => {
  const hub = new EventHub();
  const listener = listen(hub, { lastEventId: "x" });
  await listener.until((events) => events.length === 1);
  const [{ data, id }] = listener.events;
  assertEquals(JSON.parse(data!), { requested: "x", oldest: null });
  await listener.cancel();
  await publishAll(hub, ["0"]);
  const again = listen(hub, { lastEventId: id! });
  assertEquals(await again.untilData(1), ["0"]);
  await again.cancel();
});

Deno.test("EventHub sends stale whatever topics were asked for", async () => {
  const hub = new EventHub();
  const listener = listen(hub, { topics: ["a"], lastEventId: "x" });
  await listener.until((events) => events[0]?.event === "stale");
  await listener.cancel();
});

Deno.test("EventHub decodes the id of the header as UTF-8", async () => {
  const hub = new EventHub({ scope: "Zoë" });
  const [id] = await publishAll(hub, ["0", "1"]);
  const header = String.fromCharCode(...new TextEncoder().encode(id));
  const listener = listen(hub, { header });
  assertEquals(await listener.untilData(1), ["1"]);
  await listener.cancel();
});

Deno.test("EventHub scope binds ids to their owner, even on one log", async () => {
  const log = memoryEventLog();
  const ann = new EventHub({ log, scope: "ann" });
  const bob = new EventHub({ log, scope: "bob" });
  const open = new EventHub({ log });
  const [id] = await publishAll(ann, ["0", "1"]);
  const own = listen(ann, { header: id });
  assertEquals(await own.untilData(1), ["1"]);
  for (const hub of [bob, open]) {
    const other = listen(hub, { header: id });
    await other.until((events) => events.length === 1);
    const [stale] = other.events;
    assertEquals(stale.event, "stale");
    assertEquals(JSON.parse(stale.data!).requested, id);
    await other.cancel();
  }
  await own.cancel();
});

for (
  const [mine, theirs] of [["a", "a:b"], ["a:b", "a"], ["", "a"], ["a", ""]]
) {
  Deno.test(`EventHub scope ${Deno.inspect(mine)} is not ${Deno.inspect(theirs)}`, async () => {
    const log = memoryEventLog();
    const [id] = await publishAll(new EventHub({ log, scope: theirs }), [
      "0",
      "1",
    ]);
    const hub = new EventHub({ log, scope: mine });
    const listener = listen(hub, { header: id });
    await listener.until((events) => events.length === 1);
    assertEquals(listener.events[0].event, "stale");
    await listener.cancel();
  });
}

Deno.test("EventHub scope stands in front of every id that clients see", async () => {
  const hub = new EventHub({
    scope: "ann",
    log: memoryEventLog({ maxEvents: 1 }),
  });
  const fresh = listen(hub);
  const [, id] = await publishAll(hub, ["0", "1"]);
  await fresh.untilData(2);
  const stale = listen(hub, { lastEventId: "x" });
  await stale.until((events) => events.length === 1);
  for (const { id } of [...fresh.events, ...stale.events]) {
    assert(id?.startsWith("ann:"), id);
  }
  assertEquals(JSON.parse(stale.data()[0]).oldest, id);
  await fresh.cancel();
  await stale.cancel();
});
