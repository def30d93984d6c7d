import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  connect,
  type ConnectOptions,
  EventBuildError,
  EventStreamResponseError,
  IncompleteStreamError,
} from "../../client.ts";
import { utf8 } from "../helpers/bytes.ts";
import { fakeClock } from "../helpers/clock.ts";
import { eventStream, fakeFetch, liveStream } from "../helpers/fake_fetch.ts";
import { misbehave } from "../helpers/misbehaving_server.ts";
import { settle } from "../helpers/settle.ts";
import { collect, streamOf } from "../helpers/streams.ts";

const URL_ = "http://localhost/events";
/** What does not end must not hold up all the other tests. */
const PATIENCE = { timeout: 10_000 };
const AT_ONCE = { initialDelay: 0, maxDelay: 0 };

Deno.test("connect asks for an event stream, and for no answer of a cache", async () => {
  const { fetch, requests } = fakeFetch();
  await collect(connect(URL_, { fetch }));
  assertEquals(requests[0].method, "GET");
  assertEquals(Object.fromEntries(requests[0].headers), {
    accept: "text/event-stream",
    "cache-control": "no-cache",
  });
});

Deno.test("connect keeps what the caller says in headers", async () => {
  const { fetch, requests } = fakeFetch();
  const headers = { accept: "a/b", "cache-control": "max-age=1", "x-a": "1" };
  await collect(connect(URL_, { fetch, headers }));
  assertEquals(Object.fromEntries(requests[0].headers), headers);
});

for (
  const headers of [
    { "x-a": "1" },
    [["x-a", "1"]] as [string, string][],
    new Headers({ "x-a": "1" }),
    () => ({ "x-a": "1" }),
    () => Promise.resolve(new Headers({ "x-a": "1" })),
  ] as const satisfies readonly ConnectOptions["headers"][]
) {
  Deno.test(`connect takes headers from ${Deno.inspect(headers)}`, async () => {
    const { fetch, requests } = fakeFetch(eventStream("id: 1\ndata: a\n\n"));
    await collect(connect(URL_, { fetch, headers, ...AT_ONCE }));
    assertEquals(requests.map(({ headers }) => headers.get("x-a")), ["1", "1"]);
    if (headers instanceof Headers) {
      assertEquals([...headers], [["x-a", "1"]]);
    }
  });
}

Deno.test("connect asks for headers and body before each attempt", async () => {
  const { fetch, requests } = fakeFetch(
    new TypeError("network"),
    eventStream("id: 1\ndata: a\n\n"),
    new Response("", { status: 503 }),
  );
  const asked: unknown[] = [];
  await collect(connect(URL_, {
    fetch,
    method: "POST",
    reconnect: "always",
    ...AT_ONCE,
    headers(attempt) {
      asked.push(attempt);
      return { "x-attempt": `${attempt.attempt}` };
    },
    body: ({ attempt, lastEventId }) => `${attempt} ${lastEventId}`,
  }));
  assertEquals(asked, [
    { attempt: 0, lastEventId: "" },
    { attempt: 1, lastEventId: "" },
    { attempt: 2, lastEventId: "1" },
    { attempt: 3, lastEventId: "1" },
  ]);
  assertEquals(requests.map(({ headers }) => headers.get("x-attempt")), [
    "0",
    "1",
    "2",
    "3",
  ]);
  assertEquals(await Promise.all(requests.map((request) => request.text())), [
    "0 ",
    "1 ",
    "2 1",
    "3 1",
  ]);
});

Deno.test("connect fails, and does not try again, with headers that are none", async () => {
  const { fetch, requests } = fakeFetch();
  const headers = { "not a name": "1" };
  assertThrows(() => connect(URL_, { fetch, headers }), TypeError);
  await assertRejects(
    () => collect(connect(URL_, { fetch, headers: () => headers })),
    TypeError,
  );
  assertEquals(requests.length, 0);
});

Deno.test("connect passes on what is fetch's", async () => {
  const inits: (RequestInit | undefined)[] = [];
  const fetch = (_: RequestInfo | URL, init?: RequestInit) => {
    inits.push(init);
    return Promise.resolve(new Response(null, { status: 204 }));
  };
  await collect(connect(URL_, {
    fetch,
    credentials: "include",
    redirect: "error",
    referrerPolicy: "no-referrer",
    integrity: "",
  }));
  assertEquals(inits[0]?.credentials, "include");
  assertEquals(inits[0]?.redirect, "error");
  assertEquals(inits[0]?.referrerPolicy, "no-referrer");
});

