import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  EventBuildError,
  jsonData,
  type ServerSentEvent,
  SlowSubscriberError,
  StreamClosedError,
} from "../../mod.ts";
import {
  type CloseReason,
  type EventProducer,
  type EventSender,
  eventStreamResponse,
  type EventStreamResponseOptions,
} from "../../server.ts";
import { textReader } from "../helpers/bodies.ts";
import { fakeClock } from "../helpers/clock.ts";
import { collectGarbage } from "../helpers/garbage.ts";
import { isPending, settle } from "../helpers/settle.ts";

const OPENING = ": keep-alive 8000\n\n";

/** A response that a sender fills, and what its options were told. */
function open(options: EventStreamResponseOptions = {}) {
  const closes: CloseReason[] = [];
  const problems: unknown[] = [];
  let taken: EventSender | undefined;
  const response = eventStreamResponse((sender) => {
    taken = sender;
  }, {
    keepAlive: false,
    onClose: (reason) => closes.push(reason),
    onError: (error) => {
      problems.push(error);
    },
    ...options,
  });
  assert(taken !== undefined);
  return { sender: taken, body: textReader(response), closes, problems };
}

Deno.test("EventSender.send joins the events of one turn to one chunk", async () => {
  const { sender, body } = open();
  assertEquals(await body.read(), ": \n\n");
  const read = body.read();
  sender.send({ data: "a" });
  sender.send({ event: "b", data: "" });
  sender.comment("c");
  sender.comment();
  assertEquals(await read, "data: a\n\nevent: b\ndata: \n\n: c\n\n: \n\n");
  await body.cancel();
});

Deno.test("EventSender.send sends what comes in another turn in another chunk", async () => {
  const { sender, body } = open();
  await body.read();
  for (const data of ["a", "b", "c"]) {
    const read = body.read();
    await settle();
    sender.send({ data });
    assertEquals(await read, `data: ${data}\n\n`);
  }
  await body.cancel();
});

Deno.test("EventSender.send joins what is queued to chunks of 64 KiB", async () => {
  const { sender, body } = open();
  for (let i = 0; i < 10; i++) sender.send({ data: "x".repeat(16_000) });
  await body.read();
  const sizes: number[] = [];
  for (let left = 10 * 16_008; left > 0; left -= sizes.at(-1) ?? left) {
    sizes.push((await body.read())?.length ?? 0);
  }
  assertEquals(sizes, [4, 4, 2].map((count) => count * 16_008));
  await body.cancel();
});

Deno.test("EventSender.send resolves below the high-water mark, and when it is reached again", async () => {
  const { sender, body } = open({ highWaterMark: 30 });
  // 9 bytes each: "data: a\n\n".
  const sent = ["a", "b", "c", "d", "e"].map((data) => sender.send({ data }));
  assertEquals(sender.queuedBytes, 45);
  await Promise.all(sent.slice(0, 3));
  assert(await isPending(sent[3]));
  assert(await isPending(sent[4]));
  await body.read();
  await body.read();
  await Promise.all(sent);
  assertEquals(sender.queuedBytes, 0);
  await body.cancel();
});

Deno.test("EventSender slows a producer that awaits it down to its reader", async () => {
  let sent = 0;
  const response = eventStreamResponse(async ({ send, signal }) => {
    while (!signal.aborted) {
      await send({ data: "x".repeat(10_000) });
      sent++;
    }
  });
  const body = textReader(response);
  await settle();
  const before = sent;
  assert(before < 10, `${before} events were taken at once`);
  for (let chunks = 0; chunks < 20; chunks++) await body.read();
  await settle();
  assert(sent > before && sent < before + 200, `${sent}`);
  await body.cancel();
  await settle();
});

Deno.test("EventSender.send ends the stream of a client that does not read", async () => {
  const { sender, body, closes, problems } = open({ maxQueuedBytes: 100 });
  const sent: Promise<void>[] = [];
  for (let i = 0; i < 11; i++) sent.push(sender.send({ data: String(i % 10) }));
  // The last may not be queued any more, and nothing may follow it.
  sent.push(sender.send({ data: "late" }), sender.send({ data: "late" }));
  const error = await assertRejects(() => sent[11], SlowSubscriberError);
  assertEquals([error.queuedBytes, error.maxQueuedBytes], [111, 100]);
  assertEquals(
    (await assertRejects(() => sent[12], StreamClosedError)).reason,
    "slow",
  );
  assertEquals(closes, ["slow"]);
  assertEquals(problems, []);
  assertEquals(sender.queuedBytes, 0);
  assert(sender.signal.aborted);
  assertStrictEquals(await assertRejects(() => body.rest()), error);
});

