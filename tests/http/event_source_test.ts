import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  EventSource,
  type EventSourceErrorEvent,
  EventStreamResponseError,
} from "../../client.ts";
import { fakeClock } from "../helpers/clock.ts";
import {
  eventStream,
  type FakeAnswer,
  fakeFetch,
  liveStream,
} from "../helpers/fake_fetch.ts";
import { misbehave } from "../helpers/misbehaving_server.ts";
import { settle } from "../helpers/settle.ts";
import { observedSource } from "../helpers/streams.ts";
import { utf8 } from "../helpers/bytes.ts";

const URL_ = "http://localhost/events";
/** What does not end must not hold up all the other tests. */
const PATIENCE = { timeout: 10_000 };

/** A source, and the types of the events that it dispatches, with what matters about them. */
function open(answers: readonly FakeAnswer[], types: readonly string[] = []) {
  const { fetch, requests } = fakeFetch(...answers);
  const source = new EventSource(URL_, { fetch });
  const log: unknown[] = [];
  source.addEventListener("open", () => log.push(["open", source.readyState]));
  source.addEventListener(
    "error",
    () => log.push(["error", source.readyState]),
  );
  for (const type of ["message", ...types]) {
    source.addEventListener(type, ({ data, lastEventId }) => {
      log.push([type, data, lastEventId]);
    });
  }
  return { source, requests, log };
}

/** The next event of a type. */
function once(source: EventSource, type: string): Promise<Event> {
  return new Promise((resolve) =>
    source.addEventListener(type, resolve, { once: true })
  );
}

Deno.test("EventSource has its constants, on the class and on the instances", () => {
  const source = new EventSource(URL_, { fetch: fakeFetch().fetch });
  source.close();
  for (const object of [EventSource, EventSource.prototype, source]) {
    assertEquals(object.CONNECTING, 0);
    assertEquals(object.OPEN, 1);
    assertEquals(object.CLOSED, 2);
  }
});

Deno.test("EventSource does not let its constants be changed", () => {
  for (const object of [EventSource, EventSource.prototype]) {
    for (const name of ["CONNECTING", "OPEN", "CLOSED"]) {
      const descriptor = Object.getOwnPropertyDescriptor(object, name);
      assert(descriptor !== undefined, name);
      // Without a value there is a getter: nothing can be written without a setter.
      const isWritable = descriptor.writable ?? descriptor.set !== undefined;
      assert(!isWritable, name);
    }
  }
});

Deno.test("EventSource takes one argument at least, and needs new", () => {
  assertEquals(EventSource.length, 1);
  assertEquals(EventSource.name, "EventSource");
  const call = EventSource as unknown as (url: string) => void;
  assertThrows(() => call(URL_), TypeError);
  const Bare = EventSource as unknown as new () => EventSource;
  assertThrows(() => new Bare());
});

Deno.test("EventSource is an EventTarget", () => {
  const source = new EventSource(URL_, { fetch: fakeFetch().fetch });
  assertInstanceOf(source, EventTarget);
  source.close();
});

for (
  const url of [
    "",
    "/events",
    "http://",
    "http://this is invalid/",
    "//",
    "nonsense",
  ]
) {
  Deno.test(`EventSource refuses the URL ${JSON.stringify(url)} with a SyntaxError`, () => {
    const error = assertThrows(() => new EventSource(url), DOMException);
    assertEquals(error.name, "SyntaxError");
  });
}

for (
  const [url, resolved] of [
    ["HTTP://LOCALHOST:80/a/../b?c#d", "http://localhost/b?c#d"],
    [new URL("http://localhost/é"), "http://localhost/%C3%A9"],
    [{ toString: () => "http://localhost/x" } as URL, "http://localhost/x"],
    ["mailto:a@example.com", "mailto:a@example.com"],
    ["http://user:secret@localhost/", "http://user:secret@localhost/"],
  ] as const
) {
  Deno.test(`EventSource resolves the URL ${url} to ${resolved}`, () => {
    const source = new EventSource(url, { fetch: fakeFetch().fetch });
    assertEquals(source.url, resolved);
    source.close();
  });
}