Deno.test("connect hands fetch a signal that is not the caller's", async () => {
  const { signal } = new AbortController();
  const signals: unknown[] = [];
  const fetch = (_: RequestInfo | URL, init?: RequestInit) => {
    signals.push(init?.signal);
    return Promise.resolve(new Response(null, { status: 204 }));
  };
  await collect(connect(URL_, { fetch, signal }));
  assert(signals[0] instanceof AbortSignal);
  assert(signals[0] !== signal);
});

for (
  const id of [
    "41",
    "caf\u00e9",
    "日本語",
    "🦕",
    "a  b",
    "a\tb",
    "\u0080\u009f",
    "%F0",
    "\u2028",
  ]
) {
  Deno.test(
    `connect sends the id ${JSON.stringify(id)} as its UTF-8 bytes`,
    PATIENCE,
    async () => {
      await using server = misbehave(
        async (connection) => {
          await connection.eventStream();
          await connection.send(`id: ${id}\ndata: a\n\n`);
        },
        (connection) => connection.head("204 No Content", "connection: close"),
      );
      await collect(connect(server.url, AT_ONCE));
      const header = server.requests[1].headers.get("last-event-id");
      assertEquals(
        Uint8Array.from(header ?? "", (character) => character.charCodeAt(0)),
        utf8(id),
      );
    },
  );
}

Deno.test("connect sends any id that a header can carry as its UTF-8 bytes", async () => {
  await fc.assert(fc.asyncProperty(
    fc.string({ unit: "binary", maxLength: 12 }).filter((id) =>
      // deno-lint-ignore no-control-regex
      id !== "" && !/[\0-\x08\x0a-\x1f\x7f]/.test(id) &&
      !/^[ \t]|[ \t]$/.test(id)
    ),
    async (id) => {
      const { fetch, requests } = fakeFetch(
        eventStream(`id: ${id}\ndata: a\n\n`),
      );
      await collect(connect(URL_, { fetch, ...AT_ONCE }));
      const header = requests[1].headers.get("last-event-id");
      assertEquals(
        Uint8Array.from(header ?? "", (character) => character.charCodeAt(0)),
        utf8(id),
      );
    },
  ));
});

Deno.test("connect does not send an empty id, nor one that was reset", async () => {
  const { fetch, requests } = fakeFetch(
    eventStream("data: a\n\n"),
    eventStream("id: 1\ndata: a\n\n"),
    eventStream("data: a\n\n"),
    eventStream("id:\ndata: a\n\n"),
    eventStream("id: 2\n\n"),
    eventStream("id\n\n"),
    eventStream("id: 3\0\ndata: a\n\n"),
    eventStream("id: 4\ndata: never dispatched\n"),
  );
  await collect(connect(URL_, { fetch, ...AT_ONCE }));
  assertEquals(
    requests.map(({ headers }) => headers.get("last-event-id")),
    [null, null, "1", "1", null, "2", null, null, null],
  );
});

for (const id of ["a\x01b", "a\x1fb", "a\x7fb", "\x08"]) {
  Deno.test(`connect fails with an EventBuildError for the id ${JSON.stringify(id)}, which no header can carry`, async () => {
    using clock = fakeClock();
    const { fetch, requests } = fakeFetch(
      eventStream(`id: ${id}\ndata: a\n\n`),
    );
    const events = connect(URL_, { fetch, ...AT_ONCE });
    const iterator = events[Symbol.asyncIterator]();
    assertEquals((await iterator.next()).value?.id, id);
    const failing = assertRejects(() => iterator.next(), EventBuildError);
    await clock.tick(1000);
    const error = await failing;
    assertEquals(error.field, "id");
    assertEquals(error.value, id);
    assertEquals(requests.length, 1);
    assertEquals(clock.timers, 0);
  });
}

// White space around a value belongs to the header, RFC 9110, section 5.5: the
// server would see another id.
for (const id of [" a", "a ", "\ta", "a\t", " "]) {
  Deno.test(`connect fails with an EventBuildError for the id ${JSON.stringify(id)}, which a header would cut`, async () => {
    const { fetch, requests } = fakeFetch(
      eventStream(`id: ${id}\ndata: a\n\n`),
    );
    const events = connect(URL_, { fetch, ...AT_ONCE });
    await assertRejects(() => collect(events), EventBuildError);
    assertEquals(requests.length, 1);
  });
}

for (const lastEventId of ["a\nb", "a\0b", "\ud800"]) {
  Deno.test(`connect makes no request for the last event ID ${JSON.stringify(lastEventId)}`, async () => {
    const { fetch, requests } = fakeFetch();
    await assertRejects(
      () => collect(connect(URL_, { fetch, lastEventId })),
      EventBuildError,
    );
    assertEquals(requests.length, 0);
  });
}

