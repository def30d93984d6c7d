import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  dataByEvent,
  EventBuildError,
  EventDataError,
  EventLogError,
  EventStream,
  jsonData,
  type ServerSentEvent,
  StreamClosedError,
  stringData,
} from "../../mod.ts";
import { EventHub, memoryEventLog } from "../../server.ts";
import { present } from "../helpers/events.ts";
import { collectGarbage } from "../helpers/garbage.ts";
import { GatedLog } from "../helpers/gated_log.ts";
import { listen } from "../helpers/listener.ts";
import { isPending, settle } from "../helpers/settle.ts";
import { trapUncaught } from "../helpers/uncaught.ts";
import { collect } from "../helpers/streams.ts";

const REQUEST = new Request("http://localhost/");

function hasData({ data }: ServerSentEvent): boolean {
  return data !== undefined;
}

Deno.test("EventHub answers with an event stream, and headers of yours", async () => {
  const hub = new EventHub();
  const response = hub.subscribe(REQUEST, {
    headers: { "cache-control": "no-store", "x-mine": "1" },
  });
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("content-type"), "text/event-stream");
  assertEquals(response.headers.get("cache-control"), "no-store");
  assertEquals(response.headers.get("x-accel-buffering"), "no");
  assertEquals(response.headers.get("x-mine"), "1");
  await response.body?.cancel();
});

Deno.test("EventHub refuses a header that is none, and has no subscriber then", () => {
  const hub = new EventHub();
  assertThrows(
    () => hub.subscribe(REQUEST, { headers: { "a b": "c" } }),
    TypeError,
  );
  assertEquals(hub.size, 0);
});

Deno.test("EventHub gives each topic to those who listen to it", async () => {
  const hub = new EventHub();
  const news = listen(hub, { topics: ["news"] });
  const both = listen(hub, { topics: new Set(["news", "weather"]) });
  const all = listen(hub);
  const none = listen(hub, { topics: [] });
  for (const [data, topic] of [["1", "news"], ["2", "weather"], ["3", "x"]]) {
    await hub.publish({ data }, { topic });
  }
  await hub.publish({ data: "4" });
  await hub.close();
  for (const listener of [news, both, all, none]) await listener.rest();
  assertEquals(news.data(), ["1"]);
  assertEquals(both.data(), ["1", "2"]);
  assertEquals(all.data(), ["1", "2", "3", "4"]);
  assertEquals(none.data(), []);
});

Deno.test("EventHub gives an event once to one who names its topic twice", async () => {
  const hub = new EventHub();
  const listener = listen(hub, { topics: ["a", "a"] });
  await hub.publish({ data: "1" }, { topic: "a" });
  await hub.close();
  await listener.rest();
  assertEquals(listener.data(), ["1"]);
});

Deno.test("EventHub takes topics for what they are", async () => {
  const hub = new EventHub();
  for (const topic of ["__proto__", "constructor", "", "a\nb", "é"]) {
    const listener = listen(hub, { topics: [topic] });
    await hub.publish({ data: topic.length.toString() }, { topic });
    await hub.publish({ data: "other" }, { topic: "other" });
    assertEquals(await listener.untilData(1), [topic.length.toString()]);
    await listener.cancel();
  }
});

Deno.test("EventHub gives ids in one order across topics, as publish resolves with them", async () => {
  const log = memoryEventLog();
  const hub = new EventHub({ log });
  const listener = listen(hub);
  const ids = await Promise.all(
    ["a", "b", "a", "c"].map((topic, n) =>
      hub.publish({ data: String(n) }, { topic })
    ),
  );
  const events = await listener.until((events) =>
    events.filter(hasData).length === 4
  );
  const seen = events.filter(hasData);
  assertEquals(seen.map(({ id }) => id), ids);
  assertEquals(seen.map(({ data }) => data), ["0", "1", "2", "3"]);
  assertEquals(ids.toSorted(log.compare), ids);
  await listener.cancel();
});

Deno.test("EventHub sends every field of an event", async () => {
  const hub = new EventHub();
  const listener = listen(hub);
  const id = await hub.publish({
    event: "e",
    data: "a\nb",
    retry: 5,
    comments: ["c"],
  });
  const events = await listener.until((events) => events.some(hasData));
  assertEquals(present(events.find(hasData)!), {
    event: "e",
    data: "a\nb",
    id,
    retry: 5,
    comments: ["c"],
    lastEventId: id,
  });
  await listener.cancel();
});