Deno.test("EventSender.send takes an event beyond the bound into an empty queue only", async () => {
  const { sender, body } = open({ maxQueuedBytes: 100, highWaterMark: 1000 });
  await sender.send({ data: "x".repeat(500) });
  await assertRejects(() => sender.send({ data: "y" }), SlowSubscriberError);
  await assertRejects(() => body.rest(), SlowSubscriberError);
});

Deno.test("EventSender.send rejects when the client has left", async () => {
  const { sender, body, closes } = open({ highWaterMark: 0 });
  await body.read();
  const waiting = sender.send({ data: "a" });
  await body.cancel("gone");
  assertEquals(
    (await assertRejects(() => waiting, StreamClosedError)).reason,
    "client",
  );
  const error = await assertRejects(
    () => sender.send({ data: "b" }),
    StreamClosedError,
    'Cannot send event: the stream has ended, got reason "client"',
  );
  assertStrictEquals(sender.signal.reason, error);
  assertEquals(closes, ["client"]);
});

Deno.test("EventSender crashes nothing when nobody looks at its promises", async () => {
  const { sender, body } = open({ maxQueuedBytes: 20 });
  sender.send({ id: "a\nb" });
  for (let i = 0; i < 5; i++) sender.send({ data: "x" });
  sender.comment("late");
  await settle();
  await assertRejects(() => body.rest(), SlowSubscriberError);
});

Deno.test("EventSender.send rejects an event that cannot be written, tells onError and stays open", async () => {
  const { sender, body, closes, problems } = open();
  const error = await assertRejects(
    () => sender.send({ id: "a\nb" }),
    EventBuildError,
  );
  assertEquals(problems, [error]);
  assertEquals(closes, []);
  sender.send({ data: "still here" });
  sender.close();
  assertEquals(await body.rest(), ": \n\ndata: still here\n\n");
});

Deno.test("EventSender.send writes with the codec of the response", async () => {
  const response = eventStreamResponse((sender) => {
    sender.send({ data: { n: 1 } });
    sender.close();
  }, { data: jsonData<{ n: number }>() });
  assertEquals(await response.text(), `${OPENING}data: {"n":1}\n\n`);
});

Deno.test("EventSender.close ends the stream behind what was sent, once", async () => {
  const { sender, body, closes } = open();
  const sent = sender.send({ data: "a" });
  sender.close();
  sender.close();
  await sent;
  assert(sender.signal.aborted);
  assertEquals(await body.rest(), ": \n\ndata: a\n\n");
  await body.cancel();
  assertEquals(closes, ["closed"]);
});

Deno.test("EventSender.close resolves sends that wait: they are on their way", async () => {
  const { sender, body } = open({ highWaterMark: 0 });
  const sent = sender.send({ data: "a" });
  sender.close();
  await sent;
  await body.rest();
});

/** What a producer returns, and how its stream ends. */
const producers:
  readonly (readonly [string, EventProducer, string, CloseReason])[] = [
    [
      "a promise",
      async ({ send }) => {
        await send({ data: "a" });
      },
      "data: a\n\n",
      "finished",
    ],
    [
      "an array",
      () => [{ data: "a" }, { data: "b" }],
      "data: a\n\ndata: b\n\n",
      "finished",
    ],
    [
      "a generator",
      function* () {
        yield { data: "a" };
      },
      "data: a\n\n",
      "finished",
    ],
    [
      "an async generator",
      async function* () {
        yield { data: "a" };
        await settle();
        yield { data: "b" };
      },
      "data: a\n\ndata: b\n\n",
      "finished",
    ],
    [
      "a stream",
      () => ReadableStream.from([{ data: "a" }]),
      "data: a\n\n",
      "finished",
    ],
    [
      "an async generator that sends as well",
      async function* ({ send }) {
        send({ data: "sent" });
        yield { data: "given" };
        await settle();
        send({ data: "sent" });
      },
      "data: sent\n\ndata: given\n\ndata: sent\n\n",
      "finished",
    ],
    [
      "nothing, and closes",
      ({ send, close }) => {
        send({ data: "a" });
        close();
      },
      "data: a\n\n",
      "closed",
    ],
  ];