for (
  const [what, body] of [
    ["a stream", () => streamOf(utf8("question"))],
    ["an async iterable", () =>
      (async function* () {
        yield utf8("question");
      })() as unknown as ReadableStream],
  ] as const
) {
  for (const reconnect of ["always", "on-error", true] as const) {
    Deno.test(`connect refuses ${what} as the body if reconnect is ${reconnect}`, () => {
      assertThrows(
        () => connect(URL_, { method: "POST", reconnect, body: body() }),
        TypeError,
        "function",
      );
    });
  }
}

for (const reconnect of [undefined, "never", false] as const) {
  Deno.test(
    `connect sends a stream as the body if reconnect is ${reconnect}`,
    PATIENCE,
    async () => {
      const bodies: string[] = [];
      await using server = misbehave(async (connection) => {
        // A chunk of the chunked coding.
        bodies.push(await connection.body("8\r\nquestion\r\n".length));
        await connection.eventStream();
        await connection.send("data: a\n\n");
      });
      const events = connect(server.url, {
        method: "POST",
        reconnect,
        body: streamOf(utf8("question")),
      });
      assertEquals((await collect(events)).map(({ data }) => data), ["a"]);
      assertEquals(bodies, ["8\r\nquestion\r\n"]);
    },
  );
}

Deno.test("connect sends a stream that a function makes, again and again", async () => {
  const inits: RequestInit[] = [];
  const bodies: string[] = [];
  let n = 0;
  const events = connect(URL_, {
    method: "POST",
    reconnect: "always",
    ...AT_ONCE,
    body: () => streamOf(utf8(`question ${++n}`)),
    async fetch(_, init = {}) {
      inits.push(init);
      bodies.push(await new Response(init.body).text());
      return n < 3
        ? eventStream("data: a\n\n")
        : new Response(null, { status: 204 });
    },
  });
  await collect(events);
  assertEquals(bodies, ["question 1", "question 2", "question 3"]);
  for (const init of inits) {
    assertEquals((init as { duplex?: string }).duplex, "half");
  }
});

for (
  const body of [
    "question",
    new URLSearchParams({ a: "1" }),
    utf8("question"),
    new Blob(["question"]),
  ]
) {
  Deno.test(`connect sends ${body.constructor.name} again as it is`, async () => {
    const { fetch, requests } = fakeFetch(eventStream("data: a\n\n"));
    await collect(
      connect(URL_, {
        fetch,
        method: "POST",
        reconnect: true,
        body,
        ...AT_ONCE,
      }),
    );
    const [first, second] = await Promise.all(
      requests.map((request) => request.text()),
    );
    assertEquals(first, await new Response(body).text());
    assertEquals(second, first);
  });
}

Deno.test("connect can refresh a token at a 401, which is tried at once", async () => {
  using clock = fakeClock();
  let token = "old";
  const refused = liveStream({ status: 401 });
  const { fetch, requests } = fakeFetch(
    refused.response,
    eventStream("data: a\n\n"),
  );
  const notices: unknown[] = [];
  const events = connect(URL_, {
    fetch,
    headers: () => ({ authorization: `Bearer ${token}` }),
    async onResponse({ status }) {
      if (status !== 401) return;
      token = await Promise.resolve("new");
      return "reconnect";
    },
    onReconnect: ({ attempt, delay, cause }) => {
      notices.push([attempt, delay, cause instanceof EventStreamResponseError]);
    },
  });
  const next = events[Symbol.asyncIterator]().next();
  await settle();
  await clock.tick(0);
  assertEquals((await next).value?.data, "a");
  assertEquals(
    requests.map(({ headers }) => headers.get("authorization")),
    ["Bearer old", "Bearer new"],
  );
  assertEquals(notices, [[1, 0, true]]);
  assertEquals(refused.cancels.length, 1);
  events.close();
  assertEquals(clock.timers, 0);
});

Deno.test("connect makes no storm of 401s that are not mended", async () => {
  using clock = fakeClock();
  const { fetch, requests } = fakeFetch(
    ...Array.from(
      { length: 100 },
      () => () => new Response("", { status: 401 }),
    ),
  );
  const events = connect(URL_, {
    fetch,
    onResponse: () => "reconnect",
    maxDelay: 0,
  });
  const next = events[Symbol.asyncIterator]().next();
  await clock.tick(10_000);
  assert(requests.length <= 12, `${requests.length} requests`);
  events.close();
  await next;
});

