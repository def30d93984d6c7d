import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  connect,
  type ConnectOptions,
  EventDataError,
  EventSizeError,
  EventStreamResponseError,
  IncompleteStreamError,
} from "../../client.ts";
import { jsonData } from "../../mod.ts";
import { utf8 } from "../helpers/bytes.ts";
import { fakeClock } from "../helpers/clock.ts";
import { eventStream, fakeFetch, liveStream } from "../helpers/fake_fetch.ts";
import { misbehave } from "../helpers/misbehaving_server.ts";
import { trapRejections } from "../helpers/portable.ts";
import { settle } from "../helpers/settle.ts";
import { collect } from "../helpers/streams.ts";

const URL_ = "http://localhost/events";
const DONE = { done: true, value: undefined } as const;
/** What does not end must not hold up all the other tests. */
const PATIENCE = { timeout: 10_000 };

Deno.test("connect makes no request before the first next()", async () => {
  const { fetch, requests } = fakeFetch(eventStream("data: a\n\n"));
  const events = connect(URL_, { fetch });
  const iterator = events[Symbol.asyncIterator]();
  await settle();
  assertEquals(requests.length, 0);
  assertEquals(events.readyState, 0);
  assertEquals((await iterator.next()).value?.data, "a");
  assertEquals(requests.length, 1);
  assertEquals(events.readyState, 1);
  events.close();
});

Deno.test("connect says its URL, last event ID and reconnection time", async () => {
  const { fetch } = fakeFetch(
    eventStream("retry: 250\nid: 1\ndata: a\n\nid: 2\n\nid: 3\ndata: b\n\n"),
  );
  const events = connect(new URL("http://LOCALHOST/a/../b"), { fetch });
  assertEquals(events.url, "http://localhost/b");
  assertEquals(events.lastEventId, "");
  assertEquals(events.reconnectionTime, undefined);
  const ids = [];
  for await (const { data } of events) {
    ids.push([data, events.lastEventId, events.reconnectionTime]);
    if (data === "b") break;
  }
  assertEquals(ids, [["a", "1", 250], ["b", "3", 250]]);
  assertEquals(events.lastEventId, "3");
  assertEquals(events.reconnectionTime, 250);
});

Deno.test("connect starts from options.lastEventId", async () => {
  const { fetch, requests } = fakeFetch(eventStream("data: a\n\n"));
  const events = connect(URL_, { fetch, lastEventId: "7" });
  assertEquals(events.lastEventId, "7");
  for await (const event of events) {
    assertEquals(event.lastEventId, "7");
    break;
  }
  assertEquals(requests[0].headers.get("last-event-id"), "7");
});

Deno.test("connect ends at a 204, and asks no more", async () => {
  using clock = fakeClock();
  const { fetch, requests } = fakeFetch();
  const events = connect(URL_, { fetch });
  assertEquals(await collect(events), []);
  assertEquals(events.readyState, 2);
  await clock.tick(3_600_000);
  assertEquals(requests.length, 1);
});

for (
  const status of [201, 202, 206, 400, 401, 403, 404, 409, 410, 421, 451, 499]
) {
  Deno.test(`connect fails with the response at status ${status}, its body unread`, async () => {
    using clock = fakeClock();
    const headers = { "content-type": "text/event-stream", "retry-after": "1" };
    const { fetch, requests } = fakeFetch(
      new Response("its own words", { status, headers }),
    );
    const events = connect(URL_, { fetch });
    const error = await assertRejects(
      () => collect(events),
      EventStreamResponseError,
    );
    assertEquals(error.response.status, status);
    assertEquals(await error.response.text(), "its own words");
    assertEquals(events.readyState, 2);
    assertEquals(clock.timers, 0);
    assertEquals(requests.length, 1);
  });
}

for (const type of ["text/html", "application/json", "text/event-streams"]) {
  Deno.test(`connect fails with the response if its content type is ${type}`, async () => {
    const { fetch } = fakeFetch(eventStream("its own words", type));
    const error = await assertRejects(
      () => collect(connect(URL_, { fetch })),
      EventStreamResponseError,
      type,
    );
    assertEquals(await error.response.text(), "its own words");
  });
}

