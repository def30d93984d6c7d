import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import fc from "fast-check";
import {
  connect,
  EventStreamResponseError,
  EventStreamTimeoutError,
  type ReconnectNotice,
} from "../../client.ts";
import { fakeClock } from "../helpers/clock.ts";
import {
  eventStream,
  type FakeAnswer,
  fakeFetch,
  liveStream,
} from "../helpers/fake_fetch.ts";
import {
  type ConnectionScript,
  misbehave,
  type ScriptedConnection,
} from "../helpers/misbehaving_server.ts";
import { isPending, settle } from "../helpers/settle.ts";
import { collect } from "../helpers/streams.ts";

const URL_ = "http://localhost/events";
/** What does not end must not hold up all the other tests. */
const PATIENCE = { timeout: 10_000 };
const AT_ONCE = { initialDelay: 0, maxDelay: 0 };

const noContent: ConnectionScript = (connection) =>
  connection.head("204 No Content", "connection: close");

function idsOf(requests: readonly Request[]): (string | null)[] {
  return requests.map(({ headers }) => headers.get("last-event-id"));
}

/** A script that may wait until the client has got the first event. */
type CutScript = (
  connection: ScriptedConnection,
  received: Promise<void>,
) => void | Promise<void>;

/** What cuts a connection after an event and a half. */
const CUTS: readonly (readonly [what: string, script: CutScript])[] = [
  ["a reset in the middle of an event", async (connection, received) => {
    await connection.eventStream();
    await connection.send("id: 1\ndata: a\n\nid: 2\ndata: b\n");
    // A reset may overtake what was sent before it.
    await received;
    connection.reset();
  }],
  ["an end in the middle of an event", async (connection) => {
    await connection.eventStream();
    await connection.send("id: 1\ndata: a\n\nid: 2\ndata: b\n");
  }],
  ["an end behind an event", async (connection) => {
    await connection.eventStream();
    await connection.send("id: 1\ndata: a\n\n");
  }],
  ["a half-close in the middle of an event", async (connection) => {
    await connection.eventStream();
    await connection.send("id: 1\ndata: a\n\nid: 2\nda");
    await connection.halfClose();
    await connection.gone();
  }],
  ["a truncated chunk", async (connection) => {
    await connection.chunkedEventStream();
    await connection.chunk("id: 1\ndata: a\n\n");
    await connection.send("ff\r\nid: 2\ndata: b\n");
  }],
  ["chunks without an end", async (connection) => {
    await connection.chunkedEventStream();
    await connection.chunk("id: 1\ndata: a\n\nid: 2\ndata: b\n");
  }],
  ["a chunk size that is none", async (connection, received) => {
    await connection.chunkedEventStream();
    await connection.chunk("id: 1\ndata: a\n\n");
    await received;
    await connection.send("nonsense\r\n");
  }],
  ["a body that is shorter than its length", async (connection) => {
    await connection.eventStream("content-length: 1000");
    await connection.send("id: 1\ndata: a\n\n");
  }],
];

for (const [what, script] of CUTS) {
  Deno.test(
    `connect goes on behind the last whole event after ${what}`,
    PATIENCE,
    async () => {
      const received = Promise.withResolvers<void>();
      await using server = misbehave(
        (connection) => script(connection, received.promise),
        async (connection) => {
          await connection.eventStream();
          await connection.send("id: 2\ndata: b\n\nid: 3\ndata: c\n\n");
        },
        noContent,
      );
      const seen: unknown[] = [];
      for await (const { data } of connect(server.url, AT_ONCE)) {
        seen.push(data);
        received.resolve();
      }
      assertEquals(seen, ["a", "b", "c"]);
      assertEquals(
        server.requests.map(({ headers }) => headers.get("last-event-id")),
        [undefined, "1", "3"],
      );
    },
  );
}