Deno.test("EventHub sends an event without data, whose id counts", async () => {
  const hub = new EventHub();
  const listener = listen(hub);
  const id = await hub.publish({ retry: 5 });
  await listener.until((events) => events.some(({ retry }) => retry === 5));
  assertEquals(listener.lastEventId, id);
  await listener.cancel();
});

Deno.test("EventHub encodes once: all get the same bytes", async () => {
  const hub = new EventHub();
  const listeners = Array.from(
    { length: 5 },
    (_, n) => listen(hub, { topics: n % 2 === 0 ? ["t"] : undefined }),
  );
  // The opening, and where it is.
  for (const listener of listeners) {
    await listener.until((events) => events.length === 1);
  }
  await settle();
  void hub.publish({ data: "a" }, { topic: "t" });
  void hub.publish({ data: "b" }, { topic: "t" });
  const chunks = await Promise.all(listeners.map(({ chunk }) => chunk()));
  for (const chunk of chunks) assertStrictEquals(chunk, chunks[0]);
  assertEquals(listeners[0].data(), ["a", "b"]);
  for (const listener of listeners) await listener.cancel();
});

for (const topics of [["t", "t", "t"], ["t", "u", "t"]]) {
  Deno.test(`EventHub sends the events of a turn as one chunk, of topics ${topics}`, async () => {
    const hub = new EventHub();
    const listener = listen(hub);
    await listener.until((events) => events.length === 1);
    const read = listener.chunk();
    await settle();
    const ids = topics.map((topic, n) =>
      hub.publish({ data: String(n) }, { topic })
    );
    await Promise.all(ids);
    await read;
    assertEquals(listener.data(), ["0", "1", "2"]);
    await listener.cancel();
  });
}

Deno.test("EventHub sends what has waited as one chunk", async () => {
  const hub = new EventHub();
  const listener = listen(hub);
  for (let n = 0; n < 100; n++) {
    await hub.publish({ data: String(n) }, { topic: String(n % 3) });
  }
  await settle();
  let chunks = 0;
  while (listener.data().length < 100) {
    await listener.chunk();
    chunks++;
  }
  // The opening; perhaps one that was on its way.
  assert(chunks <= 3, `${chunks} chunks`);
  await listener.cancel();
});

Deno.test("EventHub publish refuses an id, before anything is sent", async () => {
  const hub = new EventHub();
  const listener = listen(hub);
  for (const id of ["1", ""]) {
    const error = await assertRejects(
      () => hub.publish({ data: "x", id }),
      EventBuildError,
      "id",
    );
    assertEquals(error.field, "id");
    assertEquals(error.value, id);
  }
  assertEquals(hub.stats().published, 0);
  await hub.close();
  await listener.rest();
  assertEquals(listener.data(), []);
});

for (
  const [name, event] of Object.entries({
    "nothing": {},
    "a line end in its type": { event: "a\nb", data: "x" },
    "a line end in a comment": { comments: ["a\nb"], data: "x" },
    "a retry that is none": { retry: -1, data: "x" },
    "data that is no text": { data: 1 as unknown as string },
  })
) {
  Deno.test(`EventHub publish refuses ${name}, before anything is sent`, async () => {
    const log = memoryEventLog();
    const hub = new EventHub({ log });
    const listener = listen(hub);
    await assertRejects(() => hub.publish(event), EventBuildError);
    assertEquals(await log.oldest(), undefined);
    assertEquals(hub.stats().published, 0);
    await hub.close();
    await listener.rest();
    assertEquals(listener.data(), []);
  });
}

for (const topic of [null, 5, ["news"]] as unknown[]) {
  const shown = Deno.inspect(topic);
  Deno.test(`EventHub publish refuses ${shown} as a topic, and nothing is lost by that`, async () => {
    const log = memoryEventLog({ maxBytes: 1000 });
    const hub = new EventHub({ log });
    const listener = listen(hub);
    const first = await hub.publish({ data: "0" });
    await assertRejects(
      () => hub.publish({ data: "x" }, { topic: topic as string }),
      TypeError,
      "Cannot publish event: a topic must be text, got ",
    );
    for (const data of ["1", "2"]) await hub.publish({ data });
    const missed = await log.readAfter(first, 9);
    assertEquals(missed?.map(({ event }) => event.data), ["1", "2"]);
    await hub.publish({ data: "x".repeat(490) });
    assertNotEquals(await log.oldest(), first, "the log is trimmed");
    assertEquals(hub.stats().published, 4);
    await hub.close();
    await listener.rest();
  });
}