for (
  const status of [408, 425, 429, 500, 501, 502, 503, 504, 505, 507, 511, 599]
) {
  Deno.test(`connect opens the connection again after status ${status}, and discards the response`, async () => {
    using clock = fakeClock();
    const refusal = liveStream({ status });
    const { fetch, requests } = fakeFetch(
      refusal.response,
      eventStream("data: a\n\n"),
    );
    const iterator = connect(URL_, { fetch, maxDelay: 0 })
      [Symbol.asyncIterator]();
    const next = iterator.next();
    await settle();
    assertEquals(refusal.cancels.length, 1);
    await clock.tick(999);
    assertEquals(requests.length, 1);
    await clock.tick(1);
    assertEquals((await next).value?.data, "a");
    assertEquals(requests.length, 2);
    await iterator.return!();
    assertEquals(clock.timers, 0);
  });
}

Deno.test(
  "connect lets the program read a refusal of a server that was the last one",
  PATIENCE,
  async () => {
    await using server = misbehave(async (connection) => {
      await connection.head("503 Later", "connection: close");
      await connection.send("its own words");
    });
    const options = { maxRetries: 2, initialDelay: 0, maxDelay: 0 };
    const error = await assertRejects(
      () => collect(connect(server.url, options)),
      EventStreamResponseError,
    );
    assertEquals(await error.response.text(), "its own words");
    assertEquals(server.requests.length, 3);
  },
);

Deno.test(
  "connect frees the connections of refusals that it has got over",
  PATIENCE,
  async () => {
    const gone: number[] = [];
    const all = Promise.withResolvers<void>();
    const refuse = async (connection: {
      head(...lines: [string, ...string[]]): Promise<void>;
      gone(): Promise<void>;
    }) => {
      // The body never ends.
      await connection.head("500 Oops", "transfer-encoding: chunked");
      await connection.gone();
      if (gone.push(1) === 5) all.resolve();
    };
    await using server = misbehave(
      refuse,
      refuse,
      refuse,
      refuse,
      refuse,
      (connection) => connection.head("204 No Content", "connection: close"),
    );
    assertEquals(
      await collect(connect(server.url, { initialDelay: 0, maxDelay: 0 })),
      [],
    );
    await all.promise;
  },
);

Deno.test("connect fails with the network's error if it is not to open the connection again", async () => {
  const failure = new TypeError("network");
  const { fetch } = fakeFetch(failure);
  const error = await assertRejects(() =>
    collect(connect(URL_, { fetch, reconnect: "never" }))
  );
  assertStrictEquals(error, failure);
});

Deno.test("connect refuses a second iteration", async () => {
  const { fetch } = fakeFetch();
  const events = connect(URL_, { fetch });
  const iterator = events[Symbol.asyncIterator]();
  assertThrows(() => events[Symbol.asyncIterator](), TypeError);
  await iterator.next();
  assertThrows(() => events[Symbol.asyncIterator](), TypeError);
});

Deno.test("connect answers overlapping calls of next() in order, across connections", async () => {
  using clock = fakeClock();
  const { fetch } = fakeFetch(
    eventStream("data: a\n\ndata: b\n\n"),
    eventStream("data: c\n\n"),
  );
  const iterator = connect(URL_, { fetch })[Symbol.asyncIterator]();
  const all = Promise.all(Array.from({ length: 5 }, () => iterator.next()));
  await clock.tick(60_000);
  assertEquals((await all).map(({ value }) => value?.data), [
    "a",
    "b",
    "c",
    undefined,
    undefined,
  ]);
});

Deno.test("connect answers overlapping calls of next() in order if places are kept", async () => {
  const { fetch } = fakeFetch(
    eventStream("id: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\ndata: c\n\n"),
  );
  const places: string[] = [];
  const events = connect(URL_, {
    fetch,
    reconnect: "never",
    async onCheckpoint(id) {
      await settle();
      places.push(id);
    },
  });
  const iterator = events[Symbol.asyncIterator]();
  const all = await Promise.all(
    Array.from({ length: 4 }, () => iterator.next()),
  );
  assertEquals(all.map(({ value }) => value?.data), ["a", "b", "c", undefined]);
  assertEquals(places, ["1", "2", "3"]);
});

Deno.test("connect fails with an EventDataError behind the events before it, and lets the connection go", async () => {
  const live = liveStream();
  const { fetch, requests } = fakeFetch(live.response);
  live.send("data: 1\n\nid: 2\ndata: {\n\ndata: 3\n\n");
  const events = connect(URL_, { fetch, data: jsonData<number>() });
  const iterator = events[Symbol.asyncIterator]();
  assertEquals((await iterator.next()).value?.data, 1);
  await assertRejects(() => iterator.next(), EventDataError);
  assertEquals(await iterator.next(), DONE);
  assertEquals(events.readyState, 2);
  assertEquals(requests.length, 1);
  assertEquals(live.cancels.length, 1);
});

