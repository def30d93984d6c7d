import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import fc from "fast-check";
import { StreamClosedError } from "../../mod.ts";
import {
  type EventLog,
  type EventLogEntry,
  memoryEventLog,
} from "../../server.ts";
import { fakeClock } from "../helpers/clock.ts";

function append(log: EventLog, data: string, topic = ""): Promise<string> {
  return log.append({ topic, event: { data } });
}

async function dataAfter(
  log: EventLog,
  id: string,
  limit = 100,
): Promise<(string | undefined)[] | undefined> {
  return (await log.readAfter(id, limit))?.map(({ event }) => event.data);
}

/** The id that stands so many places behind another of the same log. */
function idAt(id: string, offset: number): string {
  const [epoch, number] = id.split("-");
  return `${epoch}-${Number(number) + offset}`;
}

Deno.test("memoryEventLog gives ids in ascending order across topics", async () => {
  const log = memoryEventLog();
  const ids: string[] = [];
  // Beyond 10, where the order of texts and that of numbers differ.
  for (let n = 0; n < 12; n++) ids.push(await append(log, "x", `t${n % 3}`));
  assertEquals(new Set(ids).size, 12);
  assertEquals(ids.toSorted(log.compare), ids);
  assertEquals(ids.toReversed().toSorted(log.compare), ids);
  assertEquals(log.compare(ids[3], ids[3]), 0);
  assert(log.compare(ids[9], ids[10]) < 0);
  assert(log.compare(ids[10], ids[9]) > 0);
});

Deno.test("memoryEventLog numbers what is appended at once in the order of the calls", async () => {
  const log = memoryEventLog();
  const ids = await Promise.all(
    ["a", "b", "c"].map((data) => append(log, data)),
  );
  assertEquals(ids.toSorted(log.compare), ids);
});

Deno.test("memoryEventLog gives ids that a header can carry", async () => {
  assertMatch(await append(memoryEventLog(), "x"), /^[\x21-\x7e]+$/);
});

Deno.test("memoryEventLog has an epoch of its own", async () => {
  const [a, b] = await Promise.all(
    [memoryEventLog(), memoryEventLog()].map((log) => append(log, "x")),
  );
  assertNotEquals(a, b);
});

Deno.test("memoryEventLog keeps the topic and the event as they were appended", async () => {
  const log = memoryEventLog();
  const { position } = await log.tail({ entries() {}, gap() {}, error() {} });
  const event = { event: "e", data: "a\nb", retry: 3, comments: ["c"] };
  const id = await log.append({ topic: "t", event });
  assertEquals(await log.readAfter(position, 5), [{ id, topic: "t", event }]);
});

Deno.test("memoryEventLog readAfter reads up to the limit, and less only at the end", async () => {
  const log = memoryEventLog();
  const ids: string[] = [];
  for (const data of ["a", "b", "c", "d"]) ids.push(await append(log, data));
  assertEquals(await dataAfter(log, ids[0], 2), ["b", "c"]);
  assertEquals(await dataAfter(log, ids[0], 3), ["b", "c", "d"]);
  assertEquals(await dataAfter(log, ids[0], 4), ["b", "c", "d"]);
  assertEquals(await dataAfter(log, ids[3], 4), []);
});

Deno.test("memoryEventLog readAfter reads everything behind the place before the first event", async () => {
  const log = memoryEventLog();
  const { position } = await log.tail({ entries() {}, gap() {}, error() {} });
  assertEquals(await dataAfter(log, position), []);
  await append(log, "a");
  assertEquals(await dataAfter(log, position), ["a"]);
});

Deno.test("memoryEventLog readAfter places the id right before the oldest event, and none before it", async () => {
  const log = memoryEventLog({ maxEvents: 2 });
  const ids: string[] = [];
  for (const data of ["a", "b", "c", "d"]) ids.push(await append(log, data));
  assertEquals(await log.oldest(), ids[2]);
  assertEquals(await dataAfter(log, ids[2]), ["d"]);
  // Everything behind it is there: nothing was missed.
  assertEquals(await dataAfter(log, ids[1]), ["c", "d"]);
  assertEquals(await dataAfter(log, ids[0]), undefined);
});