for (const topics of [null, 5, {}, [null], ["news", 5]] as unknown[]) {
  const shown = Deno.inspect(topics);
  Deno.test(`EventHub subscribe refuses ${shown} as topics, and has no subscriber then`, () => {
    const hub = new EventHub();
    assertThrows(
      () => hub.subscribe(REQUEST, { topics: topics as string[] }),
      TypeError,
      "Cannot subscribe: a topic must be text, got ",
    );
    assertEquals(hub.size, 0);
  });
}

Deno.test("EventHub publishes an event as it was at the call", async () => {
  const hub = new EventHub();
  const listener = listen(hub);
  const comments = ["mine"];
  const event = { data: "before", comments };
  const published = hub.publish(event);
  event.data = "after";
  comments[0] = "forged";
  await published;
  await listener.untilData(1);
  assertEquals(listener.events.find(hasData)?.comments, ["mine"]);
  assertEquals(listener.data(), ["before"]);
  await listener.cancel();
});

Deno.test("EventHub writes data with its codec", async () => {
  const hub = new EventHub({ data: jsonData<{ n: number }>() });
  const response = hub.subscribe(REQUEST);
  await hub.publish({ data: { n: 1 } });
  await hub.publish({ event: "x", data: { n: 2 } });
  await hub.close();
  const events = await collect(
    new EventStream(response, { data: jsonData<{ n: number }>() }),
  );
  assertEquals(events.map(({ data }) => data), [{ n: 1 }, { n: 2 }]);
});

Deno.test("EventHub chooses the codec by the type of the event", async () => {
  const data = dataByEvent({ order: jsonData<number[]>(), tick: stringData });
  const hub = new EventHub({ data });
  const listener = listen(hub);
  await hub.publish({ event: "order", data: [1, 2] });
  await hub.publish({ event: "tick", data: "[1, 2]" });
  assertEquals(await listener.untilData(2), ["[1,2]", "[1, 2]"]);
  await assertRejects(
    () => hub.publish({ event: "unmapped" as "tick", data: "x" }),
    EventDataError,
  );
  await listener.cancel();
});

Deno.test("EventHub publish refuses data that its codec cannot write", async () => {
  const log = memoryEventLog();
  const hub = new EventHub<unknown>({ data: jsonData(), log });
  await assertRejects(() => hub.publish({ data: 1n }), EventDataError);
  assertEquals(await log.oldest(), undefined);
});

Deno.test("EventHub publish gives the error of the log", async () => {
  const error = new EventLogError("unknown", new Error("lost"));
  const hub = new EventHub({
    log: { ...memoryEventLog(), append: () => Promise.reject(error) },
  });
  const caught = await assertRejects(() => hub.publish({ data: "x" }));
  assertStrictEquals(caught, error);
  assertEquals(hub.stats().published, 0);
});

Deno.test("EventHub size and stats tell who is there and what was done", async () => {
  const hub = new EventHub();
  assertEquals(hub.size, 0);
  const a = listen(hub, { topics: ["a"] });
  const all = listen(hub);
  assertEquals(hub.size, 2);
  await hub.publish({ data: "1" }, { topic: "a" });
  const id = await hub.publish({ data: "2" }, { topic: "b" });
  await a.untilData(1);
  await all.untilData(2);
  assertEquals(hub.stats(), {
    subscribers: 2,
    published: 2,
    delivered: 3,
    queuedBytes: 0,
    dropped: 0,
    resumed: 0,
    stale: 0,
  });
  const resumed = listen(hub, { lastEventId: id });
  const stale = listen(hub, { lastEventId: "x" });
  await stale.until((events) => events.length === 1);
  await settle();
  const { resumed: resumedCount, stale: staleCount } = hub.stats();
  assertEquals([resumedCount, staleCount], [1, 1]);
  for (const listener of [a, all, resumed, stale]) await listener.cancel();
  assertEquals(hub.stats().subscribers, 0);
});

