import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { EventBuildError, StreamClosedError } from "../../mod.ts";
import { EventHub, memoryEventLog } from "../../server.ts";
import { fakeClock } from "../helpers/clock.ts";
import { GatedLog } from "../helpers/gated_log.ts";
import { leaveAtNextChunk } from "../helpers/leaving_reader.ts";
import { listen } from "../helpers/listener.ts";
import { settle } from "../helpers/settle.ts";

Deno.test("EventHub close ends every stream behind what was published before", async () => {
  const hub = new EventHub();
  const listeners = Array.from({ length: 3 }, () => listen(hub));
  void hub.publish({ data: "a" });
  void hub.publish({ data: "b" });
  await hub.close();
  for (const listener of listeners) {
    await listener.rest();
    assertEquals(listener.data(), ["a", "b"]);
  }
  assertEquals(hub.size, 0);
});

Deno.test("EventHub close gives one that reads slowly all that waits for it", async () => {
  const hub = new EventHub();
  const listener = listen(hub);
  const data = Array.from({ length: 50 }, (_, n) => `${n}`.repeat(5000));
  for (const each of data) await hub.publish({ data: each });
  await hub.close({ retry: 7 });
  const events = await listener.rest();
  assertEquals(listener.data(), data);
  assertEquals(events.at(-1)?.retry, 7);
});

Deno.test("EventHub close tells a reconnection time, spread over the subscribers", async () => {
  const hub = new EventHub();
  const listeners = Array.from({ length: 200 }, () => listen(hub));
  await hub.close({ retry: 1000, spread: 500 });
  const retries: number[] = [];
  for (const listener of listeners) {
    const { retry } = (await listener.rest()).at(-1)!;
    retries.push(retry!);
  }
  assert(retries.every((r) => Number.isInteger(r) && r >= 1000 && r <= 1500));
  // All alike, or all in one half, once in 2^200.
  assert(Math.min(...retries) < 1250 && Math.max(...retries) > 1250);
});

Deno.test("EventHub close goes on if one leaves as it is told", async () => {
  const hub = new EventHub();
  const request = new Request("https://example.com");
  const reader = hub.subscribe(request).body!.getReader();
  await reader.read();
  const other = listen(hub);
  const left = leaveAtNextChunk(reader);
  await hub.close({ retry: 1000 });
  await left;
  assertEquals((await other.rest()).at(-1)?.retry, 1000);
  assertEquals(hub.size, 0);
});

Deno.test("EventHub close without retry sends none", async () => {
  const hub = new EventHub();
  const listener = listen(hub);
  await hub.close();
  const events = await listener.rest();
  assert(events.every(({ retry }) => retry === undefined));
});

Deno.test("EventHub close sends the last retry to one that catches up, which resumes without loss", async () => {
  const log = new GatedLog();
  const hub = new EventHub({ log });
  const errors: unknown[] = [];
  await hub.publish({ data: "1" });
  const listener = listen(hub, { lastEventId: "e-0" });
  await settle();
  await hub.close({ retry: 5 });
  await listener.rest();
  assertEquals(listener.events.at(-1)?.retry, 5);
  assertEquals(listener.lastEventId, "");
  assertEquals(errors, []);
});

Deno.test("EventHub close in the midst of a catch-up tells no error", async () => {
  const errors: unknown[] = [];
  const hub = new EventHub({ onError: (error) => void errors.push(error) });
  const first = await hub.publish({ data: "0" });
  for (let n = 1; n < 600; n++) {
    await hub.publish({ data: `${n}`.padEnd(1000) });
  }
  const listener = listen(hub, { lastEventId: first });
  await listener.untilData(10);
  await hub.close({ retry: 5 });
  await listener.rest();
  await settle();
  assertEquals(listener.events.at(-1)?.retry, 5);
  assert(listener.events.every(({ event }) => event !== "stale"));
  // In order, without a gap.
  assertEquals(
    listener.data().map(Number),
    listener.data().map((_, n) => n + 1),
  );
  assertEquals(errors, []);
  assertEquals(hub.size, 0);
});

Deno.test("EventHub close while the log is not followed yet tells no error", async () => {
  const errors: unknown[] = [];
  const log = new GatedLog();
  const hub = new EventHub({ log, onError: (e) => void errors.push(e) });
  const fresh = listen(hub);
  const resuming = listen(hub, { lastEventId: "e-0" });
  await settle();
  await hub.close();
  await fresh.rest();
  await resuming.rest();
  await settle();
  assertEquals(errors, []);
});