for (
  const [what, script] of [
    ["a reset before any header", (connection) => connection.reset()],
    ["an end before any header", () => {}],
    ["headers that break off", (connection) => connection.send("HTTP/1.1 20")],
    ["what is not HTTP", (connection) => connection.send("hello\r\n\r\n")],
    ["a 500", (connection) =>
      connection.head(
        "500 Oops",
        "content-length: 0",
        "connection: close",
      )],
    ["a 503 without an end", async (connection) => {
      await connection.head("503 Later", "transfer-encoding: chunked");
      await connection.gone();
    }],
  ] as const satisfies readonly (readonly [string, ConnectionScript])[]
) {
  Deno.test(`connect tries again after ${what}`, PATIENCE, async () => {
    await using server = misbehave(script, script, async (connection) => {
      await connection.eventStream();
      await connection.send("data: a\n\n");
    }, noContent);
    const notices: ReconnectNotice[] = [];
    const events = connect(server.url, {
      ...AT_ONCE,
      onReconnect: (notice) => void notices.push(notice),
    });
    assertEquals((await collect(events)).map(({ data }) => data), ["a"]);
    assertEquals(notices.map(({ attempt }) => attempt), [1, 2, 3]);
    assertInstanceOf(notices[0].cause, Error);
    assertEquals(notices[2].cause, undefined);
  });
}

Deno.test("connect tries again when nobody listens", PATIENCE, async () => {
  const { url } = await (async () => {
    await using server = misbehave(noContent);
    return server;
  })();
  const notices: ReconnectNotice[] = [];
  const events = connect(url, {
    ...AT_ONCE,
    maxRetries: 2,
    onReconnect: (notice) => void notices.push(notice),
  });
  await assertRejects(() => collect(events), TypeError);
  assertEquals(notices.map(({ attempt }) => attempt), [1, 2]);
});

Deno.test("connect waits longer and longer in a storm of 500s, and comes through", async () => {
  using clock = fakeClock();
  const { fetch, requests } = fakeFetch(
    ...Array.from(
      { length: 12 },
      () => () => new Response("storm", { status: 500 }),
    ),
    eventStream("data: a\n\n"),
  );
  const delays: number[] = [];
  const events = connect(URL_, {
    fetch,
    onReconnect: ({ delay }) => void delays.push(delay),
  });
  const next = events[Symbol.asyncIterator]().next();
  await clock.tick(12 * 31_000);
  assertEquals((await next).value?.data, "a");
  assertEquals(requests.length, 13);
  assertEquals(delays.length, 12);
  delays.forEach((delay, n) => {
    const most = 1000 + Math.min(1000 * 2 ** n, 30_000);
    assert(delay >= 1000 && delay <= most, `${delay}`);
  });
  events.close();
});

Deno.test("connect keeps the server's retry over connections, until another comes", async () => {
  using clock = fakeClock();
  const { fetch, requests } = fakeFetch(
    eventStream("retry: 5000\ndata: a\n\n"),
    eventStream("data: b\n\n"),
    new TypeError("network"),
    eventStream("retry: 200\n\n"),
  );
  const delays: number[] = [];
  const events = connect(URL_, {
    fetch,
    maxDelay: 0,
    onReconnect: ({ delay }) => void delays.push(delay),
  });
  const all = collect(events);
  await clock.tick(60_000);
  assertEquals((await all).length, 2);
  assertEquals(delays, [5000, 5000, 5000, 200]);
  assertEquals(requests.length, 5);
  assertEquals(events.reconnectionTime, 200);
});

Deno.test("connect takes a retry for one that no event follows, and not a half one", async () => {
  using clock = fakeClock();
  const { fetch } = fakeFetch(
    eventStream("retry: 5000\nretry: 70"),
    eventStream("retry: -1\nretry: 1e2\nretry: 1.5\n\n"),
  );
  const delays: number[] = [];
  const events = connect(URL_, {
    fetch,
    maxDelay: 0,
    onReconnect: ({ delay }) => void delays.push(delay),
  });
  const all = collect(events);
  await clock.tick(60_000);
  await all;
  assertEquals(delays, [5000, 5000]);
});

Deno.test("connect waits for a hostile retry as long as a timer can, without a storm", async () => {
  using clock = fakeClock();
  const { fetch, requests } = fakeFetch(
    eventStream("retry: 99999999999\ndata: a\n\n"),
  );
  const events = connect(URL_, { fetch });
  const iterator = events[Symbol.asyncIterator]();
  await iterator.next();
  const next = iterator.next();
  await clock.tick(2147483646);
  assertEquals(requests.length, 1);
  await clock.tick(1);
  assertEquals(requests.length, 2);
  assertEquals((await next).done, true);
});

Deno.test("connect fails if the server asks for more than maxServerDelay", async () => {
  using clock = fakeClock();
  const { fetch, requests } = fakeFetch(
    eventStream("retry: 60001\ndata: a\n\n"),
  );
  const events = connect(URL_, { fetch, maxServerDelay: 60_000 });
  const error = await assertRejects(
    () => collect(events),
    EventStreamTimeoutError,
    "maxServerDelay",
  );
  assertEquals(error.elapsed, 60_001);
  assertEquals(requests.length, 1);
  assertEquals(clock.timers, 0);
});