Deno.test("EventHub stats count as delivered what a subscriber is given, once", async () => {
  const log = new GatedLog();
  const hub = new EventHub({ log });
  const first = listen(hub);
  log.release();
  await settle();
  log.release();
  await settle();
  for (const data of ["1", "2", "3"]) await hub.publish({ data });
  log.deliver();
  await settle();
  assertEquals(hub.stats().delivered, 3);
  const resuming = listen(hub, { lastEventId: "e-1" });
  await settle();
  // Both while it catches up.
  for (const data of ["4", "5"]) await hub.publish({ data });
  log.deliver(1);
  await settle();
  log.open();
  log.deliver();
  assertEquals(await resuming.untilData(4), ["2", "3", "4", "5"]);
  await settle();
  assertEquals(hub.stats().delivered, 3 + 2 + 4);
  await first.cancel();
  await resuming.cancel();
});

Deno.test("EventHub stats tell how many bytes wait", async () => {
  const hub = new EventHub();
  const stuck = listen(hub);
  await stuck.chunk();
  await settle();
  await hub.publish({ data: "x" });
  await hub.publish({ data: "x".repeat(1000) });
  await hub.publish({ data: "x".repeat(1000) });
  const { queuedBytes } = hub.stats();
  assert(queuedBytes >= 2000 && queuedBytes < 2200, `${queuedBytes}`);
  await stuck.untilData(3);
  assertEquals(hub.stats().queuedBytes, 0);
  await stuck.cancel();
});

Deno.test("EventHub stats tell how many bytes are kept aside for one that catches up", async () => {
  const log = new GatedLog({ isOpen: true });
  const hub = new EventHub({ log, maxQueuedBytes: 5000 });
  const live = listen(hub);
  await live.until((events) => events.length === 1);
  log.isOpen = false;
  const resuming = listen(hub, { lastEventId: "e-0" });
  await settle();
  for (let n = 0; n < 4; n++) await hub.publish({ data: "x".repeat(1000) });
  log.deliver();
  await live.untilData(4);
  const { queuedBytes } = hub.stats();
  assert(queuedBytes >= 4000 && queuedBytes < 4200, `${queuedBytes}`);
  for (let n = 0; n < 4; n++) await hub.publish({ data: "x".repeat(1000) });
  log.deliver();
  await live.untilData(8);
  assert(hub.stats().queuedBytes <= 5000, "what is too much is let go");
  log.open();
  assertEquals((await resuming.untilData(8)).length, 8);
  assertEquals(hub.stats().queuedBytes, 0);
  await live.cancel();
  await resuming.cancel();
});

Deno.test("EventHub forgets a subscriber at once when it leaves", async () => {
  const hub = new EventHub();
  const response = hub.subscribe(REQUEST, { topics: ["a"] });
  assertEquals(hub.size, 1);
  const cancelled = response.body!.cancel();
  assertEquals(hub.size, 0);
  await cancelled;
  await hub.publish({ data: "x" }, { topic: "a" });
  assertEquals(hub.stats().delivered, 0);
});

Deno.test("EventHub forgets a subscriber that leaves while it catches up", async () => {
  const log = new GatedLog();
  const hub = new EventHub({ log });
  const listener = listen(hub, { lastEventId: "e-0" });
  await settle();
  await listener.cancel();
  assertEquals(hub.size, 0);
  await hub.publish({ data: "x" });
  log.open();
  log.deliver();
  await settle();
  assertEquals(hub.stats().delivered, 0);
});

Deno.test("EventHub tells onError what keeps a subscriber from catching up, whose stream errors", async () => {
  const errors: unknown[] = [];
  const error = new Error("lost");
  const hub = new EventHub({
    log: { ...memoryEventLog(), readAfter: () => Promise.reject(error) },
    onError: (error) => void errors.push(error),
  });
  const live = listen(hub);
  const listener = listen(hub, { lastEventId: "x" });
  assertStrictEquals(await assertRejects(() => listener.rest()), error);
  assertEquals(errors, [error]);
  assertEquals(hub.size, 1);
  await hub.publish({ data: "a" });
  assertEquals(await live.untilData(1), ["a"]);
  await live.cancel();
});

Deno.test("EventHub follows the log again after that has failed", async () => {
  const log = memoryEventLog();
  const errors: unknown[] = [];
  let fails = true;
  const hub = new EventHub({
    log: {
      ...log,
      tail: (listener) =>
        fails ? Promise.reject(new Error("away")) : log.tail(listener),
    },
    onError: (error) => void errors.push(error),
  });
  await assertRejects(() => listen(hub).rest(), Error, "away");
  assertEquals(errors.length, 1);
  fails = false;
  const listener = listen(hub);
  await hub.publish({ data: "a" });
  assertEquals(await listener.untilData(1), ["a"]);
  await listener.cancel();
});

