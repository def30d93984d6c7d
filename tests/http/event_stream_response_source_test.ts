import { assert, assertEquals } from "@std/assert";
import {
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
import { isPending, settle } from "../helpers/settle.ts";
import { observedSource, streamOf } from "../helpers/streams.ts";

const EVENTS: readonly ServerSentEvent[] = [
  { data: "a" },
  { event: "b", data: "" },
  { comments: ["c"] },
  { id: "4", data: "d\ne" },
];
const TEXT =
  ": keep-alive 8000\n\ndata: a\n\nevent: b\ndata: \n\n: c\n\nid: 4\ndata: d\ndata: e\n\n";

function* generate(): Generator<ServerSentEvent> {
  yield* EVENTS;
}

async function* generateAsync(): AsyncGenerator<ServerSentEvent> {
  for (const event of EVENTS) {
    await settle();
    yield event;
  }
}

const SOURCES: readonly [kind: string, make: () => ServerSentEventSource][] = [
  ["an array", () => EVENTS],
  ["a Set", () => new Set(EVENTS)],
  ["an iterable that is no generator", () => observedIterable(EVENTS).iterable],
  ["a generator", generate],
  ["an async generator", generateAsync],
  [
    "an async iterable that is no generator",
    () => observedAsyncIterable(EVENTS).iterable,
  ],
  ["a ReadableStream", () => streamOf(...EVENTS)],
];

for (const [kind, make] of SOURCES) {
  Deno.test(`eventStreamResponse sends the events of ${kind}, then ends`, async () => {
    assertEquals(await eventStreamResponse(make()).text(), TEXT);
  });

  Deno.test(`eventStreamResponse runs no timer after the end of ${kind}`, async () => {
    using clock = fakeClock();
    await eventStreamResponse(make()).text();
    assertEquals(clock.timers, 0);
  });
}

/** Sources that answer one by one, and how often they were asked. */
const OBSERVED: readonly [
  kind: string,
  make: () => { source: ServerSentEventSource; asked: () => number },
][] = [
  ["an async iterable", () => {
    const { iterable, nexts } = observedAsyncIterable(EVENTS);
    return { source: iterable, asked: nexts };
  }],
  ["a ReadableStream", () => {
    const { stream, pulls } = observedSource(EVENTS);
    return { source: stream, asked: pulls };
  }],
];

for (const [kind, make] of OBSERVED) {
  Deno.test(`eventStreamResponse asks ${kind} for nothing before the opening was read`, async () => {
    using _clock = fakeClock();
    const { source, asked } = make();
    const body = textReader(eventStreamResponse(source));
    await settle();
    assertEquals(asked(), 0);
    await body.read();
    await settle();
    assert(asked() <= 1);
    await body.cancel();
  });

  Deno.test(`eventStreamResponse is one event at most ahead with ${kind}`, async () => {
    using _clock = fakeClock();
    const { source, asked } = make();
    const body = textReader(eventStreamResponse(source));
    await body.read();
    for (let read = 1; read <= EVENTS.length; read++) {
      await body.read();
      await settle();
      assert(asked() <= read + 1, `asked ${asked()} times for ${read} events`);
    }
    await body.cancel();
  });

  Deno.test(`eventStreamResponse sends each event of ${kind} as a chunk`, async () => {
    using _clock = fakeClock();
    const body = textReader(eventStreamResponse(make().source));
    assertEquals(await body.read(), ": keep-alive 8000\n\n");
    assertEquals(await body.read(), "data: a\n\n");
    assertEquals(await body.read(), "event: b\ndata: \n\n");
    assertEquals(await body.read(), ": c\n\n");
    assertEquals(await body.read(), "id: 4\ndata: d\ndata: e\n\n");
    assertEquals(await body.read(), undefined);
  });
}

Deno.test("eventStreamResponse asks a sync iterable for nothing before the opening was read", async () => {
  using _clock = fakeClock();
  const { iterable, nexts } = observedIterable(EVENTS);
  const body = textReader(eventStreamResponse(iterable));
  await settle();
  assertEquals(nexts(), 0);
  await body.read();
  await settle();
  assertEquals(nexts(), 0);
  await body.cancel();
});

Deno.test("eventStreamResponse joins the events of a sync iterable to one chunk", async () => {
  using _clock = fakeClock();
  const body = textReader(eventStreamResponse(EVENTS));
  const opening = await body.read();
  assertEquals(`${opening}${await body.read()}`, TEXT);
  assertEquals(await body.read(), undefined);
});

Deno.test("eventStreamResponse joins no more of an endless iterable than fits into a chunk", async () => {
  using _clock = fakeClock();
  let made = 0;
  function* endless(): Generator<ServerSentEvent> {
    while (true) yield { data: String(made++) };
  }
  const body = textReader(eventStreamResponse(endless()));
  await body.read();
  let text = "";
  for (let chunks = 0; chunks < 10; chunks++) {
    const chunk = await body.read();
    assert(chunk!.length < 64 * 1024);
    text += chunk;
    // Nothing is made that nobody has asked for.
    assert(text.endsWith(`data: ${made - 1}\n\n`));
  }
  assert(text.startsWith("data: 0\n\ndata: 1\n\ndata: 2\n\n"));
  await body.cancel();
});

Deno.test("eventStreamResponse sends an event that is larger than a chunk", async () => {
  const data = "x".repeat(1024 * 1024);
  const response = eventStreamResponse([{ data }, { data: "y" }]);
  assertEquals(
    await response.text(),
    `: keep-alive 8000\n\ndata: ${data}\n\ndata: y\n\n`,
  );
});

Deno.test("eventStreamResponse sends an event at once that comes while the reader waits", async () => {
  using _clock = fakeClock();
  let controller: ReadableStreamDefaultController<ServerSentEvent>;
  const source = new ReadableStream<ServerSentEvent>({
    start(itsController) {
      controller = itsController;
    },
  });
  const body = textReader(eventStreamResponse(source));
  await body.read();
  for (const data of ["a", "b", "c"]) {
    const read = body.read();
    assert(await isPending(read));
    controller!.enqueue({ data });
    assertEquals(await read, `data: ${data}\n\n`);
  }
  const end = body.read();
  controller!.close();
  assertEquals(await end, undefined);
});

Deno.test("eventStreamResponse does not ask its source twice at a time", async () => {
  using clock = fakeClock();
  let asking = 0;
  const overlaps: number[] = [];
  const answers: (() => void)[] = [];
  const source: AsyncIterable<ServerSentEvent> = {
    [Symbol.asyncIterator]: () => ({
      async next() {
        overlaps.push(asking++);
        await new Promise<void>((resolve) => answers.push(resolve));
        asking--;
        return { done: false, value: { data: "a" } };
      },
    }),
  };
  const body = textReader(eventStreamResponse(source));
  await body.read();
  // Each keep-alive is a chunk behind which the source is wanted again.
  for (let n = 0; n < 3; n++) {
    const read = body.read();
    await clock.tick(8000);
    assertEquals(await read, ": \n\n");
  }
  const read = body.read();
  answers.shift()?.();
  assertEquals(await read, "data: a\n\n");
  assertEquals(overlaps, [0]);
  await body.cancel();
});