Deno.test("connect obeys Retry-After, and leaves the refusal to the program if it is too long", async () => {
  using clock = fakeClock();
  const refuse = (retryAfter: string) => () =>
    new Response("its own words", {
      status: 429,
      headers: { "retry-after": retryAfter },
    });
  const { fetch, requests } = fakeFetch(refuse("7"), refuse("61"));
  const events = connect(URL_, { fetch, maxDelay: 0, maxServerDelay: 60_000 });
  const all = assertRejects(() => collect(events), EventStreamTimeoutError);
  await clock.tick(6999);
  assertEquals(requests.length, 1);
  await clock.tick(1);
  assertEquals(requests.length, 2);
  const { cause } = await all;
  assertInstanceOf(cause, EventStreamResponseError);
  assertEquals(await cause.response.text(), "its own words");
});

for (
  const retryAfter of [
    (time: number) => new Date(time).toUTCString(),
    (time: number) => {
      const date = new Date(time);
      const [, day, month, year, clock] = date.toUTCString().split(" ");
      const weekday = date.toLocaleDateString("en", {
        weekday: "long",
        timeZone: "UTC",
      });
      return `${weekday}, ${day}-${month}-${year.slice(2)} ${clock} GMT`;
    },
    (time: number) => {
      const [weekday, day, month, year, clock] = new Date(time).toUTCString()
        .replace(",", "").split(" ");
      return `${weekday} ${month} ${`${+day}`.padStart(2)} ${clock} ${year}`;
    },
  ]
) {
  const sample = retryAfter(Date.UTC(2026, 10, 1));
  Deno.test(`connect obeys a Retry-After of the form ${sample}`, async () => {
    using clock = fakeClock();
    clock.setSystemTime(Date.UTC(2026, 10, 1, 8));
    const { fetch, requests } = fakeFetch(() =>
      new Response("", {
        status: 503,
        headers: { "retry-after": retryAfter(Date.now() + 90_000) },
      })
    );
    const all = collect(connect(URL_, { fetch, maxDelay: 0 }));
    await clock.tick(89_000);
    assertEquals(requests.length, 1);
    await clock.tick(1000);
    assertEquals(requests.length, 2);
    await all;
  });
}

Deno.test("connect gives up after maxRetries, with what went wrong last", async () => {
  using clock = fakeClock();
  const last = new TypeError("last");
  const { fetch, requests } = fakeFetch(
    new TypeError("first"),
    () => new Response("", { status: 503 }),
    last,
  );
  const events = connect(URL_, { fetch, maxRetries: 2 });
  const all = assertRejects(() => collect(events));
  await clock.tick(100_000);
  assertEquals(await all, last);
  assertEquals(requests.length, 3);
  assertEquals(clock.timers, 0);
});

Deno.test("connect gives up after maxElapsed", async () => {
  using clock = fakeClock();
  const { fetch, requests } = fakeFetch(
    ...Array.from({ length: 100 }, () => new TypeError("network")),
  );
  const events = connect(URL_, { fetch, maxDelay: 0, maxElapsed: 10_000 });
  const all = assertRejects(() => collect(events), TypeError);
  await clock.tick(100_000);
  await all;
  assertEquals(requests.length, 11);
  assertEquals(clock.timers, 0);
});

Deno.test("connect counts maxElapsed anew after a healthy connection that the program has dropped", async () => {
  using clock = fakeClock();
  const first = liveStream();
  const { fetch, requests } = fakeFetch(
    new TypeError("network"),
    first.response,
    new TypeError("network"),
    eventStream("data: b\n\n"),
  );
  const events = connect(URL_, { fetch, maxElapsed: 60_000 });
  const iterator = events[Symbol.asyncIterator]();
  first.send("data: a\n\n");
  const a = iterator.next();
  await clock.tick(2000);
  assertEquals((await a).value?.data, "a");
  const b = iterator.next();
  await clock.tick(3_600_000);
  events.reconnect();
  await clock.tick(60_000);
  assertEquals((await b).value?.data, "b");
  assertEquals(requests.length, 4);
  events.close();
});