Deno.test("memoryEventLog readAfter does not place an id that is ahead", async () => {
  const log = memoryEventLog();
  const id = await append(log, "a");
  assertEquals(await log.readAfter(idAt(id, 1), 9), undefined);
  assertEquals(await log.readAfter(idAt(id, 1e9), 9), undefined);
});

Deno.test("memoryEventLog readAfter does not place an id of another epoch", async () => {
  const [before, after] = [memoryEventLog(), memoryEventLog()];
  const id = await append(before, "a");
  assertEquals(await after.readAfter(id, 9), undefined);
  await append(after, "a");
  assertEquals(await after.readAfter(id, 9), undefined);
});

Deno.test("memoryEventLog readAfter does not place what is malformed", async () => {
  const log = memoryEventLog();
  const id = await append(log, "a");
  await append(log, "b");
  const [epoch] = id.split("-");
  for (
    const malformed of [
      "",
      "-",
      "1",
      epoch,
      `${epoch}-`,
      `${epoch}-x`,
      `${epoch}--1`,
      `${epoch}-01`,
      `${epoch}-1.0`,
      `${epoch}-0x1`,
      `${epoch}-1 `,
      ` ${id}`,
      `${id}\n`,
      `${epoch}-1e0`,
      `${epoch}-99999999999999999999`,
      `${epoch}-NaN`,
      "undefined",
      "__proto__",
      "é",
    ]
  ) {
    assertEquals(await log.readAfter(malformed, 9), undefined, malformed);
  }
});

Deno.test("memoryEventLog oldest is undefined without an entry", async () => {
  assertEquals(await memoryEventLog().oldest(), undefined);
});

Deno.test("memoryEventLog trims by bytes", async () => {
  const log = memoryEventLog({ maxBytes: 10_000 });
  const ids: string[] = [];
  for (let n = 0; n < 10; n++) ids.push(await append(log, "x".repeat(1000)));
  const kept = await dataAfter(log, ids[5]);
  assertEquals(kept?.length, 4);
  assertEquals(await dataAfter(log, ids[0]), undefined);
});

for (const field of ["event", "data", "topic", "comments"] as const) {
  Deno.test(`memoryEventLog counts the bytes of ${field}`, async () => {
    const log = memoryEventLog({ maxBytes: 4000 });
    const large = "x".repeat(1000);
    const entry = field === "topic" ? { topic: large, event: { data: "" } } : {
      topic: "",
      event: { [field]: field === "comments" ? [large] : large },
    };
    const first = await log.append(entry);
    await log.append(entry);
    assertNotEquals(await log.oldest(), first);
  });
}

Deno.test("memoryEventLog keeps nothing of what alone is too large, and gives it to its listeners", async () => {
  const log = memoryEventLog({ maxBytes: 100 });
  const given: EventLogEntry[] = [];
  const { position } = await log.tail({
    entries: (entries) => void given.push(...entries),
    gap() {},
    error() {},
  });
  const id = await append(log, "x".repeat(1000));
  assertEquals(given.map((entry) => entry.id), [id]);
  assertEquals(await log.oldest(), undefined);
  assertEquals(await log.readAfter(position, 9), undefined);
  assertEquals(await log.readAfter(id, 9), []);
});

Deno.test("memoryEventLog trims by age, whenever it is used", async () => {
  using clock = fakeClock();
  const log = memoryEventLog({ maxAge: 1000 });
  const a = await append(log, "a");
  await clock.tick(600);
  const b = await append(log, "b");
  await clock.tick(400);
  assertEquals(await log.oldest(), a);
  await clock.tick(1);
  assertEquals(await log.oldest(), b);
  assertEquals(await dataAfter(log, a), ["b"]);
  await clock.tick(600);
  assertEquals(await dataAfter(log, a), undefined);
  assertEquals(await dataAfter(log, b), []);
  assertEquals(await log.oldest(), undefined);
  const c = await append(log, "c");
  assertEquals(await dataAfter(log, b), ["c"]);
  assertEquals(await log.oldest(), c);
});

