import { assert, assertEquals, assertRejects } from "@std/assert";
import { connect, type EventConnection, EventStream } from "../../client.ts";
import { fakeClock } from "../helpers/clock.ts";
import { eventStream, fakeFetch, liveStream } from "../helpers/fake_fetch.ts";
import {
  type ConnectionScript,
  misbehave,
} from "../helpers/misbehaving_server.ts";
import { isPending, settle } from "../helpers/settle.ts";
import { ObservedAbortController } from "../helpers/signals.ts";
import { collect } from "../helpers/streams.ts";

const URL_ = "http://localhost/events";
const DONE = { done: true, value: undefined } as const;

/** A read that nothing ends but what is tested must not hold up all the other tests. */
const PATIENCE = { timeout: 10_000 };

/** A server that sends two events and then nothing, and that tells when the client has gone. */
function waitingServer() {
  const left = Promise.withResolvers<void>();
  const script: ConnectionScript = async (connection) => {
    await connection.eventStream();
    await connection.send("id: 1\ndata: a\n\nid: 2\ndata: b\n\n");
    await connection.gone();
    left.resolve();
  };
  return { server: misbehave(script), left: left.promise };
}

Deno.test(
  "connect closes the connection at once when its loop is left with break",
  PATIENCE,
  async () => {
    const { server, left } = waitingServer();
    await using _server = server;
    const events = connect(server.url);
    for await (const { data } of events) {
      assertEquals(data, "a");
      break;
    }
    assertEquals(events.readyState, 2);
    assertEquals(events.lastEventId, "1");
    await left;
    assertEquals(server.requests.length, 1);
  },
);

Deno.test(
  "connect closes the connection at once when its loop throws",
  PATIENCE,
  async () => {
    const { server, left } = waitingServer();
    await using _server = server;
    await assertRejects(
      async () => {
        for await (const _ of connect(server.url)) throw new Error("consumer");
      },
      Error,
      "consumer",
    );
    await left;
  },
);

Deno.test(
  "connect closes the connection when it is disposed of",
  PATIENCE,
  async () => {
    const { server, left } = waitingServer();
    await using _server = server;
    {
      await using events = connect(server.url);
      await events[Symbol.asyncIterator]().next();
    }
    await left;
  },
);

Deno.test("connect can be disposed of before anything was asked for", async () => {
  const { fetch, requests } = fakeFetch(eventStream());
  const events = connect(URL_, { fetch });
  await events[Symbol.asyncDispose]();
  await events[Symbol.asyncDispose]();
  assertEquals(events.readyState, 2);
  assertEquals(requests.length, 0);
});

Deno.test(
  "close() inside the loop ends it normally, and closes the connection",
  PATIENCE,
  async () => {
    const { server, left } = waitingServer();
    await using _server = server;
    const events = connect(server.url);
    const seen = [];
    for await (const { data } of events) {
      seen.push(data);
      events.close();
      assertEquals(events.readyState, 2);
    }
    assertEquals(seen, ["a"]);
    await left;
  },
);

Deno.test("close() ends a next() that is pending", PATIENCE, async () => {
  const { server, left } = waitingServer();
  await using _server = server;
  const events = connect(server.url);
  const iterator = events[Symbol.asyncIterator]();
  await iterator.next();
  await iterator.next();
  const next = iterator.next();
  assert(await isPending(next));
  events.close();
  assertEquals(await next, DONE);
  assertEquals(await iterator.next(), DONE);
  await left;
});

Deno.test("return() ends a next() that is pending", PATIENCE, async () => {
  const { server, left } = waitingServer();
  await using _server = server;
  const iterator = connect(server.url)[Symbol.asyncIterator]();
  await iterator.next();
  await iterator.next();
  const next = iterator.next();
  assertEquals(await iterator.return!(), DONE);
  assertEquals(await next, DONE);
  await left;
});

Deno.test("close() before the first next() makes no request", async () => {
  const { fetch, requests } = fakeFetch(eventStream("data: a\n\n"));
  const events = connect(URL_, { fetch });
  const iterator = events[Symbol.asyncIterator]();
  events.close();
  assertEquals(await iterator.next(), DONE);
  assertEquals(requests.length, 0);
});

