import { assert, assertEquals } from "@std/assert";
import {
  eventStreamResponse,
  type EventStreamResponseOptions,
  type ServerSentEvent,
} from "../../server.ts";
import { textReader } from "../helpers/bodies.ts";
import { fakeClock } from "../helpers/clock.ts";
import {
  observedAsyncIterable,
  observedIterable,
} from "../helpers/iterables.ts";
import { isPending, settle } from "../helpers/settle.ts";
import { ObservedAbortController } from "../helpers/signals.ts";
import { observedSource } from "../helpers/streams.ts";

const EVENTS: readonly ServerSentEvent[] = [{ data: "a" }, { data: "b" }];

/** A response with a source that waits behind its events, and a signal. */
function open(options: EventStreamResponseOptions = {}) {
  const controller = new ObservedAbortController();
  const { stream, cancels, pulls } = observedSource(EVENTS, "wait");
  const problems: unknown[] = [];
  const response = eventStreamResponse(stream, {
    signal: controller.signal,
    onError: (error) => problems.push(error),
    ...options,
  });
  return { body: textReader(response), controller, cancels, pulls, problems };
}

Deno.test("eventStreamResponse sends its opening and ends for a signal that was aborted before", async () => {
  using clock = fakeClock();
  const { stream, cancels, pulls } = observedSource(EVENTS);
  const reason = new Error("shutdown");
  const response = eventStreamResponse(stream, {
    signal: AbortSignal.abort(reason),
  });
  assertEquals(response.status, 200);
  assertEquals(await response.text(), ": keep-alive 8000\n\n");
  assertEquals(pulls(), 0);
  assertEquals(cancels, [reason]);
  assertEquals(clock.timers, 0);
});

Deno.test("eventStreamResponse keeps no listener on a signal that was aborted before", async () => {
  const controller = new ObservedAbortController();
  controller.abort();
  const { signal } = controller;
  await eventStreamResponse(EVENTS, { signal }).body?.cancel();
  assertEquals(controller.listeners, 0);
});

Deno.test("eventStreamResponse ends cleanly when its signal aborts before a read", async () => {
  using clock = fakeClock();
  const { body, controller, cancels, pulls, problems } = open();
  controller.abort("shutdown");
  assertEquals(await body.rest(), ": keep-alive 8000\n\n");
  assertEquals(pulls(), 0);
  assertEquals(cancels, ["shutdown"]);
  assertEquals(problems, []);
  assertEquals(controller.listeners, 0);
  assertEquals(clock.timers, 0);
});

Deno.test("eventStreamResponse ends cleanly when its signal aborts between two events", async () => {
  using clock = fakeClock();
  const { body, controller, cancels, problems } = open();
  await body.read();
  assertEquals(await body.read(), "data: a\n\n");
  controller.abort("shutdown");
  assertEquals(await body.read(), undefined);
  assertEquals(cancels, ["shutdown"]);
  assertEquals(problems, []);
  assertEquals(controller.listeners, 0);
  assertEquals(clock.timers, 0);
});

Deno.test("eventStreamResponse ends cleanly when its signal aborts while the reader waits", async () => {
  using clock = fakeClock();
  const { body, controller, cancels, problems } = open();
  for (let chunks = 0; chunks < 3; chunks++) await body.read();
  const read = body.read();
  assert(await isPending(read));
  controller.abort("shutdown");
  assertEquals(await read, undefined);
  assertEquals(cancels, ["shutdown"]);
  assertEquals(problems, []);
  assertEquals(controller.listeners, 0);
  assertEquals(clock.timers, 0);
});

Deno.test("eventStreamResponse does not wait for a generator in the middle of an await when its signal aborts", async () => {
  const gate = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  let ends = 0;
  async function* events(): AsyncGenerator<ServerSentEvent> {
    try {
      yield { data: "a" };
      await gate.promise;
      yield { data: "b" };
    } finally {
      ends++;
      ended.resolve();
    }
  }
  const controller = new AbortController();
  const body = textReader(eventStreamResponse(events(), {
    keepAlive: false,
    signal: controller.signal,
  }));
  await body.read();
  await body.read();
  const read = body.read();
  assert(await isPending(read));
  controller.abort();
  assertEquals(await read, undefined);
  gate.resolve();
  await ended.promise;
  await settle();
  assertEquals(ends, 1);
});

