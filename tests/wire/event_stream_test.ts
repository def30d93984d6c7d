import {
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  EventDataError,
  EventStream,
  EventStreamResponseError,
  IncompleteStreamError,
  jsonData,
} from "../../mod.ts";
import { utf8 } from "../helpers/bytes.ts";
import { collect, observedSource, streamOf } from "../helpers/streams.ts";

const TEXT = "id: 1\ndata: a\n\ndata: b\n\nid: 3\n\ndata: c\n\nid: 4\n\n";

function dataOf(events: readonly { readonly data?: unknown }[]): unknown[] {
  return events.map((event) => event.data);
}

Deno.test("EventStream reads a Response, a ReadableStream and an async iterable", async () => {
  async function* iterable() {
    yield utf8(TEXT);
  }
  const byteStream = new ReadableStream({
    type: "bytes",
    start(controller) {
      controller.enqueue(utf8(TEXT));
      controller.close();
    },
  });
  for (
    const source of [
      new Response(TEXT),
      streamOf(utf8(TEXT)),
      byteStream,
      iterable(),
    ]
  ) {
    assertEquals(dataOf(await collect(new EventStream(source))), [
      "a",
      "b",
      "c",
    ]);
  }
});

Deno.test("EventStream reads a Response without a body as an empty stream", async () => {
  assertEquals(await collect(new EventStream(new Response(null))), []);
});

Deno.test("EventStream refuses a source that is read already", () => {
  const stream = streamOf(utf8(TEXT));
  stream.getReader();
  assertThrows(() => new EventStream(stream), TypeError, "must not be locked");
});

for (const source of [{}, "text", null, 5]) {
  Deno.test(`EventStream refuses ${Deno.inspect(source)} as a source`, () => {
    assertThrows(
      () => new EventStream(source as Response),
      TypeError,
      "the source must be a Response, a ReadableStream or an async iterable",
    );
  });
}

Deno.test("EventStream has the last event ID of what was handed out", async () => {
  const events = new EventStream(streamOf(utf8(TEXT)), { lastEventId: "0" });
  assertEquals(events.lastEventId, "0");
  const seen: unknown[] = [];
  for await (const { data, lastEventId } of events) {
    seen.push([data, lastEventId, events.lastEventId]);
  }
  // All in one chunk: the id of an event that was not seen yet is not there yet.
  assertEquals(seen, [["a", "1", "1"], ["b", "1", "1"], ["c", "3", "3"]]);
  assertEquals(events.lastEventId, "4");
});

Deno.test("EventStream.batches has the last event ID of the batch", async () => {
  const events = new EventStream(
    streamOf(
      utf8("id: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\n\n"),
      utf8("data: c\n\n"),
    ),
  );
  const seen: unknown[] = [];
  for await (const batch of events.batches()) {
    seen.push([dataOf(batch), events.lastEventId]);
  }
  assertEquals(seen, [[["a", "b"], "2"], [["c"], "3"]]);
});

Deno.test("EventStream has the reconnection time", async () => {
  const events = new EventStream(streamOf(utf8("retry: 5\ndata: a\n\n")));
  assertEquals(events.reconnectionTime, undefined);
  await collect(events);
  assertEquals(events.reconnectionTime, 5);
});

const waysOut:
  readonly (readonly [string, (events: EventStream) => unknown])[] = [
    ["an iterator", (events) => events[Symbol.asyncIterator]()],
    ["batches()", (events) => events.batches()],
    ["toReadableStream()", (events) => events.toReadableStream()],
  ];

for (const [first, takeFirst] of waysOut) {
  for (const [second, takeSecond] of waysOut) {
    Deno.test(`EventStream refuses ${second} after ${first}`, () => {
      const events = new EventStream(streamOf(utf8(TEXT)));
      takeFirst(events);
      assertThrows(() => takeSecond(events), TypeError, "it can be read once");
    });
  }
}

Deno.test("EventStream answers overlapping calls of next() in order", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const iterator = new EventStream(readable)[Symbol.asyncIterator]();
  const answers: unknown[] = [];
  const calls = Array.from(
    { length: 6 },
    (_, i) =>
      iterator.next().then(({ done, value }) => {
        answers.push([i, done ? "done" : value.data]);
      }),
  );
  const writer = writable.getWriter();
  await writer.write(utf8("data: a\n\n:\n\n"));
  await writer.write(utf8("data: b\n\ndata: c\n\n"));
  await writer.write(utf8("data: d\n\n"));
  await writer.close();
  await Promise.all(calls);
  assertEquals(answers, [
    [0, "a"],
    [1, "b"],
    [2, "c"],
    [3, "d"],
    [4, "done"],
    [5, "done"],
  ]);
});