for (const [what, producer, text, reason] of producers) {
  Deno.test(`eventStreamResponse takes a producer that returns ${what}`, async () => {
    const closes: CloseReason[] = [];
    const response = eventStreamResponse(producer, {
      onClose: (reason) => closes.push(reason),
    });
    assertEquals(await response.text(), OPENING + text);
    assertEquals(closes, [reason]);
  });
}

Deno.test("eventStreamResponse leaves a producer that returns nothing open", async () => {
  const { sender, body } = open();
  await body.read();
  const read = body.read();
  assert(await isPending(read));
  sender.close();
  assertEquals(await read, undefined);
});

for (const produced of [null, 5, "data: x", true, {}]) {
  Deno.test(`eventStreamResponse refuses a producer that returns ${Deno.inspect(produced)}`, () => {
    const closes: CloseReason[] = [];
    let signal: AbortSignal | undefined;
    const producer: unknown = (sender: EventSender) => {
      ({ signal } = sender);
      return produced;
    };
    assertThrows(
      () =>
        eventStreamResponse(producer as EventProducer, {
          onClose: (reason) => closes.push(reason),
        }),
      TypeError,
      "Cannot send events: ",
    );
    assert(signal?.aborted);
    assertEquals(closes, ["error"]);
  });
}

/** Ways for a producer to fail. */
const failures: Readonly<Record<string, (error: Error) => EventProducer>> = {
  "throws": (error) => ({ send }) => {
    send({ data: "a" });
    throw error;
  },
  "rejects": (error) => async ({ send }) => {
    send({ data: "a" });
    await settle();
    throw error;
  },
  "gives a generator that throws": (error) =>
    async function* () {
      yield { data: "a" };
      throw error;
    },
};

for (const [what, fail] of Object.entries(failures)) {
  Deno.test(`eventStreamResponse errors behind what was sent when its producer ${what}`, async () => {
    const problems: unknown[] = [];
    const closes: CloseReason[] = [];
    const failure = new Error("a secret");
    const body = textReader(eventStreamResponse(fail(failure), {
      onError: (error) => {
        problems.push(error);
      },
      onClose: (reason) => closes.push(reason),
    }));
    assertEquals(await body.read(), OPENING);
    assertEquals(await body.read(), "data: a\n\n");
    assertStrictEquals(await assertRejects(() => body.read()), failure);
    assertEquals(problems, [failure]);
    assertEquals(closes, ["error"]);
  });

  Deno.test(`eventStreamResponse sends the last event of onError when its producer ${what}`, async () => {
    const last: ServerSentEvent = { event: "error", data: "sorry" };
    const response = eventStreamResponse(fail(new Error("a secret")), {
      onError: () => last,
    });
    assertEquals(
      await response.text(),
      `${OPENING}data: a\n\nevent: error\ndata: sorry\n\n`,
    );
  });
}

Deno.test("eventStreamResponse does not tell onError that a producer saw its client leave", async () => {
  const problems: unknown[] = [];
  const left = Promise.withResolvers<void>();
  const response = eventStreamResponse(async ({ send }) => {
    try {
      while (true) await send({ data: "x".repeat(100_000) });
    } finally {
      left.resolve();
    }
  }, {
    onError: (error) => {
      problems.push(error);
    },
  });
  await response.body?.cancel();
  await left.promise;
  await settle();
  assertEquals(problems, []);
});

Deno.test("eventStreamResponse tells onError what a producer throws after its client has left", async () => {
  const problems: unknown[] = [];
  const failure = new Error("clean-up");
  const response = eventStreamResponse(async ({ signal }) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    throw failure;
  }, {
    onError: (error) => {
      problems.push(error);
    },
  });
  await response.body?.cancel();
  await settle();
  assertEquals(problems, [failure]);
});