/** URLs that can be parsed and not be fetched. */
const NOT_FETCHED = [
  "mailto:a@example.com",
  "ftp://localhost/events",
  "about:blank",
  "about:event-stream",
  "javascript:void 0",
  "file:///etc/hostname",
  "ws://localhost/events",
  "nonsense:",
];

for (const url of NOT_FETCHED) {
  Deno.test(`EventSource closes with an error, and not at once, if its URL is ${url}`, async () => {
    using clock = fakeClock();
    const source = new EventSource(url);
    const log: unknown[] = [];
    source.onopen = () => log.push("open");
    source.onerror = ({ error }: EventSourceErrorEvent) => {
      assertInstanceOf(error, TypeError);
      log.push(["error", source.readyState]);
    };
    assertEquals([source.url, source.readyState], [url, 0]);
    await settle();
    assertEquals(log, [["error", 2]]);
    assertEquals(clock.timers, 0);
  });
}

Deno.test("EventSource closes with an error if Request refuses its URL, as that of Node does with credentials", async () => {
  const { Request } = globalThis;
  const refusal = new TypeError("credentials");
  globalThis.Request = class extends Request {
    constructor(...args: ConstructorParameters<typeof Request>) {
      if (String(args[0]).includes("@")) throw refusal;
      super(...args);
    }
  };
  try {
    const url = "http://user:secret@localhost/";
    const source = new EventSource(url);
    assertEquals(source.url, url);
    const { error } = await new Promise<EventSourceErrorEvent>((resolve) => {
      source.onerror = resolve;
    });
    assertStrictEquals(error, refusal);
    assertEquals(source.readyState, 2);
  } finally {
    globalThis.Request = Request;
  }
});

Deno.test("EventSource that is closed at once fires nothing, whatever its URL is", async () => {
  const source = new EventSource("mailto:a@example.com");
  let fired = 0;
  source.onerror = () => fired++;
  source.close();
  await settle();
  assertEquals([source.readyState, fired], [2, 0]);
});

Deno.test("EventSource asks a fetch of the program for a URL of any kind", async () => {
  const live = liveStream();
  const { fetch, requests } = fakeFetch(live.response);
  const source = new EventSource("mailto:a@example.com", { fetch });
  await once(source, "open");
  assertEquals(requests[0].url, "mailto:a@example.com");
  source.close();
});

for (
  const make of [
    () => "data:text/event-stream,data:%20a%0A%0A",
    () => {
      const type = "text/event-stream";
      return URL.createObjectURL(new Blob(["data: a\n\n"], { type }));
    },
  ]
) {
  const url = make();
  Deno.test(`EventSource reads what fetch gets without a network, from ${url.slice(0, 5)}`, async () => {
    const source = new EventSource(url);
    const event = await once(source, "message");
    assertInstanceOf(event, MessageEvent);
    assertEquals([event.data, event.origin], ["a", new URL(url).origin]);
    source.close();
    if (url.startsWith("blob:")) URL.revokeObjectURL(url);
  });
}

Deno.test("EventSource resolves a URL relative to the page", () => {
  const page = globalThis as { document?: unknown };
  page.document = { baseURI: "http://localhost/a/b.html" };
  try {
    const source = new EventSource("../events", { fetch: fakeFetch().fetch });
    assertEquals(source.url, "http://localhost/events");
    source.close();
  } finally {
    delete page.document;
  }
});