Deno.test("connect begins the backoff anew after a healthy connection", async () => {
  using clock = fakeClock();
  const live = liveStream();
  const { fetch } = fakeFetch(
    new TypeError("network"),
    new TypeError("network"),
    live.response,
  );
  const attempts: number[] = [];
  const events = connect(URL_, {
    fetch,
    onReconnect: ({ attempt }) => void attempts.push(attempt),
  });
  const all = collect(events);
  await clock.tick(10_000);
  assertEquals(events.readyState, 1);
  await clock.tick(5000);
  live.fail(new TypeError("reset"));
  await clock.tick(10_000);
  await all;
  assertEquals(attempts, [1, 2, 1]);
});

for (
  const [reconnect, ends, breaks] of [
    ["always", 2, 2],
    [true, 2, 2],
    ["on-error", 1, 2],
    ["never", 1, 1],
    [false, 1, 1],
  ] as const
) {
  Deno.test(`connect makes ${ends} requests if the server ends the stream and reconnect is ${reconnect}`, async () => {
    const { fetch, requests } = fakeFetch(eventStream("data: a\n\n"));
    await collect(connect(URL_, { fetch, reconnect, ...AT_ONCE }));
    assertEquals(requests.length, ends);
  });

  Deno.test(`connect makes ${breaks} requests if the stream breaks and reconnect is ${reconnect}`, async () => {
    const live = liveStream();
    const { fetch, requests } = fakeFetch(live.response);
    const all = collect(connect(URL_, { fetch, reconnect, ...AT_ONCE }));
    await settle();
    live.fail(new TypeError("reset"));
    if (breaks === 1) await assertRejects(() => all, TypeError, "reset");
    else await all;
    assertEquals(requests.length, breaks);
  });
}

for (const method of ["HEAD", "POST", "PUT", "PATCH", "DELETE", "QUERY"]) {
  Deno.test(`connect never sends a ${method} again unless asked`, async () => {
    const { fetch, requests } = fakeFetch(eventStream("data: a\n\n"));
    assertEquals((await collect(connect(URL_, { fetch, method }))).length, 1);
    assertEquals(requests.length, 1);
    const { fetch: refuses } = fakeFetch(new Response("", { status: 503 }));
    await assertRejects(
      () => collect(connect(URL_, { fetch: refuses, method })),
      EventStreamResponseError,
    );
  });
}

Deno.test("connect sends a POST again if asked", async () => {
  const { fetch, requests } = fakeFetch(
    eventStream("id: 1\ndata: a\n\n"),
    eventStream("id: 2\ndata: b\n\n"),
  );
  await collect(
    connect(URL_, {
      fetch,
      method: "POST",
      reconnect: "always",
      body: ({ attempt, lastEventId }) =>
        JSON.stringify({ attempt, lastEventId }),
      ...AT_ONCE,
    }),
  );
  assertEquals(await Promise.all(requests.map((request) => request.json())), [
    { attempt: 0, lastEventId: "" },
    { attempt: 1, lastEventId: "1" },
    { attempt: 2, lastEventId: "2" },
  ]);
});

Deno.test("connect says when it is open and when it is opened again", async () => {
  using clock = fakeClock();
  const failure = new TypeError("network");
  const { fetch } = fakeFetch(
    eventStream("id: 1\ndata: a\n\n"),
    failure,
    eventStream("id: 2\ndata: b\n\n"),
  );
  const told: unknown[] = [];
  const events = connect(URL_, {
    fetch,
    maxDelay: 0,
    onOpen(response) {
      told.push(["open", response.status, events.readyState]);
    },
    onReconnect({ attempt, delay, cause }) {
      told.push([attempt, delay, cause, events.readyState, events.lastEventId]);
    },
  });
  const all = (async () => {
    for await (const { data } of events) told.push(data);
  })();
  await clock.tick(10_000);
  await all;
  assertEquals(told, [
    ["open", 200, 1],
    "a",
    [1, 1000, undefined, 0, "1"],
    [2, 1000, failure, 0, "1"],
    ["open", 200, 1],
    "b",
    [3, 1000, undefined, 0, "2"],
  ]);
});

Deno.test("connect counts a block without data that comes last before the end", async () => {
  const { fetch, requests } = fakeFetch(
    eventStream("id: 1\ndata: a\n\nid: 2\n\n"),
    eventStream("id\n\n"),
  );
  await collect(connect(URL_, { fetch, ...AT_ONCE }));
  assertEquals(idsOf(requests), [null, "2", null]);
});

