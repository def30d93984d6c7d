import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import {
  connect,
  type ConnectOptions,
  EventStreamTimeoutError,
} from "../../client.ts";
import { fakeClock } from "../helpers/clock.ts";
import { fakeFetch, liveStream } from "../helpers/fake_fetch.ts";
import { misbehave } from "../helpers/misbehaving_server.ts";
import { isPending, settle } from "../helpers/settle.ts";
import { collect } from "../helpers/streams.ts";

const URL_ = "http://localhost/events";
/** What does not end must not hold up all the other tests. */
const PATIENCE = { timeout: 10_000 };
const LONG = 2 ** 31 - 1;

/** A connection that is open, and what becomes of it. */
function open(options: ConnectOptions = {}) {
  const live = liveStream();
  const { fetch, requests } = fakeFetch(live.response);
  const events = connect(URL_, { fetch, reconnect: "never", ...options });
  const iterator = events[Symbol.asyncIterator]();
  return { ...live, live, requests, events, iterator };
}

Deno.test("connect takes a connection for broken that is silent for idleTimeout", async () => {
  using clock = fakeClock();
  const { iterator, cancels, requests } = open({ idleTimeout: 3000 });
  const next = iterator.next();
  await clock.tick(2999);
  assert(await isPending(next));
  const error = assertRejects(() => next, EventStreamTimeoutError);
  await clock.tick(1);
  const { elapsed, message } = await error;
  assertEquals(elapsed, 3000);
  assertEquals(
    message,
    "Cannot wait for event stream: it must not be silent for 3000 ms, got nothing",
  );
  assert(requests[0].signal.aborted);
  assertEquals(cancels.length, 1);
  assertEquals(clock.timers, 0);
});

Deno.test("connect opens another connection after a silent one", async () => {
  using clock = fakeClock();
  const causes: unknown[] = [];
  const { iterator, requests, send } = open({
    idleTimeout: 3000,
    reconnect: "always",
    maxDelay: 0,
    onReconnect: ({ cause }) => void causes.push(cause),
  });
  send("id: 1\ndata: a\n\n");
  await iterator.next();
  const next = iterator.next();
  await clock.tick(3000);
  assertEquals(requests.length, 1);
  assertInstanceOf(causes[0], EventStreamTimeoutError);
  await clock.tick(1000);
  assertEquals(requests.length, 2);
  assertEquals(requests[1].headers.get("last-event-id"), "1");
  assertEquals((await next).done, true);
  assertEquals(clock.timers, 0);
});

Deno.test("connect counts any byte as a sign of life", async () => {
  using clock = fakeClock();
  const { iterator, send, events } = open({ idleTimeout: 3000 });
  const next = iterator.next();
  for (const text of [":", " comm", "ent\n", "\n", "dat", "a: ", "a"]) {
    await clock.tick(2999);
    send(text);
  }
  await clock.tick(2999);
  assert(await isPending(next));
  send("\n\n");
  assertEquals((await next).value?.data, "a");
  assertEquals(clock.timers, 0);
  events.close();
});

Deno.test("connect does not count the time that the program takes for an event", async () => {
  using clock = fakeClock();
  const { iterator, send, events } = open({ idleTimeout: 3000 });
  send("data: a\n\n");
  await iterator.next();
  assertEquals(clock.timers, 0);
  await clock.tick(1_000_000);
  assertEquals(events.readyState, 1);
  const next = iterator.next();
  await clock.tick(2999);
  assert(await isPending(next));
  send("data: b\n\n");
  assertEquals((await next).value?.data, "b");
  events.close();
});

