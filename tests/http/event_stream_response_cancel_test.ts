import { assert, assertEquals } from "@std/assert";
import {
  type CloseReason,
  type EventSender,
  eventStreamResponse,
  type ServerSentEvent,
} from "../../server.ts";
import { textReader } from "../helpers/bodies.ts";
import { fakeClock } from "../helpers/clock.ts";
import {
  observedAsyncIterable,
  observedIterable,
} from "../helpers/iterables.ts";
import { leaveAtNextChunk } from "../helpers/leaving_reader.ts";
import { isPending, settle } from "../helpers/settle.ts";
import { observedSource } from "../helpers/streams.ts";

const EVENTS: readonly ServerSentEvent[] = [{ data: "a" }, { data: "b" }];

/** Sources that have not ended after two events, and how often they were cancelled. */
const SOURCES = {
  "an iterable": () => {
    // More than a chunk holds, so that there is something left to cancel.
    const events = Array<ServerSentEvent>(10).fill({ data: "a".repeat(65536) });
    const { iterable, returns } = observedIterable(events);
    return { source: iterable, cancels: returns };
  },
  "an async iterable": () => {
    const { iterable, returns } = observedAsyncIterable(EVENTS, {
      end: "wait",
    });
    return { source: iterable, cancels: returns };
  },
  "a ReadableStream": () => {
    const { stream, cancels } = observedSource(EVENTS, "wait");
    return { source: stream, cancels: () => cancels.length };
  },
};

for (const [kind, make] of Object.entries(SOURCES)) {
  Deno.test(`eventStreamResponse cancels ${kind} once when nothing was read`, async () => {
    using clock = fakeClock();
    const { source, cancels } = make();
    await eventStreamResponse(source).body!.cancel();
    await settle();
    assertEquals(cancels(), 1);
    assertEquals(clock.timers, 0);
  });

  Deno.test(`eventStreamResponse cancels ${kind} once when the opening was read`, async () => {
    using clock = fakeClock();
    const { source, cancels } = make();
    const body = textReader(eventStreamResponse(source));
    await body.read();
    await body.cancel();
    await settle();
    assertEquals(cancels(), 1);
    assertEquals(clock.timers, 0);
  });

  Deno.test(`eventStreamResponse cancels ${kind} once between two events`, async () => {
    using clock = fakeClock();
    const { source, cancels } = make();
    const body = textReader(eventStreamResponse(source));
    await body.read();
    await body.read();
    await body.cancel();
    await settle();
    assertEquals(cancels(), 1);
    assertEquals(clock.timers, 0);
  });

  Deno.test(`eventStreamResponse cancels ${kind} before cancel() settles`, async () => {
    using _clock = fakeClock();
    const { source, cancels } = make();
    const { body } = eventStreamResponse(source);
    const cancelled = body!.cancel();
    assertEquals(cancels(), 1);
    await cancelled;
  });

  Deno.test(`eventStreamResponse cancels ${kind} once when its body is cancelled twice`, async () => {
    using _clock = fakeClock();
    const { source, cancels } = make();
    const { body } = eventStreamResponse(source);
    await Promise.all([body!.cancel(), body!.cancel()]);
    await settle();
    assertEquals(cancels(), 1);
  });
}

for (const kind of ["an async iterable", "a ReadableStream"] as const) {
  Deno.test(`eventStreamResponse cancels ${kind} once while it waits for it`, async () => {
    using clock = fakeClock();
    const { source, cancels } = SOURCES[kind]();
    const body = textReader(eventStreamResponse(source));
    for (let chunks = 0; chunks < 3; chunks++) await body.read();
    const read = body.read();
    assert(await isPending(read));
    await body.cancel();
    assertEquals(await read, undefined);
    await settle();
    assertEquals(cancels(), 1);
    assertEquals(clock.timers, 0);
  });
}

Deno.test("eventStreamResponse passes the reason on to a ReadableStream", async () => {
  const { stream, cancels } = observedSource(EVENTS, "wait");
  const reason = new Error("client");
  await eventStreamResponse(stream).body!.cancel(reason);
  assertEquals(cancels, [reason]);
});

Deno.test("eventStreamResponse does not cancel a source that has ended", async () => {
  const { iterable, returns } = observedAsyncIterable(EVENTS);
  const body = textReader(eventStreamResponse(iterable));
  await body.rest();
  await body.cancel();
  await settle();
  assertEquals(returns(), 0);
});

Deno.test("eventStreamResponse accepts iterators without return()", async () => {
  const problems: unknown[] = [];
  const onError = (error: unknown) => problems.push(error);
  const next = () => ({ done: false as const, value: { data: "a" } });
  const sync = { [Symbol.iterator]: () => ({ next }) };
  const async = {
    [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve(next()) }),
  };
  await eventStreamResponse(sync, { onError }).body!.cancel();
  await eventStreamResponse(async, { onError }).body!.cancel();
  await settle();
  assertEquals(problems, []);
});

Deno.test("eventStreamResponse runs the finally block of a generator", async () => {
  let ended = 0;
  function* events(): Generator<ServerSentEvent> {
    try {
      while (true) yield { data: "a" };
    } finally {
      ended++;
    }
  }
  const body = textReader(eventStreamResponse(events(), { keepAlive: false }));
  await body.read();
  await body.read();
  await body.cancel();
  assertEquals(ended, 1);
});