Deno.test("connect gives the checkpoint when the program asks for the next event", async () => {
  const { fetch } = fakeFetch(
    eventStream("id: 1\ndata: a\n\ndata: b\n\nid: 2\ndata: c\n\n"),
    eventStream("id\ndata: d\n\n"),
  );
  const log: unknown[] = [];
  const events = connect(URL_, {
    fetch,
    ...AT_ONCE,
    async onCheckpoint(id) {
      log.push(`saving ${id}`);
      await settle();
      log.push(`saved ${id}`);
    },
  });
  for await (const { data } of events) {
    log.push(`got ${data}`);
    await settle();
    log.push(`done ${data}`);
  }
  assertEquals(log, [
    "got a",
    "done a",
    "saving 1",
    "saved 1",
    "got b",
    "done b",
    "got c",
    "done c",
    "saving 2",
    "saved 2",
    "got d",
    "done d",
    "saving ",
    "saved ",
  ]);
});

Deno.test("connect gives no checkpoint for an event that the program has not finished", async () => {
  const { fetch } = fakeFetch(
    eventStream("id: 1\ndata: a\n\nid: 2\ndata: b\n\n"),
  );
  const places: string[] = [];
  const events = connect(URL_, {
    fetch,
    lastEventId: "0",
    onCheckpoint: (id) => void places.push(id),
  });
  for await (const { data } of events) if (data === "b") break;
  assertEquals(places, ["1"]);
});

/** A server of numbered events that honours `Last-Event-ID`, and cuts its streams. */
function numbered(
  count: number,
  cuts: readonly { readonly events: number; readonly how: string }[],
): FakeAnswer[] {
  const answer = (events: number, how: string): FakeAnswer => (request) => {
    const last = Number(request.headers.get("last-event-id") ?? 0);
    if (last === count) return new Response(null, { status: 204 });
    if (how === "refuse") return new Response("", { status: 503 });
    if (how === "network") throw new TypeError("network");
    const live = liveStream();
    for (let n = last + 1; n <= Math.min(last + events, count); n++) {
      live.send(`id: ${n}\ndata: ${n}\n\n`);
    }
    if (how === "half") live.send("id: lost\ndata: lost\n");
    // What is queued would be lost by an error.
    live.end();
    return live.response;
  };
  return [
    ...cuts.map(({ events, how }) => answer(events, how)),
    ...Array.from({ length: count + 1 }, () => answer(count, "end")),
  ];
}

const cuts = fc.array(
  fc.record({
    events: fc.nat(4),
    how: fc.constantFrom("end", "half", "refuse", "network"),
  }),
  { maxLength: 8 },
);

Deno.test("connect gives each event once and in order, whatever happens to its connections", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 20 }),
      cuts,
      async (count, cuts) => {
        const { fetch } = fakeFetch(...numbered(count, cuts));
        const events = await collect(connect(URL_, { fetch, ...AT_ONCE }));
        assertEquals(
          events.map(({ data }) => Number(data)),
          Array.from({ length: count }, (_, i) => i + 1),
        );
      },
    ),
    { numRuns: 30 },
  );
});

Deno.test("connect gives each event once to processes that start from the checkpoint, and again what was not finished", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 20 }),
      cuts,
      fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 }),
      async (count, cuts, crashes) => {
        const { fetch } = fakeFetch(
          ...[...numbered(count, cuts), ...numbered(count, cuts)],
        );
        const finished: number[] = [];
        let place = "";
        for (const steps of [...crashes, Infinity]) {
          const events = connect(URL_, {
            fetch,
            ...AT_ONCE,
            lastEventId: place,
            onCheckpoint(id) {
              place = id;
            },
          });
          let n = 0;
          for await (const { data } of events) {
            // It goes down in the middle of an event.
            if (++n === steps) break;
            finished.push(Number(data));
          }
        }
        assertEquals(finished, Array.from({ length: count }, (_, i) => i + 1));
      },
    ),
    { numRuns: 30 },
  );
});

Deno.test("connect delivers the events before a break, and then opens another connection", async () => {
  const first = liveStream();
  const { fetch, requests } = fakeFetch(
    first.response,
    eventStream("data: c\n\n"),
  );
  const iterator = connect(URL_, { fetch, ...AT_ONCE })[Symbol.asyncIterator]();
  first.send("id: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\ndata: lost\n");
  assertEquals((await iterator.next()).value?.data, "a");
  first.fail(new TypeError("reset"));
  assertEquals((await iterator.next()).value?.data, "b");
  assertEquals(requests.length, 1);
  assertEquals((await iterator.next()).value?.data, "c");
  assertEquals(idsOf(requests), [null, "2"]);
  await iterator.return!();
});