Deno.test("connect fails with an EventSizeError, and lets the connection go", async () => {
  const live = liveStream();
  const { fetch, requests } = fakeFetch(live.response);
  live.send("data: 1\n\ndata: 123456789");
  const iterator = connect(URL_, { fetch, maxEventSize: 8 })
    [Symbol.asyncIterator]();
  assertEquals((await iterator.next()).value?.data, "1");
  await assertRejects(() => iterator.next(), EventSizeError);
  assertEquals(await iterator.next(), DONE);
  assertEquals(requests.length, 1);
  assertEquals(live.cancels.length, 1);
});

Deno.test("connect skips unreadable data if it is told so", async () => {
  const { fetch } = fakeFetch(eventStream("data: {\n\ndata: 3\n\n"));
  const events = connect(URL_, {
    fetch,
    data: jsonData<number>(),
    onInvalidData: "skip",
    reconnect: "never",
  });
  assertEquals((await collect(events)).map(({ data }) => data), [3]);
});

Deno.test("connect shows the wire view if it is told so", async () => {
  const { fetch } = fakeFetch(eventStream(": c\n\nid: 1\n\ndata: a\n\n"));
  const events = connect(URL_, { fetch, view: "wire", reconnect: "never" });
  const seen = (await collect(events)).map(({ comments, id, data }) => [
    comments,
    id,
    data,
  ]);
  assertEquals(seen, [
    [["c"], undefined, undefined],
    [undefined, "1", undefined],
    [undefined, undefined, "a"],
  ]);
});

const until = ({ data }: { readonly data?: string }) => data === "[DONE]";

for (const reconnect of ["always", "on-error", "never"] as const) {
  Deno.test(`connect ends at the closing event and opens no other connection if reconnect is ${reconnect}`, async () => {
    const live = liveStream();
    const { fetch, requests } = fakeFetch(live.response);
    live.send("data: a\n\ndata: [DONE]\n\ndata: b\n\n");
    const events = connect(URL_, { fetch, until, reconnect });
    assertEquals((await collect(events)).map(({ data }) => data), ["a"]);
    assertEquals(events.readyState, 2);
    assertEquals(requests.length, 1);
    assertEquals(live.cancels.length, 1);
  });
}

for (const reconnect of ["always", "on-error"] as const) {
  Deno.test(`connect opens another connection if one ends before the closing event and reconnect is ${reconnect}`, async () => {
    const { fetch, requests } = fakeFetch(
      eventStream("id: 1\ndata: a\n\n"),
      eventStream("id: 2\ndata: b\n\ndata: [DONE]\n\n"),
    );
    const causes: unknown[] = [];
    const events = connect(URL_, {
      fetch,
      until,
      reconnect,
      initialDelay: 0,
      maxDelay: 0,
      onReconnect: ({ cause }) => void causes.push(cause),
    });
    assertEquals((await collect(events)).map(({ data }) => data), ["a", "b"]);
    assertEquals(requests[1].headers.get("last-event-id"), "1");
    assertEquals(causes.length, 1);
    assertInstanceOf(causes[0], IncompleteStreamError);
  });
}

Deno.test("connect fails with an IncompleteStreamError if the stream ends before the closing event and reconnect is never", async () => {
  const { fetch } = fakeFetch(eventStream("id: 1\ndata: a\n\n"));
  const events = connect(URL_, { fetch, until, reconnect: "never" });
  const iterator = events[Symbol.asyncIterator]();
  assertEquals((await iterator.next()).value?.data, "a");
  const error = await assertRejects(
    () => iterator.next(),
    IncompleteStreamError,
  );
  assertEquals(error.lastEventId, "1");
});

const THROWN = new Error("of a callback");
const throws = () => {
  throw THROWN;
};
for (
  const [what, options] of [
    ["headers()", { headers: throws }],
    ["headers(), later", { headers: () => Promise.reject(THROWN) }],
    ["body()", { method: "POST", body: throws }],
    ["body(), later", { method: "POST", body: () => Promise.reject(THROWN) }],
    ["onResponse", { onResponse: throws }],
    ["onResponse, later", { onResponse: () => Promise.reject(THROWN) }],
    ["onOpen", { onOpen: throws }],
    ["onOpen, later", { onOpen: () => Promise.reject(THROWN) }],
    ["onCheckpoint", { onCheckpoint: throws }],
    ["onCheckpoint, later", { onCheckpoint: () => Promise.reject(THROWN) }],
    ["until", { until: throws }],
  ] as const satisfies readonly (readonly [string, ConnectOptions])[]
) {
  Deno.test(`connect fails with what ${what} throws, and leaves nothing behind`, async () => {
    using clock = fakeClock();
    const live = liveStream();
    const { fetch, requests } = fakeFetch(live.response);
    live.send("id: 1\ndata: a\n\nid: 2\ndata: b\n\n");
    const events = connect(URL_, { fetch, ...options });
    assertStrictEquals(await assertRejects(() => collect(events)), THROWN);
    assertEquals(events.readyState, 2);
    await settle();
    assert(requests.length <= 1);
    assertEquals(live.cancels.length, requests.length);
    assertEquals(clock.timers, 0);
  });
}