Deno.test("close() twice is the same as once", async () => {
  const { fetch } = fakeFetch(eventStream("data: a\n\n"));
  const events = connect(URL_, { fetch });
  for await (const _ of events) {
    events.close();
    events.close();
  }
  events.close();
  assertEquals(events.readyState, 2);
});

Deno.test("close() while a request is under way aborts it, and discards an answer that comes nevertheless", async () => {
  using clock = fakeClock();
  const answer = Promise.withResolvers<Response>();
  const { fetch, requests } = fakeFetch(() => answer.promise);
  const events = connect(URL_, { fetch });
  const next = events[Symbol.asyncIterator]().next();
  await settle();
  assertEquals(requests.length, 1);
  events.close();
  assertEquals(await next, DONE);
  assert(requests[0].signal.aborted);
  assertEquals(clock.timers, 0);
  const { response, cancels } = liveStream();
  answer.resolve(response);
  await settle();
  assertEquals(cancels.length, 1);
});

Deno.test(
  "close() while a server is slow with its headers frees the connection",
  PATIENCE,
  async () => {
    const left = Promise.withResolvers<void>();
    await using server = misbehave(async (connection) => {
      await connection.send("HTTP/1.1 200 OK\r\ncontent-type: text/ev");
      await connection.gone();
      left.resolve();
    });
    const events = connect(server.url);
    const next = events[Symbol.asyncIterator]().next();
    await server.nextRequest();
    events.close();
    assertEquals(await next, DONE);
    await left;
  },
);

Deno.test("close() ends the wait before the connection is opened again", async () => {
  using clock = fakeClock();
  const { fetch, requests } = fakeFetch(new TypeError("network"));
  const events = connect(URL_, { fetch });
  const next = events[Symbol.asyncIterator]().next();
  await settle();
  assertEquals(clock.timers, 1);
  events.close();
  assertEquals(await next, DONE);
  assertEquals(clock.timers, 0);
  await clock.tick(120_000);
  assertEquals(requests.length, 1);
});

for (
  const [where, options] of [
    ["headers()", (close: () => void) => ({ headers: () => (close(), {}) })],
    ["body()", (close: () => void) => ({
      method: "POST",
      body: () => (close(), "question"),
    })],
    ["onResponse", (close: () => void) => ({ onResponse: close })],
    ["onOpen", (close: () => void) => ({ onOpen: close })],
  ] as const
) {
  for (const when of ["at once", "a while later"]) {
    if (where === "onOpen" && when !== "at once") continue;
    Deno.test(`close() from ${where}, ${when}, ends the iteration`, async () => {
      using clock = fakeClock();
      const live = liveStream();
      const { fetch, requests } = fakeFetch(live.response);
      const events: EventConnection = connect(URL_, {
        fetch,
        ...options(() => {
          if (when === "at once") events.close();
          else queueMicrotask(() => queueMicrotask(() => events.close()));
        }),
      });
      assertEquals(await collect(events), []);
      assertEquals(events.readyState, 2);
      await settle();
      assertEquals(live.cancels.length, requests.length);
      if (where === "headers()" && when === "at once") {
        assertEquals(requests.length, 0);
      }
      assertEquals(clock.timers, 0);
    });
  }
}

Deno.test("close() from onReconnect ends the iteration, and frees the response", async () => {
  using clock = fakeClock();
  const live = liveStream({ status: 503 });
  const { fetch, requests } = fakeFetch(live.response);
  const events: EventConnection = connect(URL_, {
    fetch,
    onReconnect: () => events.close(),
  });
  assertEquals(await collect(events), []);
  await settle();
  assertEquals(requests.length, 1);
  assertEquals(live.cancels.length, 1);
  assertEquals(clock.timers, 0);
});

/** Ways to end a wait, each for a connection whose iterator and signal it gets. */
const INTERRUPTIONS: Readonly<
  Record<
    string,
    (
      events: EventConnection,
      iterator: AsyncIterator<unknown>,
      controller: AbortController,
    ) => unknown
  >
> = {
  "close()": (events) => events.close(),
  "return()": (_, iterator) => iterator.return?.(),
  "reconnect()": (events) => events.reconnect(),
  "an abort": (_events, _iterator, controller) => controller.abort(),
};