Deno.test(
  "reconnect() while a next() is pending goes on behind the last event handed out",
  PATIENCE,
  async () => {
    const left = Promise.withResolvers<void>();
    await using server = misbehave(async (connection) => {
      await connection.eventStream();
      await connection.send("id: 1\ndata: a\n\n");
      await connection.gone();
      left.resolve();
    }, async (connection) => {
      await connection.eventStream();
      await connection.send("id: 2\ndata: b\n\n");
      await connection.gone();
    });
    const notices: unknown[] = [];
    const events = connect(server.url, {
      onReconnect: (notice) => void notices.push(notice),
    });
    const iterator = events[Symbol.asyncIterator]();
    await iterator.next();
    const next = iterator.next();
    assert(await isPending(next));
    events.reconnect();
    assertEquals(events.readyState, 0);
    assertEquals((await next).value?.data, "b");
    await left;
    assertEquals(server.requests[1].headers.get("last-event-id"), "1");
    assertEquals(notices, []);
    await iterator.return!();
  },
);

Deno.test("reconnect() inside the loop drops what has come and was not handed out, and asks for it again", async () => {
  const first = liveStream();
  const { fetch, requests } = fakeFetch(
    first.response,
    eventStream("id: 2\ndata: b again\n\n"),
  );
  first.send("id: 1\ndata: a\n\nid: 2\ndata: b\n\n");
  const seen: unknown[] = [];
  const events = connect(URL_, { fetch, ...AT_ONCE });
  for await (const { data } of events) {
    seen.push(data);
    if (data === "a") events.reconnect();
  }
  assertEquals(seen, ["a", "b again"]);
  assertEquals(idsOf(requests), [null, "1", "2"]);
  assertEquals(first.cancels.length, 1);
});

Deno.test("reconnect() ends the wait", async () => {
  using clock = fakeClock();
  const { fetch } = fakeFetch(
    new TypeError("network"),
    eventStream("data: a\n\n"),
  );
  const events = connect(URL_, { fetch });
  const next = events[Symbol.asyncIterator]().next();
  await settle();
  events.reconnect();
  assertEquals((await next).value?.data, "a");
  assertEquals(clock.timers, 0);
  events.close();
});

Deno.test("reconnect() while a request is under way makes another, and discards the answer of the first", async () => {
  const answer = Promise.withResolvers<Response>();
  const { fetch, requests } = fakeFetch(
    () => answer.promise,
    eventStream("data: a\n\n"),
  );
  const events = connect(URL_, { fetch });
  const next = events[Symbol.asyncIterator]().next();
  await settle();
  events.reconnect();
  assertEquals((await next).value?.data, "a");
  assert(requests[0].signal.aborted);
  assert(!requests[1].signal.aborted);
  const late = liveStream();
  answer.resolve(late.response);
  await settle();
  assertEquals(late.cancels.length, 1);
  events.close();
});

for (
  const where of ["onOpen", "onReconnect", "headers", "onResponse"] as const
) {
  Deno.test(`reconnect() from ${where} opens another connection, once`, async () => {
    using clock = fakeClock();
    let calls = 0;
    const once = () => {
      if (calls++ === 0) events.reconnect();
    };
    const { fetch, requests } = fakeFetch(
      eventStream("data: a\n\n"),
      eventStream("data: b\n\n"),
      eventStream("data: c\n\n"),
    );
    const events = connect(URL_, {
      fetch,
      maxDelay: 0,
      [where]: where === "headers" ? () => (once(), {}) : once,
    });
    const all = collect(events);
    await clock.tick(60_000);
    assertEquals(
      (await all).map(({ data }) => data),
      where === "onOpen" || where === "onResponse"
        ? ["b", "c"]
        : ["a", "b", "c"],
    );
    assertEquals(requests.length, 4);
    assertEquals(clock.timers, 0);
  });
}

Deno.test("reconnect() before the iteration and after the end does nothing", async () => {
  const { fetch, requests } = fakeFetch();
  const events = connect(URL_, { fetch });
  events.reconnect();
  await settle();
  assertEquals(requests.length, 0);
  await collect(events);
  events.reconnect();
  await settle();
  assertEquals(requests.length, 1);
  assertEquals(events.readyState, 2);
});