for (
  const [init, expected] of [
    [undefined, false],
    [{}, false],
    [{ withCredentials: undefined }, false],
    [{ withCredentials: false }, false],
    [{ withCredentials: true }, true],
    [{ withCredentials: "x" as unknown as boolean }, true],
    [{ withCredentials: 0 as unknown as boolean }, false],
  ] as const
) {
  Deno.test(`EventSource says withCredentials ${expected} for ${Deno.inspect(init)}`, async () => {
    const inits: (RequestInit | undefined)[] = [];
    const source = new EventSource(URL_, {
      ...init,
      fetch(_, init) {
        inits.push(init);
        return Promise.resolve(new Response(null, { status: 204 }));
      },
    });
    assertStrictEquals(source.withCredentials, expected);
    await once(source, "error");
    assertEquals(inits[0]?.credentials === "include", expected);
  });
}

Deno.test("EventSource takes null for its init, as WebIDL does", () => {
  const { fetch: original } = globalThis;
  globalThis.fetch = fakeFetch().fetch;
  try {
    const source = new EventSource(URL_, null as unknown as undefined);
    source.close();
  } finally {
    globalThis.fetch = original;
  }
});

Deno.test("EventSource is connecting, then open, and closed when it is closed", async () => {
  const live = liveStream();
  const { source, log } = open([live.response]);
  assertEquals(source.readyState, EventSource.CONNECTING);
  await once(source, "open");
  assertEquals(source.readyState, EventSource.OPEN);
  source.close();
  assertEquals(source.readyState, EventSource.CLOSED);
  await settle();
  assertEquals(log, [["open", 1]]);
  assertEquals(live.cancels.length, 1);
});

Deno.test("EventSource does not begin before the program can listen", async () => {
  const { source, log } = open([eventStream("data: a\n\n")]);
  await once(source, "message");
  source.close();
  assertEquals(log, [["open", 1], ["message", "a", ""]]);
});

Deno.test("EventSource asks for an event stream, and for no answer of a cache", async () => {
  const { source, requests } = open([liveStream().response]);
  await once(source, "open");
  source.close();
  assertEquals(requests[0].method, "GET");
  assertEquals(requests[0].url, URL_);
  assertEquals(Object.fromEntries(requests[0].headers), {
    accept: "text/event-stream",
    "cache-control": "no-cache",
  });
});

Deno.test("EventSource sends the headers of its init, asked for before each request", async () => {
  using clock = fakeClock();
  const { fetch, requests } = fakeFetch(eventStream(), liveStream().response);
  let n = 0;
  const source = new EventSource(URL_, {
    fetch,
    headers: () => Promise.resolve({ authorization: `Bearer ${++n}` }),
  });
  await clock.tick(7000);
  source.close();
  assertEquals(
    requests.map(({ headers }) => headers.get("authorization")),
    ["Bearer 1", "Bearer 2"],
  );
  assertEquals(clock.timers, 0);
});

Deno.test("EventSource closes with an error if its headers function fails", async () => {
  const failure = new Error("no token");
  const { fetch, requests } = fakeFetch();
  const source = new EventSource(URL_, {
    fetch,
    headers: () => Promise.reject(failure),
  });
  const event = await once(source, "error");
  assertEquals(source.readyState, 2);
  assertStrictEquals((event as Event & { error: unknown }).error, failure);
  assertEquals(requests.length, 0);
});

Deno.test("EventSource dispatches MessageEvents with data, last event ID and origin", async () => {
  const live = liveStream();
  const { source } = open([live.response]);
  live.send("id: 1\ndata: a\ndata: b\n\n");
  const event = await once(source, "message");
  assertInstanceOf(event, MessageEvent);
  assertEquals(event.type, "message");
  assertEquals(event.data, "a\nb");
  assertEquals(event.lastEventId, "1");
  assertEquals(event.origin, "http://localhost");
  assertStrictEquals(event.target, source);
  assertEquals([event.bubbles, event.cancelable, event.composed], [
    false,
    false,
    false,
  ]);
  assertEquals([event.source, event.ports.length], [null, 0]);
  source.close();
});