Deno.test("EventHub close closes the log, once", async () => {
  let closes = 0;
  const log = memoryEventLog();
  const hub = new EventHub({
    log: {
      ...log,
      close() {
        closes++;
        return log.close();
      },
    },
  });
  await Promise.all([hub.close(), hub.close()]);
  await hub.close();
  assertEquals(closes, 1);
});

Deno.test("EventHub close closes the log once if the program closes the hub meanwhile", async () => {
  let closes = 0;
  const log = memoryEventLog();
  const hub: EventHub = new EventHub({
    log: {
      ...log,
      close() {
        closes++;
        return log.close();
      },
    },
    maxQueuedEvents: 1,
    onSlowSubscriber: () => void hub.close(),
  });
  const slow = listen(hub);
  await settle();
  // What the last of them comes to is known when the hub is closed.
  for (const data of ["1", "2", "3", "4"]) void hub.publish({ data });
  await hub.close();
  assertEquals(closes, 1);
  await slow.cancel().catch(() => {});
});

Deno.test("EventHub close waits for the log, and gives its error", async () => {
  const error = new Error("log");
  const hub = new EventHub({
    log: { ...memoryEventLog(), close: () => Promise.reject(error) },
  });
  assertStrictEquals(await assertRejects(() => hub.close()), error);
});

for (const retry of [-1, 1.5, NaN, Infinity]) {
  Deno.test(`EventHub close refuses ${retry} as retry, and closes nothing`, async () => {
    const hub = new EventHub();
    const listener = listen(hub);
    await assertRejects(
      async () => await hub.close({ retry }),
      EventBuildError,
    );
    assertEquals(hub.size, 1);
    await hub.publish({ data: "still open" });
    assertEquals(await listener.untilData(1), ["still open"]);
    await listener.cancel();
  });
}

for (
  const [retry, spread] of [
    [1, -1],
    [1, NaN],
    [1, Infinity],
    [Number.MAX_SAFE_INTEGER, 1e9],
    // What some of them would be told could be written.
    [Number.MAX_SAFE_INTEGER - 1000, 1100],
  ]
) {
  Deno.test(`EventHub close refuses a spread of ${spread} from ${retry}, and closes nothing`, async () => {
    const hub = new EventHub();
    const listeners = Array.from({ length: 100 }, () => listen(hub));
    await assertRejects(
      async () => await hub.close({ retry, spread }),
      RangeError,
      "Cannot close hub: ",
    );
    // All or nothing.
    assertEquals(hub.size, 100);
    await hub.publish({ data: "still open" });
    for (const listener of listeners) await listener.cancel();
  });
}

Deno.test("EventHub close spreads up to what can be written", async () => {
  const hub = new EventHub();
  const listeners = Array.from({ length: 20 }, () => listen(hub));
  await hub.close({ retry: Number.MAX_SAFE_INTEGER - 1000, spread: 1000 });
  for (const listener of listeners) {
    assert(Number.isSafeInteger((await listener.rest()).at(-1)?.retry));
  }
});

Deno.test("EventHub close with spread alone tells no reconnection time", async () => {
  const hub = new EventHub();
  const listener = listen(hub);
  await hub.close({ spread: 1000 });
  const events = await listener.rest();
  assert(events.every(({ retry }) => retry === undefined));
});

Deno.test("EventHub subscribe after close answers with a stream that has ended", async () => {
  using clock = fakeClock();
  const hub = new EventHub();
  await hub.close();
  const fresh = listen(hub);
  const resuming = listen(hub, { lastEventId: "x" });
  assertEquals(fresh.response.status, 200);
  assertEquals(await fresh.rest(), []);
  assertEquals(await resuming.rest(), []);
  assertEquals(hub.size, 0);
  assertEquals(clock.timers, 0);
  await assertRejects(() => hub.publish({ data: "x" }), StreamClosedError);
});

Deno.test("EventHub close leaves no timer", async () => {
  using clock = fakeClock();
  const hub = new EventHub();
  const listener = listen(hub);
  assertEquals(clock.timers, 1);
  await hub.close({ retry: 1000, spread: 1000 });
  assertEquals(clock.timers, 0);
  await listener.rest();
});