for (const name of ["maxQueuedBytes", "maxQueuedEvents"]) {
  for (const value of [-1, NaN]) {
    Deno.test(`EventHub refuses ${value} as ${name}`, () => {
      assertThrows(() => new EventHub({ [name]: value }), RangeError, name);
    });
  }
}

for (
  const [name, options] of Object.entries({
    "a scope that no id can hold": { scope: "a\nb" },
    "a scope with NUL": { scope: "\0" },
    "a type of the stale event with a line end": { staleEvent: "a\nb" },
    "a keep-alive with a line end": { keepAlive: { comment: "a\nb" } },
    "a keep-alive with an id": { keepAlive: { event: { id: "1" } } },
  })
) {
  Deno.test(`EventHub refuses ${name}`, () => {
    assertThrows(() => new EventHub(options), EventBuildError);
  });
}

Deno.test("EventHub holds nothing of 10000 that came and left", async () => {
  const hub = new EventHub();
  const stay = listen(hub);
  async function comeAndLeave(count: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      const response = hub.subscribe(REQUEST, { topics: [`t${n}`] });
      await response.body!.cancel();
    }
    collectGarbage();
    await settle();
    collectGarbage();
  }
  await comeAndLeave(1000);
  const before = Deno.memoryUsage().heapUsed;
  await comeAndLeave(10_000);
  const grown = Deno.memoryUsage().heapUsed - before;
  // 100 bytes for each would be a mebibyte.
  assert(grown < 1024 * 1024, `${grown} bytes are left`);
  assertEquals(hub.size, 1);
  await hub.publish({ data: "x" });
  assertEquals(await stay.untilData(1), ["x"]);
  await stay.cancel();
});

Deno.test("EventHub holds nothing of those who left with unread events", async () => {
  const hub = new EventHub({ log: memoryEventLog({ maxEvents: 1 }) });
  async function comeAndLeave(count: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      const response = hub.subscribe(REQUEST);
      for (let i = 0; i < 4; i++) await hub.publish({ data: "x".repeat(1000) });
      await response.body!.cancel();
    }
    collectGarbage();
    await settle();
    collectGarbage();
  }
  await comeAndLeave(200);
  const before = Deno.memoryUsage().heapUsed;
  await comeAndLeave(2000);
  const grown = Deno.memoryUsage().heapUsed - before;
  assert(grown < 1024 * 1024, `${grown} bytes are left`);
});

Deno.test("EventHub publishes without a subscriber, for those who resume later", async () => {
  const hub = new EventHub();
  const id = await hub.publish({ data: "1" });
  await hub.publish({ data: "2" });
  const listener = listen(hub, { lastEventId: id });
  assertEquals(await listener.untilData(1), ["2"]);
  await listener.cancel();
});

Deno.test("EventHub publish rejects once the hub is closed", async () => {
  const hub = new EventHub();
  await hub.close();
  await assertRejects(() => hub.publish({ data: "x" }), StreamClosedError);
});

Deno.test("EventHub leaves a subscriber waiting while there is nothing", async () => {
  const hub = new EventHub({ keepAlive: false });
  const listener = listen(hub);
  await listener.until((events) => events.length === 1);
  assert(await isPending(listener.chunk()));
  await listener.cancel();
});

for (const event of [{ data: "x", retry: NaN }, { event: "a\nb" }]) {
  const text = Deno.inspect(event);
  Deno.test(`EventHub goes on behind an entry of the log that cannot be written: ${text}`, async () => {
    using uncaught = trapUncaught();
    const log = new GatedLog({ isOpen: true });
    const errors: unknown[] = [];
    const hub = new EventHub({
      log,
      onError: (error) => void errors.push(error),
    });
    const listener = listen(hub);
    await listener.until((events) => events.length === 1);
    // By another program that writes to the same log.
    await log.append({ topic: "", event });
    await hub.publish({ data: "good" });
    log.deliver();
    await settle();
    assertEquals(uncaught.errors, []);
    assertEquals(await listener.untilData(1), ["good"]);
    assert(errors[0] instanceof EventBuildError);
    const resuming = listen(hub, { lastEventId: "e-0" });
    assertEquals(await resuming.untilData(1), ["good"]);
    await resuming.cancel();
    await listener.cancel();
  });
}