Deno.test("EventStream keeps saying that it is done", async () => {
  const iterator = new EventStream(new Response(null))[Symbol.asyncIterator]();
  for (let i = 0; i < 3; i++) {
    assertEquals(await iterator.next(), { done: true, value: undefined });
  }
});

Deno.test("EventStream cancels its source once when the loop is left early", async () => {
  const { stream, cancels } = observedSource([utf8(TEXT)], "wait");
  const events = new EventStream(stream);
  for await (const _ of events) break;
  assertEquals(cancels, [undefined]);
  await events.cancel();
  await events[Symbol.asyncDispose]();
  assertEquals(cancels, [undefined]);
  assertEquals(events.lastEventId, "1");
});

Deno.test("EventStream calls return() of a generator once when the loop is left early", async () => {
  let returned = 0;
  async function* source() {
    try {
      yield utf8(TEXT);
      yield utf8(TEXT);
    } finally {
      returned++;
    }
  }
  for await (const _ of new EventStream(source()).batches()) break;
  assertEquals(returned, 1);
});

Deno.test("EventStream passes on the reason of cancel() and ends the iteration", async () => {
  const { stream, cancels } = observedSource([utf8(TEXT)], "wait");
  const events = new EventStream(stream);
  const iterator = events[Symbol.asyncIterator]();
  await iterator.next();
  await events.cancel("enough");
  assertEquals(cancels, ["enough"]);
  assertEquals((await iterator.next()).done, true);
});

Deno.test("EventStream ends a call that is waiting when it is cancelled", async () => {
  const { stream } = observedSource<Uint8Array>([], "wait");
  const events = new EventStream(stream);
  const next = events[Symbol.asyncIterator]().next();
  await events.cancel();
  assertEquals(await next, { done: true, value: undefined });
});

Deno.test("EventStream ends a call at once although its generator is in the middle of an await", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  async function* source() {
    await promise;
    yield utf8(TEXT);
  }
  const events = new EventStream(source());
  const next = events[Symbol.asyncIterator]().next();
  const cancelled = events.cancel();
  assertEquals(await next, { done: true, value: undefined });
  resolve();
  await cancelled;
});

Deno.test("EventStream cancelled before it is read can no longer be read", async () => {
  const { stream, cancels } = observedSource([utf8(TEXT)]);
  const events = new EventStream(stream);
  await events.cancel("unwanted");
  assertEquals(cancels, ["unwanted"]);
  assertThrows(() => events[Symbol.asyncIterator](), TypeError);
});

Deno.test("EventStream is disposed of by await using", async () => {
  const { stream, cancels } = observedSource([utf8(TEXT)], "wait");
  {
    await using events = new EventStream(stream);
    await events[Symbol.asyncIterator]().next();
  }
  assertEquals(cancels, [undefined]);
});

Deno.test("EventStream passes on the error of a clean-up to who leaves", async () => {
  const error = new Error("clean-up");
  const stream = new ReadableStream<Uint8Array>({
    cancel: () => Promise.reject(error),
  });
  const rejection = await assertRejects(() => new EventStream(stream).cancel());
  assertStrictEquals(rejection, error);
});

Deno.test("EventStream rejects with the error of its source, after the events before it", async () => {
  const error = new Error("source");
  const { stream } = observedSource([utf8("data: 1\n\ndata: 2\n\n")], {
    error,
  });
  const seen: unknown[] = [];
  const rejection = await assertRejects(async () => {
    for await (const { data } of new EventStream(stream)) seen.push(data);
  });
  assertEquals(seen, ["1", "2"]);
  assertStrictEquals(rejection, error);
});

Deno.test("EventStream does not call return() of an iterator that has failed", async () => {
  const error = new Error("source");
  let returned = 0;
  const source = {
    [Symbol.asyncIterator]: () => ({
      next: () => Promise.reject(error),
      return: () => {
        returned++;
        return Promise.resolve({ done: true as const, value: undefined });
      },
    }),
  };
  assertStrictEquals(
    await assertRejects(() => collect(new EventStream(source))),
    error,
  );
  assertEquals(returned, 0);
});