for (
  const [answer, status, expected] of [
    [undefined, 200, "open"],
    [undefined, 503, "reconnect"],
    [undefined, 404, "fail"],
    ["fail", 200, "fail"],
    ["fail", 503, "fail"],
    ["fail", 204, "fail"],
    ["reconnect", 200, "reconnect"],
    ["reconnect", 404, "reconnect"],
    ["reconnect", 204, "reconnect"],
  ] as const
) {
  Deno.test(`connect does ${expected} if onResponse answers ${answer} to a ${status}`, async () => {
    using clock = fakeClock();
    const response = status === 204
      ? new Response(null, { status })
      : new Response("data: a\n\n", {
        status,
        headers: { "content-type": "text/event-stream" },
      });
    const { fetch, requests } = fakeFetch(response);
    let calls = 0;
    const events = connect(URL_, {
      fetch,
      onResponse: () => calls++ === 0 ? answer : undefined,
    });
    const all = collect(events).then(
      (events) => events.length,
      (error) => error,
    );
    await clock.tick(60_000);
    const result = await all;
    if (expected === "fail") {
      assert(result instanceof EventStreamResponseError);
      assert(!result.response.bodyUsed);
    } else assertEquals(result, expected === "open" ? 1 : 0);
    assertEquals(requests.length, expected === "fail" ? 1 : 2);
  });
}

Deno.test("onResponse may read the body of a refusal, and leave the rest to connect", async () => {
  using clock = fakeClock();
  const { fetch, requests } = fakeFetch(
    () => new Response("its own words", { status: 503 }),
  );
  const words: string[] = [];
  const all = collect(connect(URL_, {
    fetch,
    async onResponse(response) {
      if (response.status === 503) words.push(await response.text());
    },
  }));
  await clock.tick(60_000);
  await all;
  assertEquals(words, ["its own words"]);
  assertEquals(requests.length, 2);
});

for (
  const [what, url, options] of [
    ["a scheme that fetch does not know", "localhost:8080/events", {}],
    ["a body with GET", "http://localhost/", { body: "x" }],
  ] as const
) {
  Deno.test(`connect refuses ${what}, which no other attempt would mend`, () => {
    assertThrows(() => connect(url, options), TypeError, "Cannot connect");
  });
}

Deno.test("connect refuses an id that is too long for a header", async () => {
  const { fetch, requests } = fakeFetch();
  const lastEventId = "x".repeat(10_000);
  const error = await assertRejects(
    () => collect(connect(URL_, { fetch, lastEventId })),
    EventBuildError,
    "Cannot request event stream",
  );
  assertEquals([error.field, requests.length], ["id", 0]);
});

Deno.test("connect refuses an answer of onResponse that is none", async () => {
  const { fetch } = fakeFetch(eventStream("data: a\n\n"));
  const onResponse = () => true as unknown as undefined;
  await assertRejects(
    () => collect(connect(URL_, { fetch, onResponse })),
    TypeError,
    "onResponse",
  );
});

Deno.test("connect starts from a Last-Event-ID among its headers, and moves on", async () => {
  const { fetch, requests } = fakeFetch(
    eventStream("id: 7\ndata: a\n\n"),
    eventStream("id\ndata: b\n\n"),
    eventStream(""),
  );
  const headers = { "last-event-id": "5" };
  const options = { fetch, headers, initialDelay: 0, maxDelay: 0 };
  await collect(connect(URL_, options));
  assertEquals(
    requests.map(({ headers }) => headers.get("last-event-id")),
    ["5", "7", null, null],
  );
});

Deno.test("connect sends a POST again whose 401 was mended, once", async () => {
  const { fetch, requests } = fakeFetch(
    new Response(null, { status: 401 }),
    eventStream("data: a\n\n"),
  );
  const events = connect(URL_, {
    fetch,
    method: "POST",
    body: "question",
    onResponse: ({ status }) => status === 401 ? "reconnect" : undefined,
  });
  assertEquals((await collect(events)).map(({ data }) => data), ["a"]);
  assertEquals(await requests[1].text(), "question");
});

Deno.test("connect takes no 204 for the closing event", async () => {
  const { fetch } = fakeFetch(
    eventStream("data: half an answer\n\n"),
    new Response(null, { status: 204 }),
  );
  const until = ({ data }: { data?: string }) => data === "[DONE]";
  await assertRejects(
    () =>
      collect(
        connect(URL_, { fetch, until, initialDelay: 0, maxDelay: 0 }),
      ),
    IncompleteStreamError,
  );
});

Deno.test("connect has the place kept of blocks without data before the end", async () => {
  const { fetch } = fakeFetch(
    eventStream("id: 1\ndata: a\n\nid: 2\n\n"),
    new Response(null, { status: 204 }),
  );
  const places: string[] = [];
  await collect(connect(URL_, {
    fetch,
    initialDelay: 0,
    maxDelay: 0,
    onCheckpoint: (place) => void places.push(place),
  }));
  assertEquals(places, ["1", "2"]);
});