Deno.test("eventStreamResponse runs the finally block of an async generator", async () => {
  const ended = Promise.withResolvers<void>();
  async function* events(): AsyncGenerator<ServerSentEvent> {
    try {
      while (true) {
        yield { data: "a" };
        await settle();
      }
    } finally {
      ended.resolve();
    }
  }
  const body = textReader(eventStreamResponse(events(), { keepAlive: false }));
  await body.read();
  await body.read();
  await body.cancel();
  await ended.promise;
});

Deno.test("eventStreamResponse does not wait for a generator that is in the middle of an await", async () => {
  using clock = fakeClock();
  const gate = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const problems: unknown[] = [];
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
  const body = textReader(
    eventStreamResponse(events(), { onError: (error) => problems.push(error) }),
  );
  await body.read();
  await body.read();
  const read = body.read();
  assert(await isPending(read));

  await body.cancel();
  assertEquals(await read, undefined);
  assertEquals(clock.timers, 0);
  assertEquals(ends, 0);

  gate.resolve();
  await ended.promise;
  await settle();
  assertEquals(ends, 1);
  assertEquals(problems, []);
});

Deno.test("eventStreamResponse does not wait for a cancel() that never settles", async () => {
  const stream = new ReadableStream<ServerSentEvent>({
    cancel: () => new Promise(() => {}),
  });
  await eventStreamResponse(stream, { keepAlive: false }).body!.cancel();
});

/** Sources whose clean-up fails. */
const FAILING = {
  "a return() that throws": (error: unknown) =>
    observedIterable([], { returnError: error }).iterable,
  "a return() that rejects": (error: unknown) =>
    observedAsyncIterable([], { returnError: error }).iterable,
  "a return() that throws instead of rejecting": (error: unknown) => ({
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise<never>(() => {}),
      return() {
        throw error;
      },
    }),
  }),
  "a cancel() that rejects": (error: unknown) =>
    new ReadableStream<never>({ cancel: () => Promise.reject(error) }),
};

for (const [what, make] of Object.entries(FAILING)) {
  Deno.test(`eventStreamResponse tells onError, and not its reader, of ${what}`, async () => {
    const failure = new Error("clean-up");
    const problems: unknown[] = [];
    const { body } = eventStreamResponse(make(failure), {
      onError: (error) => problems.push(error),
    });
    await body!.cancel();
    await settle();
    assertEquals(problems, [failure]);
  });

  Deno.test(`eventStreamResponse leaves no unhandled rejection of ${what}`, async () => {
    await eventStreamResponse(make(new Error("clean-up"))).body!.cancel();
    await settle();
  });
}

Deno.test("eventStreamResponse tells onError of a source that fails in its clean-up after an await", async () => {
  const gate = Promise.withResolvers<void>();
  const failure = new Error("clean-up");
  const problems: unknown[] = [];
  async function* events(): AsyncGenerator<ServerSentEvent> {
    try {
      yield { data: "a" };
      await gate.promise;
    } finally {
      // deno-lint-ignore no-unsafe-finally
      throw failure;
    }
  }
  const body = textReader(eventStreamResponse(events(), {
    keepAlive: false,
    onError: (error) => problems.push(error),
  }));
  await body.read();
  await body.read();
  const read = body.read();
  await settle();
  await body.cancel();
  assertEquals(await read, undefined);
  gate.resolve();
  await settle();
  assertEquals(problems, [failure]);
});

/** What ends a stream with a chunk, and what of its reader's leaving at that is told. */
const ENDS: Record<
  string,
  {
    readonly end: (
      sender: EventSender,
      aborter: AbortController,
      fail: (error: unknown) => void,
    ) => void;
    readonly reason: CloseReason;
  }
> = {
  "an event and the abort of its signal": {
    end(sender, aborter) {
      sender.send({ data: "last" });
      aborter.abort();
    },
    reason: "client",
  },
  "an event and its end": {
    end(sender) {
      sender.send({ data: "last" });
      sender.close();
    },
    reason: "client",
  },
  "the last event of an error": {
    end: (_sender, _aborter, fail) => fail(new Error("failed")),
    reason: "error",
  },
};

for (const [what, { end, reason }] of Object.entries(ENDS)) {
  Deno.test(`eventStreamResponse ends once if its reader leaves at ${what}`, async () => {
    using clock = fakeClock();
    const reasons: CloseReason[] = [];
    const aborter = new AbortController();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let sender: EventSender | undefined;
    const producer = (own: EventSender) => {
      sender = own;
      return promise;
    };
    const response = eventStreamResponse(producer, {
      signal: aborter.signal,
      onClose: (reason) => reasons.push(reason),
      // Without a prototype, which has a method `then` meanwhile.
      onError: () => Object.assign(Object.create(null), { data: "failed" }),
    });
    const reader = response.body!.getReader();
    await reader.read();
    const left = leaveAtNextChunk(reader);
    await settle();
    end(sender!, aborter, reject);
    await left;
    resolve();
    await settle();
    assertEquals(reasons, [reason]);
    assertEquals(clock.timers, 0);
  });
}