for (
  const [name, errorName, text, options] of [
    ["unreadable", "EventDataError", "?", { data: jsonData() }],
    ["too large", "EventSizeError", "12345", {
      data: jsonData(),
      maxEventSize: 3,
    }],
  ] as const
) {
  for (const glue of ["", "|"]) {
    Deno.test(`EventStream rejects at an ${name} event after those before it, in ${glue === "" ? "one chunk" : "several"}`, async () => {
      const chunks =
        `data: 1\n\ndata: 2\n\n${glue}data: ${text}\n\n${glue}data: 3\n\n`
          .split("|").map(utf8);
      const { stream, cancels } = observedSource(chunks, "wait");
      const iterator = new EventStream(stream, options)[Symbol.asyncIterator]();
      assertEquals((await iterator.next()).value?.data, 1);
      assertEquals((await iterator.next()).value?.data, 2);
      const error = await assertRejects(() => iterator.next(), Error);
      assertEquals(error.name, errorName);
      assertEquals(cancels, [error]);
      assertEquals((await iterator.next()).done, true);
      assertEquals(cancels.length, 1);
    });
  }
}

Deno.test("EventStream does not count the id of an event that it could not read", async () => {
  const events = new EventStream(
    streamOf(utf8("id: 1\ndata: 1\n\nid: 2\ndata: ?\n\n")),
    { data: jsonData() },
  );
  await assertRejects(() => collect(events), EventDataError);
  assertEquals(events.lastEventId, "1");
});

Deno.test("EventStream ends at the event that until names, which it does not deliver", async () => {
  const { stream, cancels } = observedSource(
    [utf8('data: {"n":1}\n\ndata: [DONE]\n\ndata: ?\n\n')],
    "wait",
  );
  const asked: unknown[] = [];
  const events = new EventStream(stream, {
    data: jsonData<{ n: number }>(),
    until: ({ data }) => {
      asked.push(data);
      return data === "[DONE]";
    },
  });
  assertEquals(dataOf(await collect(events)), [{ n: 1 }]);
  assertEquals(asked, ['{"n":1}', "[DONE]"]);
  assertEquals(cancels, [undefined]);
});

Deno.test("EventStream asks until about events that its codec leaves out", async () => {
  const events = new EventStream(
    new Response("event: end\ndata: x\n\ndata: never\n\n"),
    {
      data: { lineReader: tooMuch, delivers: () => false },
      until: ({ event }) => event === "end",
    },
  );
  assertEquals(await collect(events), []);
});

function tooMuch() {
  return {
    readLine: () => {
      throw new Error("must not be read");
    },
    data: () => undefined,
  };
}

Deno.test("EventStream rejects if it ends before the event that until names", async () => {
  const events = new EventStream(new Response("id: 7\ndata: a\n\n"), {
    until: ({ data }) => data === "[DONE]",
  });
  const iterator = events[Symbol.asyncIterator]();
  assertEquals((await iterator.next()).value?.data, "a");
  const error = await assertRejects(
    () => iterator.next(),
    IncompleteStreamError,
    'it ended before its closing event, got last event ID "7"',
  );
  assertInstanceOf(error, Error);
  assertEquals(error.lastEventId, "7");
});

Deno.test("EventStream is not incomplete if its consumer leaves", async () => {
  const events = new EventStream(new Response("data: a\n\ndata: b\n\n"), {
    until: () => false,
  });
  for await (const _ of events) break;
});

Deno.test("EventStream rejects with what until throws, and cancels its source", async () => {
  const error = new Error("until");
  const { stream, cancels } = observedSource(
    [utf8("data: 1\n\ndata: 2\n\n")],
    "wait",
  );
  const iterator = new EventStream(stream, {
    until: ({ data }) => {
      if (data === "2") throw error;
      return false;
    },
  })[Symbol.asyncIterator]();
  await iterator.next();
  assertStrictEquals(await assertRejects(() => iterator.next()), error);
  assertEquals(cancels, [error]);
});

Deno.test("EventStream.toReadableStream gives the same events and errors", async () => {
  const { stream, cancels } = observedSource(
    [utf8("data: 1\n\ndata: 2\n\ndata: ?\n\n")],
    "wait",
  );
  const reader = new EventStream(stream, { data: jsonData() })
    .toReadableStream().getReader();
  assertEquals((await reader.read()).value?.data, 1);
  assertEquals((await reader.read()).value?.data, 2);
  const error = await assertRejects(() => reader.read(), EventDataError);
  assertEquals(cancels, [error]);
});

Deno.test("EventStream.toReadableStream cancels the source once, with the reason", async () => {
  const { stream, cancels } = observedSource([utf8(TEXT)], "wait");
  const reader = new EventStream(stream).toReadableStream().getReader();
  await reader.read();
  await reader.cancel("enough");
  assertEquals(cancels, ["enough"]);
});