for (
  const [when, onReconnect] of [
    ["at once", throws],
    ["later", () => Promise.reject(THROWN)],
  ] as const
) {
  Deno.test(`connect fails with what onReconnect throws ${when}, and leaves nothing behind`, async () => {
    using clock = fakeClock();
    const live = liveStream({ status: 503 });
    const { fetch, requests } = fakeFetch(live.response);
    const events = connect(URL_, { fetch, onReconnect });
    assertStrictEquals(await assertRejects(() => collect(events)), THROWN);
    await settle();
    assertEquals(requests.length, 1);
    assertEquals(live.cancels.length, 1, "the body of the 503 is left");
    assertEquals(clock.timers, 0);
  });
}

for (const callback of ["onOpen", "onReconnect"] as const) {
  Deno.test(`connect is closed while a promise of ${callback} never settles`, async () => {
    using clock = fakeClock();
    const live = liveStream({ status: callback === "onOpen" ? 200 : 503 });
    const { fetch } = fakeFetch(live.response);
    const called = Promise.withResolvers<void>();
    const events = connect(URL_, {
      fetch,
      [callback]: () => {
        called.resolve();
        return new Promise<void>(() => {});
      },
    });
    const collected = collect(events);
    await called.promise;
    events.close();
    assertEquals(await collected, []);
    assertEquals(live.cancels.length, 1);
    assertEquals(clock.timers, 0);
  });
}

for (const url of ["", "/events", "http://", "http://a b/", "nonsense"]) {
  Deno.test(`connect refuses the URL ${JSON.stringify(url)} at once`, () => {
    assertThrows(() => connect(url), TypeError);
  });
}

for (
  const name of [
    "initialDelay",
    "maxDelay",
    "maxServerDelay",
    "maxRetries",
    "maxElapsed",
    "healthyAfter",
    "responseTimeout",
    "idleTimeout",
    "maxEventSize",
  ] as const
) {
  for (const value of [-1, NaN]) {
    Deno.test(`connect refuses ${name} ${value} at once`, () => {
      assertThrows(() => connect(URL_, { [name]: value }), RangeError);
    });
  }
}

Deno.test("connect refuses an unknown mode at once", () => {
  const options = { reconnect: "sometimes" } as unknown as ConnectOptions;
  assertThrows(() => connect(URL_, options), TypeError, '"sometimes"');
});

Deno.test("connect refuses a method that fetch refuses at once", () => {
  assertThrows(() => connect(URL_, { method: "TRACE" }), TypeError);
});

Deno.test("connect follows redirects as fetch does", PATIENCE, async () => {
  await using server = misbehave(
    (connection) =>
      connection.head(
        "307 Elsewhere",
        "location: /b",
        "content-length: 0",
        "connection: close",
      ),
    async (connection) => {
      await connection.eventStream();
      await connection.send("data: a\n\n");
    },
  );
  const events = connect(`${server.url}a`, { reconnect: "never" });
  assertEquals((await collect(events)).map(({ data }) => data), ["a"]);
  assertEquals(server.requests.map(({ path }) => path), ["/a", "/b"]);
});

Deno.test(
  "connect fails with a redirect that it is not to follow",
  PATIENCE,
  async () => {
    await using server = misbehave((connection) =>
      connection.head(
        "302 Elsewhere",
        "location: /b",
        "content-length: 0",
        "connection: close",
      )
    );
    const error = await assertRejects(
      () => collect(connect(server.url, { redirect: "manual" })),
      EventStreamResponseError,
    );
    await error.response.body?.cancel();
  },
);