for (const [what, interrupt] of Object.entries(INTERRUPTIONS)) {
  for (const outcome of ["resolves", "rejects"]) {
    Deno.test(`${what} leaves no timer behind though onReconnect ${outcome} only after it`, async () => {
      using clock = fakeClock();
      const told = Promise.withResolvers<void>();
      const controller = new AbortController();
      const { fetch, requests } = fakeFetch(new TypeError("network"));
      const events = connect(URL_, {
        fetch,
        signal: controller.signal,
        onReconnect: () => told.promise,
      });
      const iterator = events[Symbol.asyncIterator]();
      const next = iterator.next().catch(() => DONE);
      await settle();
      interrupt(events, iterator, controller);
      assertEquals(await next, DONE);
      assertEquals(clock.timers, 0);
      if (outcome === "resolves") told.resolve();
      else told.reject(new Error("onReconnect"));
      await settle();
      assertEquals(clock.timers, 0);
      assertEquals(requests.length, what === "reconnect()" ? 2 : 1);
    });
  }
}

Deno.test("close() from onCheckpoint ends the iteration", async () => {
  using clock = fakeClock();
  const live = liveStream();
  const { fetch } = fakeFetch(live.response);
  const events: EventConnection = connect(URL_, {
    fetch,
    onCheckpoint: () => events.close(),
  });
  live.send("id: 1\ndata: a\n\nid: 2\ndata: b\n\n");
  assertEquals((await collect(events)).map(({ id }) => id), ["1"]);
  await settle();
  assertEquals(live.cancels.length, 1);
  assertEquals(clock.timers, 0);
});

Deno.test("close() inside the loop keeps the place of the event that the program is done with", async () => {
  const { fetch } = fakeFetch(
    eventStream("id: 1\ndata: a\n\nid: 2\ndata: b\n\n"),
  );
  const places: string[] = [];
  const events = connect(URL_, {
    fetch,
    onCheckpoint: (id) => void places.push(id),
  });
  for await (const _ of events) events.close();
  assertEquals(places, ["1"]);
});

/** Lets a number of microtasks pass. */
async function microtasks(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await undefined;
}

const STATES: readonly (readonly [
  what: string,
  answer: () => ReturnType<typeof liveStream>,
  extra: { onResponse?: () => void; headers?: () => HeadersInit },
])[] = [
  ["an event stream", () => liveStream(), {}],
  ["an event stream that is looked at", () => liveStream(), {
    onResponse() {},
    headers: () => ({ "x-a": "1" }),
  }],
  ["a 503", () => liveStream({ status: 503 }), {}],
];

/** As many microtasks as it takes to get from `next()` to an open connection, and more. */
const STEPS = 60;

