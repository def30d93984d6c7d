import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { jsonData } from "../../mod.ts";
import {
  EventBuildError,
  EventDataError,
  eventStreamResponse,
  type ServerSentEvent,
  type ServerSentEventSource,
} from "../../server.ts";
import { textReader } from "../helpers/bodies.ts";
import { fakeClock } from "../helpers/clock.ts";
import {
  observedAsyncIterable,
  observedIterable,
} from "../helpers/iterables.ts";
import { settle } from "../helpers/settle.ts";
import { ObservedAbortController } from "../helpers/signals.ts";
import { observedSource } from "../helpers/streams.ts";

/** A source whose events are followed by its end, or by an error. */
interface Observed {
  readonly source: ServerSentEventSource;
  readonly cancels: () => number;
}

/** Each kind of source, observed. */
const KINDS: Record<
  string,
  (
    events: readonly ServerSentEvent[],
    failure?: { readonly error: unknown },
  ) => Observed
> = {
  "an iterable": (events, failure) => {
    const { iterable, returns } = observedIterable(events, { end: failure });
    return { source: iterable, cancels: returns };
  },
  "an async iterable": (events, failure) => {
    const { iterable, returns } = observedAsyncIterable(events, {
      end: failure,
    });
    return { source: iterable, cancels: returns };
  },
  "a ReadableStream": (events, failure) => {
    const { stream, cancels } = observedSource(events, failure);
    return { source: stream, cancels: () => cancels.length };
  },
};

const EVENTS: readonly ServerSentEvent[] = [{ data: "a" }, { data: "b" }];
const UNWRITABLE: ServerSentEvent = { event: "a\ndata: forged", data: "x" };

/** Reads a body slowly: the text before its error, and the error. */
async function readSlowly(response: Response) {
  const body = textReader(response);
  let text = "";
  const error = await assertRejects(async () => {
    // A reader that takes its time: an error that could be early would be by now.
    await settle();
    for (
      let chunk = await body.read();
      chunk !== undefined;
      chunk = await body.read()
    ) {
      text += chunk;
      await settle();
    }
  });
  return { text, error };
}

for (const [kind, make] of Object.entries(KINDS)) {
  Deno.test(`eventStreamResponse sends the events of ${kind} before its error`, async () => {
    using clock = fakeClock();
    const failure = new Error("source");
    const { source, cancels } = make(EVENTS, { error: failure });
    const { text, error } = await readSlowly(eventStreamResponse(source));
    assertEquals(text, ": keep-alive 8000\n\ndata: a\n\ndata: b\n\n");
    assertEquals(error, failure);
    assertEquals(cancels(), 0);
    assertEquals(clock.timers, 0);
  });

  Deno.test(`eventStreamResponse sends its opening before the error that ${kind} begins with`, async () => {
    using clock = fakeClock();
    const failure = new Error("source");
    const { source } = make([], { error: failure });
    const { text, error } = await readSlowly(eventStreamResponse(source));
    assertEquals(text, ": keep-alive 8000\n\n");
    assertEquals(error, failure);
    assertEquals(clock.timers, 0);
  });

  Deno.test(`eventStreamResponse tells onError once of the error of ${kind}`, async () => {
    using _clock = fakeClock();
    const failure = new Error("source");
    const problems: unknown[] = [];
    const { source } = make(EVENTS, { error: failure });
    const response = eventStreamResponse(source, {
      onError: (error) => problems.push(error),
    });
    assertEquals((await readSlowly(response)).error, failure);
    await response.body!.cancel().catch(() => {});
    await settle();
    assertEquals(problems, [failure]);
  });

  Deno.test(`eventStreamResponse sends the events of ${kind} before one that cannot be written`, async () => {
    using clock = fakeClock();
    const { source, cancels } = make([...EVENTS, UNWRITABLE, ...EVENTS]);
    const { text, error } = await readSlowly(eventStreamResponse(source));
    assertEquals(text, ": keep-alive 8000\n\ndata: a\n\ndata: b\n\n");
    assertInstanceOf(error, EventBuildError);
    assertEquals(error.field, "event");
    assertEquals(cancels(), 1);
    assertEquals(clock.timers, 0);
  });

  Deno.test(`eventStreamResponse tells onError once of an event of ${kind} that cannot be written`, async () => {
    using _clock = fakeClock();
    const problems: unknown[] = [];
    const { source } = make([...EVENTS, UNWRITABLE]);
    const response = eventStreamResponse(source, {
      onError: (error) => problems.push(error),
    });
    const { error } = await readSlowly(response);
    assertEquals(problems, [error]);
  });

  Deno.test(`eventStreamResponse cancels ${kind} once when its reader leaves before the error of an event`, async () => {
    using clock = fakeClock();
    const { source, cancels } = make([...EVENTS, UNWRITABLE]);
    const body = textReader(eventStreamResponse(source));
    await body.read();
    await body.read();
    await body.cancel();
    await settle();
    assertEquals(cancels(), 1);
    assertEquals(clock.timers, 0);
  });

  Deno.test(`eventStreamResponse cancels ${kind} once when a signal aborts before the error of an event`, async () => {
    using clock = fakeClock();
    const controller = new AbortController();
    const { signal } = controller;
    const { source, cancels } = make([...EVENTS, UNWRITABLE]);
    const body = textReader(eventStreamResponse(source, { signal }));
    await body.read();
    await body.read();
    controller.abort();
    // Whether the end or the error wins is not the question here.
    await Promise.allSettled([body.rest()]);
    await settle();
    assertEquals(cancels(), 1);
    assertEquals(clock.timers, 0);
  });

  for (const value of [undefined, null, "data: a", 7]) {
    Deno.test(`eventStreamResponse errors and cancels ${kind} that gives ${JSON.stringify(value)} for an event`, async () => {
      using _clock = fakeClock();
      const bad = value as unknown as ServerSentEvent;
      const problems: unknown[] = [];
      const { source, cancels } = make([...EVENTS, bad, ...EVENTS]);
      const response = eventStreamResponse(source, {
        onError: (error) => problems.push(error),
      });
      const { text, error } = await readSlowly(response);
      assertEquals(text, ": keep-alive 8000\n\ndata: a\n\ndata: b\n\n");
      assertInstanceOf(error, TypeError);
      assertEquals(problems, [error]);
      assertEquals(cancels(), 1);
    });
  }

  Deno.test(`eventStreamResponse removes its listener after the error of ${kind}`, async () => {
    const controller = new ObservedAbortController();
    const { signal } = controller;
    const { source } = make(EVENTS, { error: new Error("source") });
    const response = eventStreamResponse(source, { signal });
    assertEquals(controller.listeners, 1);
    await readSlowly(response);
    assertEquals(controller.listeners, 0);
  });
}

