import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { EventHub } from "../../server.ts";
import { textReader } from "../helpers/bodies.ts";
import { fakeClock } from "../helpers/clock.ts";
import { GatedLog } from "../helpers/gated_log.ts";
import { isPending, settle } from "../helpers/settle.ts";

const REQUEST = new Request("http://localhost/");

/** Subscribes, and reads what comes first. */
async function open(hub: EventHub) {
  const body = textReader(hub.subscribe(REQUEST));
  let text = "";
  while (!text.includes("id: ")) text += await body.read();
  return { ...body, opening: text };
}

for (const interval of [8000, 250, 10]) {
  Deno.test(`EventHub announces a keep-alive of ${interval} ms, and sends a comment in each`, async () => {
    using clock = fakeClock();
    const hub = new EventHub({
      ...(interval !== 8000 && { keepAlive: { interval } }),
    });
    const body = await open(hub);
    assert(body.opening.startsWith(`: keep-alive ${interval}\n\n`));
    for (let n = 0; n < 3; n++) {
      const read = body.read();
      await clock.tick(interval / 2 - 1);
      assert(await isPending(read));
      await clock.tick(interval / 2 + 1);
      assertEquals(await read, ": \n\n");
    }
    await body.cancel();
    assertEquals(clock.timers, 0);
  });
}

Deno.test("EventHub opens with a bare comment when keep-alive is off", async () => {
  using clock = fakeClock();
  const hub = new EventHub({ keepAlive: false });
  const body = await open(hub);
  assert(body.opening.startsWith(": \n\n"));
  assertEquals(clock.timers, 0);
  const read = body.read();
  await clock.tick(1e6);
  assert(await isPending(read));
  await body.cancel();
});

Deno.test("EventHub sends an event of yours to keep alive", async () => {
  using clock = fakeClock();
  const hub = new EventHub({
    keepAlive: { interval: 100, event: { event: "ping", data: "" } },
  });
  const body = await open(hub);
  const read = body.read();
  await clock.tick(100);
  assertEquals(await read, "event: ping\ndata: \n\n");
  await body.cancel();
});

Deno.test("EventHub has one timer for all, which is gone when nobody is there", async () => {
  using clock = fakeClock();
  const hub = new EventHub();
  assertEquals(clock.timers, 0);
  const bodies = await Promise.all(Array.from({ length: 50 }, () => open(hub)));
  assertEquals(clock.timers, 1);
  for (const body of bodies.slice(1)) await body.cancel();
  assertEquals(clock.timers, 1);
  await bodies[0].cancel();
  assertEquals(clock.timers, 0);
  const again = await open(hub);
  assertEquals(clock.timers, 1);
  await again.cancel();
  assertEquals(clock.timers, 0);
});

Deno.test("EventHub sends no keep-alive to one that gets events", async () => {
  using clock = fakeClock();
  const hub = new EventHub();
  const body = await open(hub);
  const texts: string[] = [];
  for (let n = 0; n < 10; n++) {
    const read = body.read();
    await clock.tick(3000);
    await hub.publish({ data: String(n) });
    texts.push(await read ?? "");
  }
  assert(texts.every((text) => text.includes("data: ")), texts.join());
  await body.cancel();
});

Deno.test("EventHub sends a keep-alive for each by its own silence", async () => {
  using clock = fakeClock();
  const hub = new EventHub();
  const quiet = textReader(hub.subscribe(REQUEST, { topics: ["quiet"] }));
  const busy = textReader(hub.subscribe(REQUEST, { topics: ["busy"] }));
  for (const body of [quiet, busy]) {
    let text = "";
    while (!text.includes("id: ")) text += await body.read();
  }
  const read = quiet.read();
  for (let n = 0; n < 4; n++) {
    const event = busy.read();
    await clock.tick(2000);
    await hub.publish({ data: "x" }, { topic: "busy" });
    assert((await event)?.includes("data: x"));
  }
  // With where the hub is now, since an old id would be trimmed from the log.
  assertMatch(await read ?? "", /^: \n\nid: [0-9a-f]{8}-3\n\n$/);
  await quiet.cancel();
  await busy.cancel();
});

for (
  const [name, undelivered, delivered] of [
    ["with what was read", ["quiet", "busy"], []],
    ["with what came behind", ["quiet"], ["busy"]],
  ] as const
) {
  Deno.test(`EventHub tells one that has read further than it where it is, when it has caught up by another topic ${name}`, async () => {
    using clock = fakeClock();
    const log = new GatedLog({ isOpen: true });
    const hub = new EventHub({ log });
    const first = await open(hub);
    for (const topic of undelivered) {
      await hub.publish({ data: "x" }, { topic });
    }
    const body = textReader(
      hub.subscribe(REQUEST, { topics: "quiet", lastEventId: "e-0" }),
    );
    let text = "";
    while (!text.includes("id: e-1")) text += await body.read();
    let read = body.read();
    await clock.tick(8000);
    // Its place is behind the hub's, which it must not go back to.
    assertEquals(await read, ": \n\n");
    for (const topic of delivered) await hub.publish({ data: "x" }, { topic });
    log.deliver();
    await settle();
    read = body.read();
    await clock.tick(8000);
    assertEquals(await read, ": \n\nid: e-2\n\n");
    read = body.read();
    await hub.publish({ data: "live" }, { topic: "quiet" });
    log.deliver();
    assert((await read)?.includes("data: live"));
    await body.cancel();
    await first.cancel();
  });
}

Deno.test("EventHub sends no keep-alive behind unread bytes", async () => {
  using clock = fakeClock();
  const hub = new EventHub();
  const body = textReader(hub.subscribe(REQUEST));
  await settle();
  await hub.publish({ data: "x" });
  await clock.tick(100_000);
  let text = "";
  while (!text.includes("data: x")) text += await body.read();
  assert(!text.includes(": \n\n"), text);
  await body.cancel();
});

Deno.test("EventHub piles no keep-alives up for one that does not read", async () => {
  using clock = fakeClock();
  const hub = new EventHub();
  const body = await open(hub);
  await clock.tick(100_000);
  await hub.publish({ data: "x" });
  let text = "";
  while (!text.includes("data: x")) text += await body.read();
  assert(text.split(": \n\n").length <= 2, text);
  await body.cancel();
});

Deno.test("EventHub keeps one alive that catches up and has to wait for the log", async () => {
  using clock = fakeClock();
  const hub = new EventHub();
  const body = textReader(hub.subscribe(REQUEST, { lastEventId: "x" }));
  let text = "";
  while (!text.includes("id: ")) text += await body.read();
  const read = body.read();
  await clock.tick(8000);
  assertEquals(await read, ": \n\n");
  await body.cancel();
});

for (const interval of [0, -1, NaN, 2 ** 31]) {
  Deno.test(`EventHub refuses a keep-alive interval of ${interval} ms`, () => {
    assertThrows(
      () => new EventHub({ keepAlive: { interval } }),
      RangeError,
    );
  });
}
