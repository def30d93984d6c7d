import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertThrows,
} from "@std/assert";
import { jsonData } from "../../mod.ts";
import {
  EventBuildError,
  eventStreamResponse,
  type EventStreamResponseOptions,
  type ServerSentEventSource,
} from "../../server.ts";
import { textReader } from "../helpers/bodies.ts";
import { fakeClock } from "../helpers/clock.ts";
import { observedIterable } from "../helpers/iterables.ts";
import { ObservedAbortController } from "../helpers/signals.ts";
import { observedSource, streamOf } from "../helpers/streams.ts";

/** The headers of a response whose body is not wanted. */
async function headersOf(headers?: HeadersInit): Promise<Headers> {
  const response = eventStreamResponse([], { headers });
  await response.body?.cancel();
  return response.headers;
}

Deno.test("eventStreamResponse sets the headers of an event stream", async () => {
  assertEquals(Object.fromEntries(await headersOf()), {
    "cache-control": "no-cache, no-transform",
    "content-type": "text/event-stream",
    "x-accel-buffering": "no",
  });
});

const INITS: readonly [kind: string, init: HeadersInit][] = [
  ["an object", { "Cache-Control": "no-store", "X-Request-Id": "7" }],
  ["an array", [["cache-control", "no-store"], ["x-request-id", "7"]]],
  [
    "a Headers",
    new Headers({ "cache-control": "no-store", "x-request-id": "7" }),
  ],
];

for (const [kind, init] of INITS) {
  Deno.test(`eventStreamResponse prefers the caller's headers, given as ${kind}`, async () => {
    assertEquals(Object.fromEntries(await headersOf(init)), {
      "cache-control": "no-store",
      "content-type": "text/event-stream",
      "x-accel-buffering": "no",
      "x-request-id": "7",
    });
  });
}

Deno.test("eventStreamResponse takes a content type with a charset from the caller", async () => {
  const type = "text/event-stream;charset=utf-8";
  const headers = await headersOf({ "Content-Type": type });
  assertEquals(headers.get("content-type"), type);
});

Deno.test("eventStreamResponse keeps each cookie of the caller", async () => {
  const headers = await headersOf([
    ["set-cookie", "a=1; Path=/"],
    ["set-cookie", "b=2; Path=/"],
  ]);
  assertEquals(headers.getSetCookie(), ["a=1; Path=/", "b=2; Path=/"]);
});

Deno.test("eventStreamResponse does not change the caller's headers", async () => {
  const headers = new Headers({ "x-request-id": "7" });
  await headersOf(headers);
  assertEquals([...headers], [["x-request-id", "7"]]);
});

Deno.test("eventStreamResponse answers with status 200", async () => {
  const response = eventStreamResponse([]);
  assertEquals(response.status, 200);
  await response.body?.cancel();
});

Deno.test("eventStreamResponse answers with the status of the caller", async () => {
  const response = eventStreamResponse([{ data: "a" }], { status: 503 });
  assertEquals(response.status, 503);
  assertEquals(await response.text(), ": keep-alive 8000\n\ndata: a\n\n");
});

const OPENINGS: readonly [
  what: string,
  options: EventStreamResponseOptions,
  opening: string,
][] = [
  ["by default", {}, ": keep-alive 8000\n\n"],
  [
    "with undefined options",
    { keepAlive: undefined, retry: undefined },
    ": keep-alive 8000\n\n",
  ],
  [
    "with an interval",
    { keepAlive: { interval: 2500 } },
    ": keep-alive 2500\n\n",
  ],
  [
    "with a keep-alive comment",
    { keepAlive: { comment: "ping" } },
    ": keep-alive 8000\n\n",
  ],
  [
    "with a keep-alive event",
    { keepAlive: { event: { event: "ping", data: "" } } },
    ": keep-alive 8000\n\n",
  ],
  ["with a retry", { retry: 3000 }, ": keep-alive 8000\nretry: 3000\n\n"],
  ["with the least retry", { retry: 0 }, ": keep-alive 8000\nretry: 0\n\n"],
  ["without keep-alive", { keepAlive: false }, ": \n\n"],
  [
    "without keep-alive, with a retry",
    { keepAlive: false, retry: 3000 },
    ": \nretry: 3000\n\n",
  ],
];

for (const [what, options, opening] of OPENINGS) {
  Deno.test(`eventStreamResponse opens in one chunk ${what}`, async () => {
    using _clock = fakeClock();
    const { stream } = observedSource<{ data: string }>([], "wait");
    const body = textReader(eventStreamResponse(stream, options));
    assertEquals(await body.read(), opening);
    await body.cancel();
  });

  Deno.test(`eventStreamResponse sends the opening alone of no events ${what}`, async () => {
    assertEquals(await eventStreamResponse([], options).text(), opening);
  });
}