/** What a stream begins with, and how long it may be silent then. */
const ANNOUNCEMENTS: readonly (readonly [string, number | undefined])[] = [
  [": keep-alive 8000\n\n", 20_000],
  [":keep-alive 8000\n\n", 20_000],
  [": keep-alive 1000\n\n", 2500],
  [": keep-alive 3600000\n\n", 9_000_000],
  [": keep-alive 8000\r\n\r\n", 20_000],
  [": keep-alive 8000\r\r", 20_000],
  ["\ufeff: keep-alive 8000\n\n", 20_000],
  [": keep-alive 8000\ndata: a\n\n", 20_000],
  // Clamped: no announcement.
  [": keep-alive 1\n\n", undefined],
  [": keep-alive 0\n\n", undefined],
  [": keep-alive 999\n\n", undefined],
  [": keep-alive 3600001\n\n", undefined],
  [": keep-alive 7200000\n\n", undefined],
  [": keep-alive 99999999999999999999\n\n", undefined],
  [": keep-alive -8000\n\n", undefined],
  [": keep-alive 8e3\n\n", undefined],
  [": keep-alive 8000.5\n\n", undefined],
  [": keep-alive 8000 ms\n\n", undefined],
  [": keep-alive\n\n", undefined],
  [": Keep-Alive 8000\n\n", undefined],
  [": x keep-alive 8000\n\n", undefined],
  ["data: keep-alive 8000\n\n", undefined],
  ["keep-alive 8000\n\n", undefined],
  // Not at the start.
  [": hello\n: keep-alive 8000\n\n", undefined],
  ["data: a\n\n: keep-alive 8000\n\n", undefined],
];

for (const [opening, timeout] of ANNOUNCEMENTS) {
  for (const cut of ["at once", "byte by byte"]) {
    Deno.test(`connect lets a stream be silent for ${timeout ?? "any"} ms that begins, ${cut}, with ${JSON.stringify(opening)}`, async () => {
      using clock = fakeClock();
      const { iterator, send, events } = open({ view: "dispatch" });
      let next = iterator.next();
      for (const part of cut === "at once" ? [opening] : opening) {
        send(part);
        await settle();
      }
      if (opening.includes("data")) {
        await next;
        next = iterator.next();
      }
      if (timeout === undefined) {
        await settle();
        assertEquals(clock.timers, 0);
        await clock.tick(LONG);
        assert(await isPending(next));
        events.close();
        await next;
      } else {
        await clock.tick(timeout - 1);
        assert(await isPending(next));
        const error = assertRejects(() => next, EventStreamTimeoutError);
        await clock.tick(1);
        assertEquals((await error).elapsed, timeout);
      }
      assertEquals(clock.timers, 0);
    });
  }
}

Deno.test("connect does not wait for less than announced if idleTimeout says more, nor the other way round", async () => {
  for (const idleTimeout of [1500, 100_000]) {
    using clock = fakeClock();
    const { iterator, send } = open({ idleTimeout });
    const next = iterator.next();
    send(": keep-alive 8000\n\n");
    await clock.tick(idleTimeout - 1);
    assert(await isPending(next));
    const error = assertRejects(() => next, EventStreamTimeoutError);
    await clock.tick(1);
    await error;
    assertEquals(clock.timers, 0);
  }
});

Deno.test("connect lets a connection be silent for ever if idleTimeout is Infinity", async () => {
  using clock = fakeClock();
  const { iterator, send, events } = open({ idleTimeout: Infinity });
  const next = iterator.next();
  send(": keep-alive 8000\n\n");
  await clock.tick(LONG);
  assert(await isPending(next));
  events.close();
  await next;
});

Deno.test("connect waits as long as a timer can for an idleTimeout that is longer", async () => {
  using clock = fakeClock();
  const { iterator, events } = open({ idleTimeout: 1e15 });
  const next = iterator.next();
  await clock.tick(60_000);
  assert(await isPending(next));
  events.close();
  await next;
  assertEquals(clock.timers, 0);
});

Deno.test("connect forgets what one connection has announced on the next", async () => {
  using clock = fakeClock();
  const first = liveStream();
  const second = liveStream();
  const { fetch, requests } = fakeFetch(first.response, second.response);
  const events = connect(URL_, { fetch, maxDelay: 0 });
  const next = events[Symbol.asyncIterator]().next();
  first.send(": keep-alive 1000\n\n");
  await clock.tick(1);
  first.end();
  await clock.tick(1000);
  assertEquals(requests.length, 2);
  assertEquals(clock.timers, 0);
  await clock.tick(3_600_000);
  assert(await isPending(next));
  assertEquals(requests.length, 2);
  events.close();
  await next;
});