Deno.test("EventSource dispatches by type, and keeps the last event ID", async () => {
  const live = liveStream();
  const { source, log } = open([live.response], ["tick", "größe", " x"]);
  live.send(
    "data: 1\n\nevent: tick\nid: a\ndata: 2\n\ndata: 3\n\nevent: größe\ndata\n\n" +
      "event:  x\ndata: 4\n\nid: b\n\nevent: message\ndata: 5\n\nid\ndata: 6\n\n" +
      "event: unheard\ndata: 7\n\nevent: tick\n\nevent\ndata: 8\n\nevent: open\ndata: 9\n\n",
  );
  await settle();
  await settle();
  assertEquals(log, [
    ["open", 1],
    ["message", "1", ""],
    ["tick", "2", "a"],
    ["message", "3", "a"],
    ["größe", "", "a"],
    [" x", "4", "a"],
    ["message", "5", "b"],
    ["message", "6", ""],
    ["message", "8", ""],
    // A type that a server may give as well.
    ["open", 1],
  ]);
  source.close();
});

Deno.test(
  "EventSource says the origin of the server that it was sent to",
  PATIENCE,
  async () => {
    await using target = misbehave(async (connection) => {
      await connection.eventStream();
      await connection.send("data: a\n\n");
      await connection.gone();
    });
    await using server = misbehave((connection) =>
      connection.head(
        "307 Elsewhere",
        `location: ${target.url}`,
        "content-length: 0",
        "connection: close",
      )
    );
    const source = new EventSource(server.url);
    const event = await once(source, "message");
    source.close();
    assertEquals((event as MessageEvent).origin, new URL(target.url).origin);
    assertEquals(source.url, server.url);
  },
);

for (
  const type of [
    "text/event-stream",
    "text/event-stream;",
    "text/event-stream;charset=utf-8",
    "text/event-stream;charset=windows-1251",
    "text/event-stream; charset=x; a=b",
    "TEXT/Event-Stream",
    " text/event-stream ",
  ]
) {
  Deno.test(`EventSource opens a response of the type ${JSON.stringify(type)}`, async () => {
    const { source } = open([eventStream("data: é\n\n", type)]);
    const event = await once(source, "message");
    source.close();
    // Always UTF-8.
    assertEquals((event as MessageEvent).data, "é");
  });
}

for (
  const type of [
    "text/event-streamx",
    "xtext/event-stream",
    "text/event stream",
    "text /event-stream",
    "event-stream",
    "text/plain",
    "text/html;a=text/event-stream",
    "text/event-stream, text/html",
    "",
  ]
) {
  Deno.test(`EventSource closes at a response of the type ${JSON.stringify(type)}`, async () => {
    using clock = fakeClock();
    const live = liveStream({ headers: { "content-type": type } });
    const { source, requests, log } = open([live.response]);
    await clock.tick(100_000);
    assertEquals(log, [["error", 2]]);
    assertEquals(source.readyState, 2);
    assertEquals(requests.length, 1);
    assertEquals(live.cancels.length, 1);
    assertEquals(clock.timers, 0);
  });
}

for (
  const status of [
    201,
    202,
    204,
    205,
    206,
    299,
    304,
    400,
    401,
    404,
    408,
    410,
    425,
    429,
    500,
    502,
    503,
    504,
    599,
  ]
) {
  Deno.test(`EventSource closes at status ${status}`, async () => {
    using clock = fakeClock();
    const headers = { "content-type": "text/event-stream", "retry-after": "1" };
    const body = [204, 205, 304].includes(status) ? null : "data: a\n\n";
    const { source, requests, log } = open([
      new Response(body, { status, headers }),
    ]);
    await clock.tick(100_000);
    assertEquals(log, [["error", 2]]);
    assertEquals(source.readyState, 2);
    assertEquals(requests.length, 1);
    assertEquals(clock.timers, 0);
  });
}