Deno.test("eventStreamResponse writes all fields of an event, and not its lastEventId", async () => {
  const event = {
    data: "a\r\nb\rc",
    event: "tick",
    id: "7",
    retry: 100,
    comments: ["x", ""],
    lastEventId: "7",
  };
  const response = eventStreamResponse([event], { keepAlive: false });
  assertEquals(
    await response.text(),
    ": \n\n: x\n: \nevent: tick\nid: 7\nretry: 100\ndata: a\ndata: b\ndata: c\n\n",
  );
});

Deno.test("eventStreamResponse writes data with a codec", async () => {
  using clock = fakeClock();
  const response = eventStreamResponse(streamOf({ data: { n: 1 } }), {
    data: jsonData<{ n: number }>(),
  });
  assertEquals(
    await response.text(),
    ': keep-alive 8000\n\ndata: {"n":1}\n\n',
  );
  assertEquals(clock.timers, 0);
});

Deno.test("eventStreamResponse writes the keep-alive event with the codec", async () => {
  using clock = fakeClock();
  const { stream } = observedSource<{ data: { n: number } }>([], "wait");
  const body = textReader(eventStreamResponse(stream, {
    data: jsonData<{ n: number }>(),
    keepAlive: { event: { event: "ping", data: { n: 0 } } },
  }));
  await body.read();
  const read = body.read();
  await clock.tick(8000);
  assertEquals(await read, 'event: ping\ndata: {"n":0}\n\n');
  await body.cancel();
});

const NO_SOURCES: readonly [what: string, source: unknown][] = [
  ["a string", "data: a\n\n"],
  ["null", null],
  ["undefined", undefined],
  ["a number", 7],
  ["an object", { data: "a" }],
  ["a promise", Promise.resolve([])],
];

for (const [what, source] of NO_SOURCES) {
  Deno.test(`eventStreamResponse refuses ${what} as its source`, () => {
    const error = assertThrows(
      () => eventStreamResponse(source as ServerSentEventSource),
      TypeError,
    );
    assertEquals(error.name, "TypeError");
  });
}

Deno.test("eventStreamResponse refuses a stream that is locked", () => {
  const stream = streamOf({ data: "a" });
  const reader = stream.getReader();
  assertThrows(() => eventStreamResponse(stream), TypeError);
  reader.releaseLock();
});

/** Options that are refused, with the error. */
const REFUSED: readonly (readonly [
  what: string,
  options: EventStreamResponseOptions,
  errorClass: new (...parameters: never[]) => Error,
])[] = [
  ...[0, 0.5, -1, NaN, Infinity, 2 ** 31].map((interval) =>
    [
      `an interval of ${interval} ms`,
      { keepAlive: { interval } },
      RangeError,
    ] as const
  ),
  ...[-1, 1.5, NaN, Infinity, 2 ** 53].map((retry) =>
    [`a retry of ${retry} ms`, { retry }, EventBuildError] as const
  ),
  [
    "a keep-alive event with an id",
    { keepAlive: { event: { data: "a", id: "1" } } },
    EventBuildError,
  ],
  [
    "a keep-alive event with an id that resets",
    { keepAlive: { event: { data: "a", id: "" } } },
    EventBuildError,
  ],
  [
    "a keep-alive event with nothing to write",
    { keepAlive: { event: {} } },
    EventBuildError,
  ],
  [
    "a keep-alive comment with a line end",
    { keepAlive: { comment: "a\ndata: b" } },
    EventBuildError,
  ],
  ["a status beyond 599", { status: 600 }, RangeError],
  ["a header that is none", { headers: { "a b": "c" } }, TypeError],
];

for (const [what, options, errorClass] of REFUSED) {
  Deno.test(`eventStreamResponse refuses ${what}`, () => {
    assertInstanceOf(
      assertThrows(() => eventStreamResponse([], options)),
      errorClass,
    );
  });

  Deno.test(`eventStreamResponse leaves its source and signal alone when it refuses ${what}`, () => {
    const { stream, pulls } = observedSource([{ data: "a" }]);
    const controller = new ObservedAbortController();
    const { signal } = controller;
    assertThrows(() => eventStreamResponse(stream, { ...options, signal }));
    assert(!stream.locked);
    assertEquals(pulls(), 0);
    assertEquals(controller.listeners, 0);
  });
}

Deno.test("eventStreamResponse has asked an iterable for nothing when it refuses an option", () => {
  const { iterable, nexts, returns } = observedIterable([{ data: "a" }]);
  assertThrows(() => eventStreamResponse(iterable, { retry: -1 }));
  assertEquals([nexts(), returns()], [0, 0]);
});