Deno.test("eventStreamResponse does not call a producer when its signal has aborted", async () => {
  let calls = 0;
  const response = eventStreamResponse(() => {
    calls++;
  }, { signal: AbortSignal.abort() });
  assertEquals(await response.text(), OPENING);
  assertEquals(calls, 0);
});

Deno.test("eventStreamResponse sends what was queued before its signal ends it", async () => {
  const shutdown = new AbortController();
  const { sender, body, closes } = open({ signal: shutdown.signal });
  const sent = sender.send({ data: "a" });
  shutdown.abort();
  await sent;
  assertEquals(await body.rest(), ": \n\ndata: a\n\n");
  assertEquals(closes, ["signal"]);
  assert(sender.signal.aborted);
});

Deno.test("eventStreamResponse ends cleanly between 80 and 100 % of maxDuration", async () => {
  using clock = fakeClock();
  const closes: [CloseReason, number][] = [];
  const bodies = Array.from({ length: 20 }, () => {
    const { sender, body } = open({
      maxDuration: 1000,
      onClose: (reason) => closes.push([reason, Date.now() - start]),
    });
    sender.send({ data: "a" });
    return body;
  });
  const start = Date.now();
  const rests = bodies.map((body) => body.rest());
  await clock.tick(1000);
  for (const rest of rests) assertEquals(await rest, ": \n\ndata: a\n\n");
  assertEquals(closes.length, 20);
  assert(closes.every(([reason]) => reason === "max-duration"));
  const times = closes.map(([, time]) => time);
  assert(times.every((time) => time >= 800 && time <= 1000), `${times}`);
  assert(new Set(times).size > 1, "all at the same time");
  assertEquals(clock.timers, 0);
});

Deno.test("eventStreamResponse clears the timer of maxDuration when the client leaves", async () => {
  using clock = fakeClock();
  const { body } = open({ maxDuration: 1000 });
  await body.read();
  const read = body.read();
  await settle();
  assertEquals(clock.timers, 1);
  await body.cancel();
  await read;
  assertEquals(clock.timers, 0);
});

Deno.test("eventStreamResponse keeps a sender's stream alive while nothing is sent", async () => {
  using clock = fakeClock();
  const { sender, body } = open({
    keepAlive: { interval: 500, comment: "ka" },
  });
  assertEquals(await body.read(), ": keep-alive 500\n\n");
  const read = body.read();
  await clock.tick(499);
  sender.send({ data: "a" });
  assertEquals(await read, "data: a\n\n");
  const next = body.read();
  await clock.tick(499);
  assert(await isPending(next));
  await clock.tick(1);
  assertEquals(await next, ": ka\n\n");
  // Nobody reads: nothing is queued.
  await clock.tick(5000);
  assertEquals(sender.queuedBytes, 0);
  await body.cancel();
});

for (
  const [name, options] of [
    ["maxDuration", { maxDuration: 0 }],
    ["maxDuration", { maxDuration: 2 ** 31 }],
    ["maxDuration", { maxDuration: NaN }],
    ["maxQueuedBytes", { maxQueuedBytes: -1 }],
    ["highWaterMark", { highWaterMark: NaN }],
  ] as const
) {
  Deno.test(`eventStreamResponse refuses ${JSON.stringify(options)}`, () => {
    let calls = 0;
    const error = assertThrows(
      () =>
        eventStreamResponse(() => {
          calls++;
        }, options),
      RangeError,
      `Cannot send events: ${name} must be`,
    );
    assertInstanceOf(error, RangeError);
    assertEquals(calls, 0);
  });
}

Deno.test("EventSender queues small events in about as much memory as it counts", async () => {
  const { sender, body } = open();
  const before = heapUsed();
  for (let i = 0; i < 250_000; i++) sender.comment();
  const grown = heapUsed() - before;
  assertEquals(sender.queuedBytes, 1_000_000);
  assert(grown < 8 * 2 ** 20, `the heap grew by ${grown} bytes`);
  sender.send({ data: "last" });
  sender.close();
  const text = await body.rest();
  assertEquals(text.length, 4 * 250_001 + "data: last\n\n".length);
  assert(text.endsWith(": \n\ndata: last\n\n"));
});

function heapUsed(): number {
  collectGarbage();
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}