Deno.test("EventSource says with its error what went wrong, and lets a listener read the response", async () => {
  const { source } = open([new Response("its own words", { status: 401 })]);
  const { event, words } = await new Promise<
    { event: EventSourceErrorEvent; words: Promise<string> }
  >((resolve) => {
    source.onerror = (event) => {
      assertInstanceOf(event.error, EventStreamResponseError);
      resolve({ event, words: event.error.response.text() });
    };
  });
  assertEquals(event.type, "error");
  assertEquals([event.bubbles, event.cancelable], [false, false]);
  assertEquals(await words, "its own words");
});

Deno.test("EventSource connects again when the server ends the stream, after 3 s at least", async () => {
  using clock = fakeClock();
  const second = liveStream();
  second.send("data: b\n\n");
  const { source, requests, log } = open([
    eventStream("id: 1\ndata: a\n\nid: lost\ndata: lost"),
    second.response,
  ]);
  await clock.tick(2999);
  assertEquals(log, [["open", 1], ["message", "a", "1"], ["error", 0]]);
  assertEquals(source.readyState, 0);
  assertEquals(requests.length, 1);
  await clock.tick(3001);
  assertEquals(requests.length, 2);
  assertEquals(requests[1].headers.get("last-event-id"), "1");
  assertEquals(log.slice(3), [["open", 1], ["message", "b", "1"]]);
  source.close();
  await settle();
  assertEquals(clock.timers, 0);
});

for (
  const [what, answer] of [
    ["a network error", () => new TypeError("network")],
    ["a stream that breaks", () => {
      const live = liveStream();
      live.fail(new TypeError("reset"));
      return live.response;
    }],
  ] as const
) {
  Deno.test(`EventSource connects again after ${what}`, async () => {
    using clock = fakeClock();
    const second = liveStream();
    second.send("data: a\n\n");
    const { source, requests, log } = open([answer(), second.response]);
    await clock.tick(6001);
    assertEquals(requests.length, 2);
    assertEquals(log.filter((entry) => (entry as unknown[])[0] !== "open"), [
      ["error", 0],
      ["message", "a", ""],
    ]);
    source.close();
  });
}

Deno.test(
  "EventSource connects again after a reset, with the bytes of its id",
  PATIENCE,
  async () => {
    const received = Promise.withResolvers<void>();
    await using server = misbehave(async (connection) => {
      await connection.eventStream();
      await connection.send("retry: 1\nid: é日\ndata: a\n\nid: lost\n");
      // A reset may overtake what was sent before it.
      await received.promise;
      connection.reset();
    }, async (connection) => {
      await connection.eventStream();
      await connection.gone();
    });
    const source = new EventSource(server.url);
    source.onmessage = () => received.resolve();
    await server.nextRequest();
    const { headers } = await server.nextRequest();
    source.close();
    assertEquals(
      headers.get("last-event-id"),
      String.fromCharCode(...utf8("é日")),
    );
  },
);

// HTML, section 9.2.3: "wait a delay equal to the reconnection time", and more only
// if the attempt before has failed. The Web Platform Tests allow for a tenth.
for (const retry of ["2000", "02000", "2000\nretry: 1000x", "60000"]) {
  Deno.test(`EventSource waits for what ${JSON.stringify(`retry: ${retry}`)} says, and hardly longer`, async () => {
    using clock = fakeClock();
    const { random } = Math;
    Math.random = () => 0.999;
    try {
      const { source, requests } = open([
        eventStream(`retry: ${retry}\ndata: x\n\n`),
        liveStream().response,
      ]);
      const delay = parseInt(retry);
      await clock.tick(delay - 1);
      assertEquals(requests.length, 1);
      await clock.tick(1 + delay / 10);
      assertEquals(requests.length, 2);
      source.close();
      await settle();
      assertEquals(clock.timers, 0);
    } finally {
      Math.random = random;
    }
  });
}

Deno.test("EventSource waits for what retry says", async () => {
  using clock = fakeClock();
  const { source, requests } = open([
    eventStream("retry: 60000\n\n"),
    liveStream().response,
  ]);
  await clock.tick(59_999);
  assertEquals(requests.length, 1);
  await clock.tick(3001);
  assertEquals(requests.length, 2);
  assertEquals(source.reconnectionTime, 60_000);
  source.close();
  await settle();
  assertEquals(clock.timers, 0);
});