Deno.test("memoryEventLog does not let the system time trim it", async () => {
  using clock = fakeClock();
  const log = memoryEventLog({ maxAge: 1000 });
  const a = await append(log, "a");
  clock.setSystemTime(Date.now() + 1e9);
  assertEquals(await log.oldest(), a);
});

Deno.test("memoryEventLog has no timer", async () => {
  using clock = fakeClock();
  const log = memoryEventLog({ maxAge: 1000 });
  await append(log, "a");
  assertEquals(clock.timers, 0);
});

Deno.test("memoryEventLog keeps 10000 events by default", async () => {
  const log = memoryEventLog();
  const ids: string[] = [];
  for (let n = 0; n < 10_001; n++) ids.push(await append(log, "x"));
  assertEquals(await log.oldest(), ids[1]);
});

Deno.test("memoryEventLog tail is given what is appended from then on, until it stops", async () => {
  const log = memoryEventLog();
  const first = await append(log, "a");
  const given: (string | undefined)[] = [];
  const tail = await log.tail({
    entries: (entries) => given.push(...entries.map(({ event }) => event.data)),
    gap() {},
    error() {},
  });
  assertEquals(tail.position, first);
  await append(log, "b", "t");
  await append(log, "c");
  assertEquals(given, ["b", "c"]);
  tail.stop();
  await append(log, "d");
  assertEquals(given, ["b", "c"]);
  assertEquals(await dataAfter(log, first), ["b", "c", "d"]);
});

Deno.test("memoryEventLog refuses what is appended once it is closed", async () => {
  const log = memoryEventLog();
  const given: unknown[] = [];
  await append(log, "a");
  await log.tail({ entries: (e) => void given.push(e), gap() {}, error() {} });
  await log.close();
  await assertRejects(() => append(log, "b"), StreamClosedError);
  assertEquals(given, []);
  assertEquals(await log.oldest(), undefined);
  await log.close();
});

Deno.test("memoryEventLog numbers nothing that it cannot append", async () => {
  const log = memoryEventLog();
  const first = await append(log, "a");
  await assertRejects(async () => {
    await append(log, "b", null as unknown as string);
  }, TypeError);
  assertEquals(await append(log, "c"), idAt(first, 1));
  assertEquals(await dataAfter(log, first), ["c"]);
});

for (const name of ["maxEvents", "maxBytes", "maxAge"]) {
  for (const value of [-1, NaN]) {
    Deno.test(`memoryEventLog refuses ${value} as ${name}`, () => {
      assertThrows(() => memoryEventLog({ [name]: value }), RangeError, name);
    });
  }
}

Deno.test("memoryEventLog does what a plain list does", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 5 }),
      fc.array(
        fc.oneof(
          fc.constant({ append: true as const }),
          fc.record({
            after: fc.integer({ min: -3, max: 30 }),
            limit: fc.integer({ min: 1, max: 6 }),
          }),
        ),
        { maxLength: 40 },
      ),
      async (maxEvents, steps) => {
        const log = memoryEventLog({ maxEvents });
        const { position: start } = await log.tail({
          entries() {},
          gap() {},
          error() {},
        });
        let count = 0;
        for (const step of steps) {
          if ("append" in step) {
            assertEquals(
              await append(log, String(count + 1)),
              idAt(start, ++count),
            );
            continue;
          }
          const { after, limit } = step;
          const isHeld = after >= Math.max(0, count - maxEvents) &&
            after <= count;
          const expected = Array.from(
            { length: Math.max(0, Math.min(limit, count - after)) },
            (_, n) => String(after + n + 1),
          );
          assertEquals(
            await dataAfter(log, idAt(start, after), limit),
            isHeld ? expected : undefined,
          );
          const oldest = Math.max(0, count - maxEvents) + 1;
          assertEquals(
            await log.oldest(),
            oldest > count ? undefined : idAt(start, oldest),
          );
        }
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("memoryEventLog goes through 200000 events in linear time and bounded memory", async () => {
  const log = memoryEventLog({ maxEvents: 100 });
  let id = await append(log, "0");
  for (let n = 1; n < 200_000; n++) id = await append(log, String(n));
  assertEquals(await dataAfter(log, idAt(id, -2)), ["199998", "199999"]);
  assertEquals(await log.oldest(), idAt(id, -99));
});