Deno.test("eventStreamResponse sends what is not read yet before the end that its signal brings", async () => {
  using clock = fakeClock();
  let source: ReadableStreamDefaultController<ServerSentEvent>;
  const stream = new ReadableStream<ServerSentEvent>({
    start(controller) {
      source = controller;
    },
  });
  const controller = new AbortController();
  const { signal } = controller;
  const body = textReader(eventStreamResponse(stream, { signal }));
  await body.read();
  const read = body.read();
  await clock.tick(8000);
  assertEquals(await read, ": \n\n");
  // The source was asked for this one before the keep-alive went out.
  source!.enqueue({ data: "a" });
  await settle();
  controller.abort();
  assertEquals(await body.rest(), "data: a\n\n");
});

Deno.test("eventStreamResponse removes its listener at the end of its source", async () => {
  const controller = new ObservedAbortController();
  const { signal } = controller;
  const response = eventStreamResponse(EVENTS, { signal });
  assertEquals(controller.listeners, 1);
  await response.text();
  assertEquals(controller.listeners, 0);
});

Deno.test("eventStreamResponse removes its listener when its body is cancelled", async () => {
  using _clock = fakeClock();
  const { body, controller } = open();
  assertEquals(controller.listeners, 1);
  await body.read();
  await body.cancel();
  assertEquals(controller.listeners, 0);
});

Deno.test("eventStreamResponse does not mind a signal that aborts after the end", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const problems: unknown[] = [];
  const { iterable, returns } = observedAsyncIterable(EVENTS);
  const response = eventStreamResponse(iterable, {
    signal,
    onError: (error) => problems.push(error),
  });
  assertEquals(
    await response.text(),
    ": keep-alive 8000\n\ndata: a\n\ndata: b\n\n",
  );
  controller.abort();
  await settle();
  assertEquals(returns(), 0);
  assertEquals(problems, []);
});

Deno.test("eventStreamResponse cancels its source once when its signal aborts after the reader has left", async () => {
  using _clock = fakeClock();
  const { body, controller, cancels } = open();
  await body.read();
  await body.cancel("left");
  controller.abort("shutdown");
  await settle();
  assertEquals(cancels, ["left"]);
});

Deno.test("eventStreamResponse cancels its source once when the reader leaves after its signal has aborted", async () => {
  using _clock = fakeClock();
  const { body, controller, cancels } = open();
  await body.read();
  controller.abort("shutdown");
  await body.cancel("left");
  await settle();
  assertEquals(cancels, ["shutdown"]);
});

Deno.test("eventStreamResponse calls return() of an iterable once when its signal aborts", async () => {
  using _clock = fakeClock();
  const controller = new AbortController();
  const { signal } = controller;
  const { iterable, returns } = observedIterable(EVENTS);
  const body = textReader(eventStreamResponse(iterable, { signal }));
  await body.read();
  controller.abort();
  assertEquals(await body.rest(), "");
  assertEquals(returns(), 1);
});

Deno.test("eventStreamResponse tells onError of a clean-up that fails when its signal aborts", async () => {
  const failure = new Error("clean-up");
  const problems: unknown[] = [];
  const controller = new AbortController();
  const { iterable } = observedAsyncIterable(EVENTS, { returnError: failure });
  const body = textReader(eventStreamResponse(iterable, {
    keepAlive: false,
    signal: controller.signal,
    onError: (error) => problems.push(error),
  }));
  await body.read();
  controller.abort();
  assertEquals(await body.rest(), "");
  await settle();
  assertEquals(problems, [failure]);
});

Deno.test("eventStreamResponse ends each of the streams that share a signal", async () => {
  using clock = fakeClock();
  const controller = new ObservedAbortController();
  const { signal } = controller;
  const sources = Array.from(
    { length: 10 },
    () => observedSource(EVENTS, "wait"),
  );
  const bodies = sources.map(({ stream }) =>
    textReader(eventStreamResponse(stream, { signal }))
  );
  for (const body of bodies) await body.read();
  assertEquals(controller.listeners, 10);
  controller.abort("shutdown");
  for (const body of bodies) assertEquals(await body.rest(), "");
  for (const { cancels } of sources) assertEquals(cancels, ["shutdown"]);
  assertEquals(controller.listeners, 0);
  assertEquals(clock.timers, 0);
});

Deno.test("eventStreamResponse ends cleanly when a generator aborts its signal itself", async () => {
  const controller = new AbortController();
  const problems: unknown[] = [];
  let ended = 0;
  function* events(): Generator<ServerSentEvent> {
    try {
      yield { data: "a" };
      controller.abort();
      yield { data: "b" };
    } finally {
      ended++;
    }
  }
  const body = textReader(eventStreamResponse(events(), {
    keepAlive: false,
    signal: controller.signal,
    onError: (error) => problems.push(error),
  }));
  await body.rest();
  await settle();
  assertEquals(problems, []);
  assertEquals(ended, 1);
});