Deno.test("EventSource forgets an id that was reset", async () => {
  using clock = fakeClock();
  const { source, requests } = open([
    eventStream("id: 1\ndata: a\n\n"),
    eventStream("id:\n\n"),
    liveStream().response,
  ]);
  await clock.tick(20_000);
  source.close();
  assertEquals(
    requests.map(({ headers }) => headers.get("last-event-id")),
    [null, "1", null],
  );
});

/** A source that does nothing by itself. */
function idle(): EventSource {
  const source = new EventSource(URL_, { fetch: fakeFetch().fetch });
  source.close();
  return source;
}

/** What every `on…` attribute does. */
const HANDLERS = [
  ["onopen", "open"],
  ["onmessage", "message"],
  ["onerror", "error"],
] as const;

for (const [attribute, type] of HANDLERS) {
  const dispatch = (source: EventSource) =>
    source.dispatchEvent(new Event(type));

  Deno.test(`EventSource calls ${attribute} with the event, and itself as this`, () => {
    const source = idle();
    const calls: unknown[][] = [];
    source[attribute] = function (...parameters: unknown[]) {
      calls.push([this, ...parameters]);
    };
    const event = new Event(type);
    source.dispatchEvent(event);
    assertEquals(calls.length, 1);
    assertEquals(calls[0].length, 2);
    assertStrictEquals(calls[0][0], source);
    assertStrictEquals(calls[0][1], event);
  });

  Deno.test(`EventSource has no ${attribute} at first, and gives back the one that is set`, () => {
    const source = idle();
    assertStrictEquals(source[attribute], null);
    const handler = () => {};
    source[attribute] = handler;
    assertStrictEquals(source[attribute], handler);
    source[attribute] = null;
    assertStrictEquals(source[attribute], null);
    dispatch(source);
  });

  Deno.test(`EventSource takes what is no object for no ${attribute}`, () => {
    const source = idle();
    let calls = 0;
    for (const value of [undefined, 1, "x", true, Symbol("x"), 1n]) {
      source[attribute] = () => void calls++;
      source[attribute] = value as unknown as null;
      assertStrictEquals(source[attribute], null);
    }
    dispatch(source);
    assertEquals(calls, 0);
  });

  Deno.test(`EventSource gives back an object as ${attribute}, and does not call it`, () => {
    const source = idle();
    let calls = 0;
    const object = { handleEvent: () => void calls++ };
    source[attribute] = object as unknown as null;
    assertStrictEquals<unknown>(source[attribute], object);
    dispatch(source);
    assertEquals(calls, 0);
  });

  Deno.test(`EventSource calls ${attribute} at its place among the listeners`, () => {
    const source = idle();
    const calls: string[] = [];
    const add = (name: string) =>
      source.addEventListener(type, () => void calls.push(name));
    const handler = (name: string) => () => void calls.push(name);
    add("first");
    source[attribute] = handler("old");
    add("second");
    // It keeps the place.
    source[attribute] = handler("new");
    dispatch(source);
    assertEquals(calls.splice(0), ["first", "new", "second"]);
    source[attribute] = null;
    dispatch(source);
    assertEquals(calls.splice(0), ["first", "second"]);
    // It takes a new place.
    source[attribute] = handler("newest");
    dispatch(source);
    assertEquals(calls, ["first", "second", "newest"]);
  });

  Deno.test(`EventSource calls an ${attribute} that is also a listener twice`, () => {
    const source = idle();
    let calls = 0;
    const handler = () => void calls++;
    source[attribute] = handler;
    source.addEventListener(type, handler);
    dispatch(source);
    assertEquals(calls, 2);
    source.removeEventListener(type, handler);
    dispatch(source);
    assertEquals(calls, 3);
  });

  Deno.test(`EventSource cancels a cancelable event if ${attribute} returns false`, () => {
    const source = idle();
    const event = new Event(type, { cancelable: true });
    source[attribute] = () => false;
    source.dispatchEvent(event);
    assert(event.defaultPrevented);
  });
}