Deno.test("eventStreamResponse does not cancel an iterable that has thrown when its reader leaves", async () => {
  using _clock = fakeClock();
  const { source, cancels } = KINDS["an iterable"](EVENTS, {
    error: new Error("source"),
  });
  const body = textReader(eventStreamResponse(source));
  await body.read();
  await body.read();
  await body.cancel();
  await settle();
  assertEquals(cancels(), 0);
});

Deno.test("eventStreamResponse does not cancel an async iterable that has thrown when its reader leaves", async () => {
  using clock = fakeClock();
  const gate = Promise.withResolvers<never>();
  let returns = 0;
  const source: AsyncIterable<ServerSentEvent> = {
    [Symbol.asyncIterator]: () => ({
      next: () => gate.promise,
      return() {
        returns++;
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
  const body = textReader(eventStreamResponse(source));
  await body.read();
  const read = body.read();
  await clock.tick(8000);
  assertEquals(await read, ": \n\n");
  // It throws while nobody waits for an event: the reader has not come back.
  gate.reject(new Error("source"));
  await settle();
  await body.cancel();
  await settle();
  assertEquals(returns, 0);
});

Deno.test("eventStreamResponse tells onError of the error of a source whose reader leaves before it", async () => {
  const failure = new Error("source");
  const problems: unknown[] = [];
  const { source } = KINDS["an iterable"](EVENTS, { error: failure });
  const body = textReader(eventStreamResponse(source, {
    keepAlive: false,
    onError: (error) => problems.push(error),
  }));
  await body.read();
  assertEquals(await body.read(), "data: a\n\ndata: b\n\n");
  await body.cancel();
  await settle();
  assertEquals(problems, [failure]);
});

Deno.test("eventStreamResponse tells onError of an event that cannot be written when its reader leaves before it", async () => {
  const problems: unknown[] = [];
  const { source } = KINDS["an iterable"]([...EVENTS, UNWRITABLE]);
  const body = textReader(eventStreamResponse(source, {
    keepAlive: false,
    onError: (error) => problems.push(error),
  }));
  await body.read();
  assertEquals(await body.read(), "data: a\n\ndata: b\n\n");
  await body.cancel();
  await settle();
  assertEquals(problems.length, 1);
  assertInstanceOf(problems[0], EventBuildError);
});

Deno.test("eventStreamResponse sends the event behind an unread keep-alive before the error", async () => {
  using clock = fakeClock();
  const failure = new Error("source");
  let controller: ReadableStreamDefaultController<ServerSentEvent>;
  const source = new ReadableStream<ServerSentEvent>({
    start(itsController) {
      controller = itsController;
    },
  });
  const body = textReader(eventStreamResponse(source));
  await body.read();
  const read = body.read();
  await clock.tick(8000);
  assertEquals(await read, ": \n\n");
  controller!.enqueue({ data: "a" });
  await settle();
  assertEquals(await body.read(), "data: a\n\n");
  controller!.error(failure);
  await settle();
  assertEquals(await assertRejects(() => body.read()), failure);
  assertEquals(clock.timers, 0);
});

Deno.test("eventStreamResponse errors while its reader waits", async () => {
  using clock = fakeClock();
  const failure = new Error("source");
  let controller: ReadableStreamDefaultController<ServerSentEvent>;
  const source = new ReadableStream<ServerSentEvent>({
    start(itsController) {
      controller = itsController;
    },
  });
  const body = textReader(eventStreamResponse(source));
  await body.read();
  const read = body.read();
  await settle();
  controller!.error(failure);
  assertEquals(await assertRejects(() => read), failure);
  assertEquals(clock.timers, 0);
});

Deno.test("eventStreamResponse sends what comes before the throw of a generator", async () => {
  const failure = new Error("generator");
  function* events(): Generator<ServerSentEvent> {
    yield { data: "a" };
    throw failure;
  }
  const { text, error } = await readSlowly(eventStreamResponse(events()));
  assertEquals(text, ": keep-alive 8000\n\ndata: a\n\n");
  assertEquals(error, failure);
});

Deno.test("eventStreamResponse sends what comes before the throw of an async generator", async () => {
  const failure = new Error("generator");
  async function* events(): AsyncGenerator<ServerSentEvent> {
    yield { data: "a" };
    await settle();
    throw failure;
  }
  const { text, error } = await readSlowly(eventStreamResponse(events()));
  assertEquals(text, ": keep-alive 8000\n\ndata: a\n\n");
  assertEquals(error, failure);
});

Deno.test("eventStreamResponse passes on an error that is undefined", async () => {
  const problems: unknown[] = [];
  const { source } = KINDS["an async iterable"](EVENTS, { error: undefined });
  const body = textReader(eventStreamResponse(source, {
    keepAlive: false,
    onError: (error) => problems.push(error),
  }));
  for (let chunks = 0; chunks < 3; chunks++) await body.read();
  const [outcome] = await Promise.allSettled([body.read()]);
  assertEquals(outcome, { status: "rejected", reason: undefined });
  assertEquals(problems, [undefined]);
});

Deno.test("eventStreamResponse errors with the error of the codec", async () => {
  const problems: unknown[] = [];
  const { iterable, returns } = observedAsyncIterable<ServerSentEvent<bigint>>(
    [{ event: "big", data: 1n }],
  );
  const response = eventStreamResponse(iterable, {
    data: jsonData<bigint>(),
    onError: (error) => problems.push(error),
  });
  const { text, error } = await readSlowly(response);
  assertEquals(text, ": keep-alive 8000\n\n");
  assertInstanceOf(error, EventDataError);
  assertEquals(error.event, "big");
  assertEquals(problems, [error]);
  assertEquals(returns(), 1);
});

Deno.test("eventStreamResponse tells onError of a clean-up that fails after an event that cannot be written", async () => {
  const failure = new Error("clean-up");
  const problems: unknown[] = [];
  const { iterable } = observedAsyncIterable([UNWRITABLE], {
    returnError: failure,
  });
  const response = eventStreamResponse(iterable, {
    onError: (error) => problems.push(error),
  });
  const { error } = await readSlowly(response);
  await settle();
  assertEquals(new Set(problems), new Set([error, failure]));
  assertEquals(problems.length, 2);
});

Deno.test("eventStreamResponse errors its body whatever onError throws, which is not lost", async () => {
  const failure = new Error("source");
  const bug = new Error("onError");
  const unhandled = Promise.withResolvers<unknown>();
  const listener = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    unhandled.resolve(event.reason);
  };
  globalThis.addEventListener("unhandledrejection", listener);
  try {
    const { source } = KINDS["an async iterable"](EVENTS, { error: failure });
    const body = textReader(eventStreamResponse(source, {
      keepAlive: false,
      onError() {
        throw bug;
      },
    }));
    assertEquals(await assertRejects(() => body.rest()), failure);
    assertEquals(await unhandled.promise, bug);
  } finally {
    globalThis.removeEventListener("unhandledrejection", listener);
  }
});