Deno.test(
  "connect asks the first URL again after a redirect",
  PATIENCE,
  async () => {
    const redirect = (connection: {
      head(...lines: [string, ...string[]]): Promise<void>;
    }) =>
      connection.head(
        "302 Elsewhere",
        "location: /b",
        "content-length: 0",
        "connection: close",
      );
    await using server = misbehave(
      redirect,
      async (connection) => {
        await connection.eventStream();
        await connection.send("id: 1\ndata: a\n\n");
      },
      redirect,
      (connection) => connection.head("204 No Content", "connection: close"),
    );
    await collect(
      connect(`${server.url}a`, { initialDelay: 0, maxDelay: 0 }),
    );
    assertEquals(
      server.requests.map(({ path, headers }) => [
        path,
        headers.get("last-event-id"),
      ]),
      [["/a", undefined], ["/b", undefined], ["/a", "1"], ["/b", "1"]],
    );
  },
);

Deno.test(
  "connect reads a body that comes byte by byte",
  PATIENCE,
  async () => {
    await using server = misbehave(async (connection) => {
      await connection.eventStream();
      await connection.sendByteByByte(
        "\ufeff: keep-alive 8000\r\n\r\nid: é\r\ndata: 日本\r\ndata: 🦕\r\n\r\ndata: b\r\r",
      );
    });
    const events = await collect(connect(server.url, { reconnect: "never" }));
    assertEquals(events.map(({ data, lastEventId }) => [data, lastEventId]), [
      ["日本\n🦕", "é"],
      ["b", "é"],
    ]);
  },
);

Deno.test(
  "connect reads UTF-8 that is split over chunks",
  PATIENCE,
  async () => {
    await using server = misbehave(async (connection) => {
      await connection.chunkedEventStream();
      const bytes = utf8("data: 日本 🦕\n\n");
      for (let i = 0; i < bytes.length; i++) {
        await connection.chunk(bytes.slice(i, i + 1));
      }
      await connection.send("0\r\n\r\n");
    });
    const events = await collect(connect(server.url, { reconnect: "never" }));
    assertEquals(events.map(({ data }) => data), ["日本 🦕"]);
  },
);

Deno.test(
  "connect reads a response that a server is slow with",
  PATIENCE,
  async () => {
    await using server = misbehave(async (connection) => {
      await connection.sendByteByByte(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n",
      );
      await connection.send("data: a\n\n");
      await connection.halfClose();
      await connection.gone();
    });
    const events = await collect(connect(server.url, { reconnect: "never" }));
    assertEquals(events.map(({ data }) => data), ["a"]);
  },
);

Deno.test("connect stops the socket of a server whose consumer is slow", {
  timeout: 60_000,
}, async () => {
  let written = 0;
  // What the buffers of two sockets and of the client can hold is far below that.
  const enough = 256 * 1024 * 1024;
  const event = utf8(`data: ${"x".repeat(64 * 1024)}\n\n`);
  await using server = misbehave(async (connection) => {
    await connection.eventStream();
    while (written < enough) {
      await connection.send(event);
      written += event.length;
    }
  });
  const iterator = connect(server.url, { reconnect: "never" })
    [Symbol.asyncIterator]();
  await iterator.next();
  // Until nothing is written while another asks the same process again and again.
  await using echo = misbehave((connection) =>
    connection.head("204 No Content", "connection: close")
  );
  for (let before = -1; written > before;) {
    before = written;
    for (let times = 0; times < 50; times++) await fetch(echo.url);
  }
  assert(written < enough / 4, `${written} bytes were written`);
  const before = written;
  while (written === before) await iterator.next();
  await iterator.return!();
});

Deno.test("connect leaves no rejection unhandled when everything fails", async () => {
  using clock = fakeClock();
  const trap = trapRejections();
  try {
    const broken = () =>
      new Response(
        new ReadableStream({
          pull: () => Promise.reject(new Error("pull")),
          cancel: () => Promise.reject(new Error("cancel")),
        }, { highWaterMark: 0 }),
        { headers: { "content-type": "text/event-stream" } },
      );
    const stubborn = (status: number) =>
      new Response(
        new ReadableStream({
          pull: () => new Promise(() => {}),
          cancel: () => Promise.reject(new Error("cancel")),
        }, { highWaterMark: 0 }),
        { status, headers: { "content-type": "text/event-stream" } },
      );
    const { fetch } = fakeFetch(
      new TypeError("network"),
      stubborn(503),
      broken(),
      stubborn(200),
      stubborn(200),
    );
    const events = connect(URL_, { fetch, idleTimeout: 1000 });
    const next = events[Symbol.asyncIterator]().next();
    await clock.tick(100_000);
    events.close();
    await next.catch(() => {});
    await settle();
    await settle();
    assertEquals(trap.errors, []);
    assertEquals(clock.timers, 0);
  } finally {
    trap.release();
  }
});