Deno.test("EventStream reads nothing before it is asked, and a chunk at a time", async () => {
  const { stream, pulls } = observedSource([
    utf8("data: 1\n\ndata: 2\n\n"),
    utf8("data: 3\n\n"),
  ]);
  const events = new EventStream(stream);
  assertEquals(pulls(), 0);
  const iterator = events[Symbol.asyncIterator]();
  await iterator.next();
  await iterator.next();
  assertEquals(pulls(), 1);
  await events.cancel();
});

/** An iterator of bytes, made of its methods. */
function iterableOf(
  next: () => Promise<IteratorResult<Uint8Array>>,
  leave: () => Promise<IteratorResult<Uint8Array>>,
): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => ({ next, return: leave }) };
}

Deno.test("EventStream ends a waiting call although return() throws", async () => {
  const error = new Error("return");
  const never = new Promise<never>(() => {});
  const events = new EventStream(iterableOf(() => never, () => {
    throw error;
  }));
  const next = events[Symbol.asyncIterator]().next();
  assertStrictEquals(await assertRejects(() => events.cancel()), error);
  assertEquals((await next).done, true);
});

Deno.test("EventStream can be cancelled at every moment around its end", async () => {
  for (let turns = 0; turns < 12; turns++) {
    const { readable, writable } = new TransformStream<
      Uint8Array,
      Uint8Array
    >();
    const events = new EventStream(readable);
    const next = events[Symbol.asyncIterator]().next();
    const closed = writable.close();
    for (let turn = 0; turn < turns; turn++) await undefined;
    await events.cancel();
    assertEquals((await next).done, true);
    await Promise.allSettled([closed]);
  }
});

Deno.test("EventStream refuses a chunk that is undefined, and leaves the source", async () => {
  let ended = 0;
  async function* source() {
    try {
      yield utf8("data: 1\n\n");
      const nothing: unknown = undefined;
      yield nothing as Uint8Array<ArrayBuffer>;
    } finally {
      ended++;
    }
  }
  await assertRejects(() => collect(new EventStream(source())), TypeError);
  assertEquals(ended, 1);
});

Deno.test("EventStream ends at its closing event whatever the source says to being cancelled", async () => {
  for (
    const cancel of [
      () => Promise.reject(new Error("no")),
      () => new Promise<void>(() => {}),
    ]
  ) {
    const source = new ReadableStream<Uint8Array>({
      start: (controller) =>
        controller.enqueue(utf8("data: a\n\ndata: end\n\n")),
      cancel,
    });
    const until = ({ data }: { data?: string }) => data === "end";
    const events = await collect(new EventStream(source, { until }));
    assertEquals(dataOf(events), ["a"]);
  }
});

Deno.test("EventStream refuses a Response whose body is used", async () => {
  const response = new Response("data: a\n\n");
  await response.text();
  assertThrows(() => new EventStream(response), TypeError, "must not be");
});

for (
  const [init, reason] of [
    [{ status: 401 }, "status must be from 200 to 299, got 401"],
    [{ headers: { "content-type": "application/json" } }, "content type"],
    [{ headers: { "content-type": "text/html" } }, 'got "text/html"'],
    [{ headers: { "content-type": "text/event-streams" } }, "content type"],
  ] as const
) {
  Deno.test(`EventStream refuses a Response with ${JSON.stringify(init)}`, async () => {
    const response = new Response("{}", init);
    const error = assertThrows(
      () => new EventStream(response),
      EventStreamResponseError,
      reason,
    );
    assertStrictEquals(error.response, response);
    // So that the program can say what went wrong.
    assertEquals(await response.text(), "{}");
  });
}

for (
  const type of [
    "text/event-stream",
    "Text/Event-Stream ;charset=utf-8",
    "text/plain;charset=UTF-8",
    "text/html, text/event-stream",
    undefined,
  ]
) {
  Deno.test(`EventStream reads a Response with the content type ${type}`, async () => {
    const headers = new Headers(
      type === undefined ? {} : { "content-type": type },
    );
    const body = utf8("data: a\n\n");
    const response = new Response(body, { status: 201, headers });
    assertEquals(dataOf(await collect(new EventStream(response))), ["a"]);
  });
}

Deno.test("EventStream reads the body of a Response that gives its type wrong", async () => {
  const headers = { "content-type": "application/octet-stream" };
  const { body } = new Response("data: a\n\n", { headers });
  assertEquals(dataOf(await collect(new EventStream(body!))), ["a"]);
});