Deno.test("connect gives an answer up that takes longer than responseTimeout, and discards it when it comes", async () => {
  using clock = fakeClock();
  const answer = Promise.withResolvers<Response>();
  const { fetch, requests } = fakeFetch(() => answer.promise);
  const events = connect(URL_, {
    fetch,
    responseTimeout: 3000,
    reconnect: "never",
  });
  const next = events[Symbol.asyncIterator]().next();
  await clock.tick(2999);
  assert(await isPending(next));
  const error = assertRejects(() => next, EventStreamTimeoutError);
  await clock.tick(1);
  const { elapsed, message } = await error;
  assertEquals(elapsed, 3000);
  assertEquals(
    message,
    "Cannot wait for event stream: the server must answer within 3000 ms, got no answer",
  );
  assert(requests[0].signal.aborted);
  assertEquals(clock.timers, 0);
  const late = liveStream();
  answer.resolve(late.response);
  await settle();
  assertEquals(late.cancels.length, 1);
});

Deno.test("connect waits 60 s for an answer by default, and then tries again", async () => {
  using clock = fakeClock();
  const { fetch, requests } = fakeFetch(() => new Promise(() => {}));
  const all = collect(connect(URL_, { fetch, maxDelay: 0 }));
  await clock.tick(60_999);
  assertEquals(requests.length, 1);
  await clock.tick(1);
  assertEquals(requests.length, 2);
  await all;
  assertEquals(clock.timers, 0);
});

Deno.test("connect waits for ever for an answer if responseTimeout is Infinity", async () => {
  using clock = fakeClock();
  const { fetch } = fakeFetch(() => new Promise(() => {}));
  const events = connect(URL_, { fetch, responseTimeout: Infinity });
  const next = events[Symbol.asyncIterator]().next();
  await clock.tick(LONG);
  assert(await isPending(next));
  assertEquals(clock.timers, 0);
  events.close();
  await next;
});

Deno.test("connect does not count the time that headers() and onResponse take for responseTimeout", async () => {
  using clock = fakeClock();
  const wait = (milliseconds: number) =>
    new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
  const live = liveStream();
  const { fetch } = fakeFetch(live.response);
  const events = connect(URL_, {
    fetch,
    responseTimeout: 1000,
    headers: () => wait(5000).then(() => ({})),
    onResponse: () => wait(5000),
  });
  const next = events[Symbol.asyncIterator]().next();
  await clock.tick(10_000);
  live.send("data: a\n\n");
  assertEquals((await next).value?.data, "a");
  assertEquals(clock.timers, 0);
  events.close();
});

Deno.test("connect leaves a server that never answers", PATIENCE, async () => {
  const left = Promise.withResolvers<void>();
  await using server = misbehave(async (connection) => {
    await connection.gone();
    left.resolve();
  }, async (connection) => {
    await connection.eventStream();
    await connection.send("data: a\n\n");
    await connection.gone();
  });
  const options = { responseTimeout: 50, initialDelay: 0, maxDelay: 0 };
  for await (const { data } of connect(server.url, options)) {
    assertEquals(data, "a");
    break;
  }
  await left.promise;
});

Deno.test(
  "connect leaves a server that stalls in the middle of an event",
  PATIENCE,
  async () => {
    const left = Promise.withResolvers<void>();
    await using server = misbehave(async (connection) => {
      await connection.eventStream();
      await connection.send("id: 1\ndata: a\n\nid: 2\ndata: b\n");
      await connection.gone();
      left.resolve();
    }, async (connection) => {
      await connection.eventStream();
      await connection.send("id: 2\ndata: b\n\n");
      await connection.gone();
    });
    const seen: unknown[] = [];
    const options = { idleTimeout: 50, initialDelay: 0, maxDelay: 0 };
    for await (const { data } of connect(server.url, options)) {
      seen.push(data);
      if (data === "b") break;
    }
    assertEquals(seen, ["a", "b"]);
    await left.promise;
    assertEquals(server.requests[1].headers.get("last-event-id"), "1");
  },
);