Deno.test("close() at once makes no request, and fires nothing", async () => {
  using clock = fakeClock();
  const { source, log } = open([eventStream("data: a\n\n")]);
  source.close();
  source.close();
  assertEquals(source.readyState, 2);
  await clock.tick(100_000);
  assertEquals(log, []);
  assertEquals(clock.timers, 0);
});

for (let steps = 0; steps < 40; steps++) {
  Deno.test(`close() ${steps} microtasks after the constructor ends it, and fires nothing more`, async () => {
    using clock = fakeClock();
    const live = liveStream();
    live.send("data: a\n\ndata: b\n\n");
    const { source, requests, log } = open([live.response]);
    for (let i = 0; i < steps; i++) await undefined;
    const before = log.length;
    source.close();
    await clock.tick(100_000);
    assertEquals(source.readyState, 2);
    assertEquals(log.length, before);
    assert(requests.length <= 1);
    assertEquals(live.cancels.length, requests.length);
    assertEquals(clock.timers, 0);
  });
}

Deno.test("close() while a request is under way ends it, and fires nothing", async () => {
  using clock = fakeClock();
  const { source, requests, log } = open([() => new Promise(() => {})]);
  await settle();
  source.close();
  await settle();
  assert(requests[0].signal.aborted);
  assertEquals(log, []);
  assertEquals(clock.timers, 0);
});

Deno.test("close() in a listener of open ends the stream", async () => {
  const live = liveStream();
  live.send("data: a\n\n");
  const { source, log } = open([live.response]);
  source.addEventListener("open", () => source.close());
  await settle();
  await settle();
  assertEquals(log, [["open", 1]]);
  assertEquals(source.readyState, 2);
  assertEquals(live.cancels.length, 1);
});

Deno.test("close() in a listener stops the rest of the chunk", async () => {
  const live = liveStream();
  live.send("data: a\n\ndata: b\n\ndata: c\n\n");
  const { source, log } = open([live.response]);
  source.addEventListener("message", ({ data }) => {
    if (data === "b") source.close();
  });
  await settle();
  await settle();
  assertEquals(log, [["open", 1], ["message", "a", ""], ["message", "b", ""]]);
  assertEquals(live.cancels.length, 1);
});

Deno.test("close() in a listener of error ends the wait", async () => {
  using clock = fakeClock();
  const { source, requests, log } = open([eventStream("data: a\n\n")]);
  source.onerror = () => source.close();
  await clock.tick(100_000);
  assertEquals(log, [["open", 1], ["message", "a", ""], ["error", 0]]);
  assertEquals(requests.length, 1);
  assertEquals(clock.timers, 0);
});

Deno.test("close() closes the connection", PATIENCE, async () => {
  const left = Promise.withResolvers<void>();
  await using server = misbehave(async (connection) => {
    await connection.eventStream();
    await connection.send("data: a\n\n");
    await connection.gone();
    left.resolve();
  });
  const source = new EventSource(server.url);
  await once(source, "message");
  source.close();
  await left.promise;
});

Deno.test("EventSource goes on when a listener throws, which the runtime reports", async () => {
  const reported: unknown[] = [];
  const report = (event: ErrorEvent) => {
    event.preventDefault();
    reported.push(event.error);
  };
  globalThis.addEventListener("error", report);
  try {
    const live = liveStream();
    live.send("data: a\n\ndata: b\n\n");
    const { fetch } = fakeFetch(live.response);
    const source = new EventSource(URL_, { fetch });
    const failure = new Error("listener");
    const seen: unknown[] = [];
    const fail = () => {
      throw failure;
    };
    source.onopen = fail;
    source.onmessage = fail;
    source.addEventListener("message", ({ data }) => seen.push(data));
    await settle();
    await settle();
    assertEquals(seen, ["a", "b"]);
    assertEquals(source.readyState, 1);
    assertEquals(reported, [failure, failure, failure]);
    source.close();
  } finally {
    globalThis.removeEventListener("error", report);
  }
});