for (const [what, answer, extra] of STATES) {
  Deno.test(`close() at any moment of an attempt that is answered with ${what} ends the iteration, and leaves nothing behind`, async () => {
    for (let step = 0; step < STEPS; step++) {
      using clock = fakeClock();
      const live = answer();
      const { fetch, requests } = fakeFetch(live.response);
      const told: string[] = [];
      const events = connect(URL_, {
        fetch,
        ...extra,
        onOpen: () => void told.push("open"),
        onReconnect: () => void told.push("reconnect"),
      });
      const next = events[Symbol.asyncIterator]().next();
      await microtasks(step);
      events.close();
      const toldBefore = told.length;
      assert(!await isPending(next), `${step}: next() is pending`);
      assertEquals(await next, DONE, `step ${step}`);
      assertEquals(events.readyState, 2, `step ${step}`);
      assertEquals(told.length, toldBefore, `step ${step}: ${told}`);
      assertEquals(clock.timers, 0, `step ${step}: a timer is left`);
      assertEquals(
        live.cancels.length,
        requests.length,
        `step ${step}: a body is left`,
      );
    }
  });

  Deno.test(`an abort at any moment of an attempt that is answered with ${what} rejects, and leaves nothing behind`, async () => {
    for (let step = 0; step < STEPS; step++) {
      using clock = fakeClock();
      const live = answer();
      const { fetch, requests } = fakeFetch(live.response);
      const controller = new ObservedAbortController();
      const { signal } = controller;
      const events = connect(URL_, { fetch, signal, ...extra });
      const next = events[Symbol.asyncIterator]().next();
      await microtasks(step);
      const reason = new Error("enough");
      controller.abort(reason);
      assert(!await isPending(next), `${step}: next() is pending`);
      assertEquals(await assertRejects(() => next), reason, `step ${step}`);
      assertEquals(events.readyState, 2, `step ${step}`);
      assertEquals(controller.listeners, 0, `step ${step}`);
      assertEquals(clock.timers, 0, `step ${step}: a timer is left`);
      assertEquals(
        live.cancels.length,
        requests.length,
        `step ${step}: a body is left`,
      );
    }
  });

  Deno.test(`reconnect() at any moment of an attempt that is answered with ${what} opens another connection`, async () => {
    for (let step = 0; step < STEPS; step++) {
      using clock = fakeClock();
      const live = answer();
      const { fetch, requests } = fakeFetch(
        ...[live.response, eventStream("data: a\n\n")],
      );
      const events = connect(URL_, { fetch, ...extra });
      const iterator = events[Symbol.asyncIterator]();
      const next = iterator.next();
      await microtasks(step);
      const requested = requests.length;
      events.reconnect();
      await settle();
      // An attempt that had not begun is the other connection itself.
      if (requested > 0) {
        assert(!await isPending(next), `${step}: next() is pending`);
        assertEquals((await next).value?.data, "a", `step ${step}`);
        assertEquals(live.cancels.length, 1, `step ${step}: a body is left`);
      }
      await iterator.return!();
      assertEquals(clock.timers, 0, `step ${step}: a timer is left`);
    }
  });
}

for (let steps = 1; steps < 12; steps++) {
  Deno.test(`close() ${steps} microtasks after reconnect() ends the iteration`, async () => {
    using clock = fakeClock();
    const first = liveStream();
    const second = liveStream();
    const { fetch, requests } = fakeFetch(first.response, second.response);
    const told: string[] = [];
    const events = connect(URL_, {
      fetch,
      onReconnect: () => void told.push("reconnect"),
    });
    const next = events[Symbol.asyncIterator]().next();
    await settle();
    events.reconnect();
    await microtasks(steps);
    events.close();
    assert(!await isPending(next));
    assertEquals(await next, DONE);
    assertEquals(told, []);
    assertEquals(clock.timers, 0);
    assertEquals(first.cancels.length, 1);
    assertEquals(second.cancels.length, requests.length - 1);
  });
}

Deno.test("connect rejects with the reason of a signal that is aborted already, and makes no request", async () => {
  const { fetch, requests } = fakeFetch(eventStream());
  const reason = new Error("enough");
  const events = connect(URL_, { fetch, signal: AbortSignal.abort(reason) });
  assertEquals(await assertRejects(() => collect(events)), reason);
  assertEquals(requests.length, 0);
  assertEquals(events.readyState, 2);
});

Deno.test("connect rejects with the reason of its signal while a request is under way", async () => {
  using clock = fakeClock();
  const controller = new ObservedAbortController();
  const { signal } = controller;
  const { fetch, requests } = fakeFetch(() => new Promise(() => {}));
  const next = connect(URL_, { fetch, signal })[Symbol.asyncIterator]().next();
  await settle();
  const reason = new Error("enough");
  controller.abort(reason);
  assertEquals(await assertRejects(() => next), reason);
  assert(requests[0].signal.aborted);
  assertEquals(controller.listeners, 0);
  assertEquals(clock.timers, 0);
});

Deno.test("connect rejects with the reason of its signal while it waits", async () => {
  using clock = fakeClock();
  const controller = new ObservedAbortController();
  const { signal } = controller;
  const { fetch } = fakeFetch(new TypeError("network"));
  const iterator = connect(URL_, { fetch, signal })[Symbol.asyncIterator]();
  const next = iterator.next();
  await settle();
  const reason = new Error("enough");
  controller.abort(reason);
  assertEquals(await assertRejects(() => next), reason);
  assertEquals(clock.timers, 0);
  assertEquals(controller.listeners, 0);
  assertEquals(await iterator.next(), DONE);
});