Deno.test("fromReadableStream dispatches the events of a stream, and closes at its end", async () => {
  using clock = fakeClock();
  const source = EventSource.fromReadableStream(
    new Response("id: 1\nevent: tick\ndata: a\n\ndata: b\n\ndata: c").body!,
  );
  assertInstanceOf(source, EventSource);
  assertEquals(source.readyState, 0);
  assertEquals(source.withCredentials, false);
  const log: unknown[] = [];
  source.addEventListener("tick", ({ data }) => log.push(data));
  source.onopen = () => log.push("open");
  source.onmessage = ({ data, lastEventId }) => log.push([data, lastEventId]);
  source.onerror = () => log.push(["error", source.readyState]);
  await clock.tick(100_000);
  assertEquals(log, ["open", "a", ["b", "1"], ["error", 2]]);
  assertEquals(clock.timers, 0);
});

Deno.test("fromReadableStream says what it reads from, and where it is", async () => {
  const pipe = new TransformStream<Uint8Array, Uint8Array>();
  const source = EventSource.fromReadableStream(pipe.readable);
  assertEquals(source.url, "about:event-stream");
  assertEquals(source.lastEventId, "");
  assert(source.reconnectionTime > 0);
  const message = once(source, "message");
  const first = new Response("\ufeffretry: 5\nid: 42\ndata: a\n\n").body!;
  await first.pipeTo(pipe.writable, { preventClose: true });
  const event = await message as MessageEvent;
  // An opaque origin.
  assertEquals(event.origin, "null");
  assertEquals([event.data, event.lastEventId], ["a", "42"]);
  assertEquals([source.lastEventId, source.reconnectionTime], ["42", 5]);
  const second = once(source, "message");
  await new Response("data: b\n\n").body!.pipeTo(pipe.writable);
  assertEquals((await second as MessageEvent).lastEventId, "42");
  if (source.readyState !== EventSource.CLOSED) await once(source, "error");
  assertEquals(source.readyState, 2);
});

Deno.test("fromReadableStream closes with the error of its stream", async () => {
  const failure = new Error("broken");
  const { stream } = observedSource([utf8("data: a\n\n")], { error: failure });
  const source = EventSource.fromReadableStream(stream);
  const event = await once(source, "error");
  assertEquals(source.readyState, 2);
  assertStrictEquals((event as Event & { error: unknown }).error, failure);
});

Deno.test("fromReadableStream cancels its stream when it is closed", async () => {
  const { stream, cancelled } = observedSource([utf8("data: a\n\n")], "wait");
  const source = EventSource.fromReadableStream(stream);
  await once(source, "message");
  source.close();
  await cancelled;
});

Deno.test(
  "fromReadableStream cancels its stream when it is closed at once",
  PATIENCE,
  async () => {
    const { stream, cancelled } = observedSource([utf8("data: a\n\n")], "wait");
    EventSource.fromReadableStream(stream).close();
    await cancelled;
  },
);

Deno.test("fromReadableStream refuses a stream that is locked", () => {
  const { body } = new Response("data: a\n\n");
  body!.getReader();
  assertThrows(() => EventSource.fromReadableStream(body!), TypeError);
});

Deno.test("EventSource makes no storm of a server that asks for one with retry: 0", async () => {
  using clock = fakeClock();
  const { fetch, requests } = fakeFetch(
    ...Array.from({ length: 9 }, () => () => eventStream("retry: 0\n\n")),
  );
  const source = new EventSource(URL_, { fetch });
  await clock.tick(1000);
  source.close();
  assertEquals(requests.length <= 5, true, `${requests.length}`);
});