Deno.test(
  "connect rejects with the reason of its signal while it reads, and closes the connection",
  PATIENCE,
  async () => {
    const { server, left } = waitingServer();
    await using _server = server;
    const controller = new ObservedAbortController();
    const { signal } = controller;
    const events = connect(server.url, { signal });
    const iterator = events[Symbol.asyncIterator]();
    await iterator.next();
    await iterator.next();
    const next = iterator.next();
    assert(await isPending(next));
    const reason = new Error("enough");
    controller.abort(reason);
    assertEquals(await assertRejects(() => next), reason);
    assertEquals(events.readyState, 2);
    assertEquals(events.lastEventId, "2");
    assertEquals(controller.listeners, 0);
    await left;
  },
);

Deno.test(
  "connect rejects with the reason of a signal that aborts between two events",
  PATIENCE,
  async () => {
    const { server, left } = waitingServer();
    await using _server = server;
    const controller = new AbortController();
    const { signal } = controller;
    const events = connect(server.url, { signal });
    const seen: unknown[] = [];
    const reason = new Error("enough");
    const error = await assertRejects(async () => {
      for await (const { data } of events) {
        seen.push(data);
        controller.abort(reason);
      }
    });
    assertEquals(error, reason);
    assertEquals(seen, ["a"]);
    assertEquals(events.lastEventId, "1");
    await left;
  },
);

Deno.test("connect takes its listener from a signal when it ends", async () => {
  const controller = new ObservedAbortController();
  const { signal } = controller;
  const { fetch } = fakeFetch();
  await collect(connect(URL_, { fetch, signal }));
  assertEquals(controller.listeners, 0);
});

Deno.test("connect does not listen to a signal before anything was asked for", () => {
  const controller = new ObservedAbortController();
  connect(URL_, { signal: controller.signal });
  assertEquals(controller.listeners, 0);
});

Deno.test("connect answers next() with the end after it was closed, even if its signal aborts then", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const { fetch } = fakeFetch(eventStream("data: a\n\n"));
  const events = connect(URL_, { fetch, signal });
  const iterator = events[Symbol.asyncIterator]();
  await iterator.next();
  events.close();
  controller.abort(new Error("enough"));
  assertEquals(await iterator.next(), DONE);
});

Deno.test("connect ignores a signal that aborts after the end", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const { fetch } = fakeFetch(eventStream("data: a\n\n"));
  const events = connect(URL_, { fetch, signal });
  for await (const _ of events) events.close();
  controller.abort();
  assertEquals(events.readyState, 2);
});

/** A stream that breaks while nobody reads it, behind one event. */
function brokenBehindOne() {
  let stream: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      stream = controller;
      controller.enqueue(new TextEncoder().encode("data: a\n\n"));
    },
  });
  const response = new Response(body, {
    headers: { "content-type": "text/event-stream" },
  });
  return { response, breakIt: () => stream.error(new TypeError("reset")) };
}

Deno.test("connect can be left when its stream has broken meanwhile", async () => {
  const { response, breakIt } = brokenBehindOne();
  const events = connect(URL_, { fetch: () => Promise.resolve(response) });
  for await (const { data } of events) {
    assertEquals(data, "a");
    breakIt();
    break;
  }
  await events[Symbol.asyncDispose]();
  assertEquals(events.readyState, 2);
});

Deno.test("EventStream can be left when its source has broken meanwhile", async () => {
  const { response, breakIt } = brokenBehindOne();
  for await (const { data } of new EventStream(response)) {
    assertEquals(data, "a");
    breakIt();
    break;
  }
});

Deno.test("connect can be left though the body never says that it was cancelled", async () => {
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) =>
      controller.enqueue(new TextEncoder().encode("data: a\n\n")),
    cancel: () => new Promise(() => {}),
  });
  const response = new Response(body, {
    headers: { "content-type": "text/event-stream" },
  });
  const events = connect(URL_, { fetch: () => Promise.resolve(response) });
  for await (const { data } of events) {
    assertEquals(data, "a");
    break;
  }
});

Deno.test("connect that was closed before its loop has no events, and asks for none", async () => {
  const { fetch, requests } = fakeFetch(eventStream("data: a\n\n"));
  const events = connect(URL_, { fetch });
  events.close();
  assertEquals(await collect(events), []);
  assertEquals([requests.length, events.readyState], [0, 2]);
});
