import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  dataByEvent,
  encodeEvent,
  EventBuildError,
  EventDataError,
  EventDecoderStream,
  EventEncoderStream,
  EventParser,
  EventSizeError,
  EventStream,
  IncompleteStreamError,
  jsonData,
  lineData,
  type ServerSentEvent,
  SlowSubscriberError,
  StreamClosedError,
  stringData,
} from "../../mod.ts";
import {
  acceptsEventStream,
  type CloseReason,
  type EventProducer,
  type EventSender,
  eventStreamResponse,
  type EventStreamResponseOptions,
  KeepAliveStream,
  lastEventId,
  type ServerSentEventSource,
} from "../../server.ts";
import { EventStreamResponseError, fetchEventStream } from "../../client.ts";
import { chunkings, utf8 } from "../helpers/bytes.ts";
import { present } from "../helpers/events.ts";
import {
  collect,
  collectStream,
  deferred,
  settleAll,
  streamOf,
  trapRejections,
} from "../helpers/portable.ts";
import { decodeVectors } from "../spec/vectors.ts";
import { LAST_EVENT_IDS } from "./clients.ts";

/** A test for every runtime: nothing in it but web standards. */
export type PortableTest = readonly [
  name: string,
  fn: () => void | Promise<void>,
];

type Chunks = readonly Uint8Array<ArrayBuffer>[];
interface State {
  readonly lastEventId: string;
  readonly reconnectionTime: number | undefined;
}
type View = "dispatch" | "wire";

/** The public ways to read a stream to its end. */
const readers: Readonly<
  Record<
    string,
    (chunks: Chunks, view: View) => Promise<[ServerSentEvent[], State]>
  >
> = {
  EventParser(chunks, view) {
    const parser = new EventParser({ view });
    const events = chunks.flatMap((chunk) => parser.feed(chunk));
    return Promise.resolve([events, parser]);
  },
  async EventDecoderStream(chunks, view) {
    const decoder = new EventDecoderStream({ view });
    const events = await collectStream(
      streamOf(...chunks).pipeThrough(decoder),
    );
    return [events, decoder];
  },
  async EventStream(chunks, view) {
    const stream = new EventStream(streamOf(...chunks), { view });
    return [await collect(stream), stream];
  },
};

/** A few of the chunkings: `tests/spec/decode_test.ts` goes through all of them. */
function fewChunkings(bytes: Uint8Array<ArrayBuffer>) {
  const names = ["whole", "in random chunks of seed 1"];
  // Some are 80,000 bytes long: that many chunks take Node 20 half a second.
  if (bytes.length < 1000) names.push("in chunks of 1");
  return chunkings(bytes).filter(({ name }) => names.includes(name));
}

/** What a view promises of an event, in one order. */
function fields(event: ServerSentEvent, view: View): unknown[] {
  const { event: type, data, id, retry, comments, lastEventId } = event;
  return [type, data, id, retry, comments, view === "wire" ? "" : lastEventId];
}

const vectorTests = Object.entries(readers).flatMap(([name, read]) =>
  (["dispatch", "wire"] as const).map((view): PortableTest => [
    `${name} reads all vectors, ${view} view`,
    async () => {
      for (const vector of decodeVectors) {
        const bytes = typeof vector.input === "string"
          ? utf8(vector.input)
          : vector.input;
        for (const { name: chunking, chunks } of fewChunkings(bytes)) {
          const [given, state] = await read(chunks, view);
          const actual = [
            state.lastEventId,
            state.reconnectionTime,
            given.map((event) => fields(event, view)),
          ];
          const expected = [
            vector.lastEventId,
            vector.reconnectionTime,
            vector[view].map((event) => fields(event, view)),
          ];
          // Said in words only if they differ: this runs some ten thousand times.
          if (JSON.stringify(actual) === JSON.stringify(expected)) continue;
          assertEquals(
            actual,
            expected,
            `${vector.name} (${vector.clause}), ${chunking}`,
          );
        }
      }
    },
  ])
);

const EVENTS: readonly ServerSentEvent[] = [
  { event: "a", data: "é\n日本\n", id: "1" },
  { data: "" },
  { comments: ["c", ""], retry: 5, data: "🦕" },
];

/** What a reader of `EVENTS` gets, in the wire view. */
const READ_EVENTS = EVENTS.map((event) => ({ ...event, lastEventId: "1" }));

const OPENING = ": keep-alive 8000\n\n";

/** The chunks of a body, one by one. */
function textReader(response: Response) {
  const reader = response.body!.getReader();
  const decoder = new TextDecoder();
  return {
    async read(): Promise<string | undefined> {
      const { done, value } = await reader.read();
      return done ? undefined : decoder.decode(value);
    },
    cancel: (reason?: unknown) => reader.cancel(reason),
  };
}

/** A response of a sender, what it has told, and the sender. */
function sent(
  options: EventStreamResponseOptions = {},
) {
  const reasons: CloseReason[] = [];
  let sender!: EventSender;
  const response = eventStreamResponse((given) => {
    sender = given;
  }, { onClose: (reason) => reasons.push(reason), ...options });
  return { response, sender, reasons };
}

const wireTests: readonly PortableTest[] = [
  [
    "EventEncoderStream and EventDecoderStream give the events back",
    async () => {
      const events = streamOf(...EVENTS)
        .pipeThrough(new EventEncoderStream())
        .pipeThrough(new EventDecoderStream({ view: "wire" }));
      assertEquals((await collectStream(events)).map(present), READ_EVENTS);
    },
  ],
  ["encodeEvent and EventStream give the events back", async () => {
    const chunks = EVENTS.map((event) => encodeEvent(event));
    const stream = new EventStream(streamOf(...chunks), { view: "wire" });
    assertEquals((await collect(stream)).map(present), READ_EVENTS);
  }],
  ["encodeEvent refuses what would forge a field", () => {
    for (
      const event of [{ event: "a\nb" }, { id: "a\rb" }, { id: "\0" }, {}, {
        retry: -1,
      }, { id: "\ud800" }]
    ) assertThrows(() => encodeEvent(event), EventBuildError);
  }],
  ["jsonData, lineData and dataByEvent read and write", async () => {
    const data = dataByEvent({
      json: jsonData<{ n: number }>(),
      lines: lineData,
    }, stringData);
    const bytes = [
      encodeEvent({ event: "json", data: { n: 1 } }, { data }),
      encodeEvent({ event: "lines", data: ["a", "b"] }, { data }),
      encodeEvent({ data: "text" }, { data }),
    ];
    const read = await collect(new EventStream(streamOf(...bytes), { data }));
    assertEquals(read.map((event) => event.data as unknown), [
      { n: 1 },
      ["a", "b"],
      "text",
    ]);
  }],
  ["EventStream hands out what came before an unreadable event", async () => {
    const data = jsonData<number>();
    const body = utf8("data: 1\n\ndata: 2\n\ndata: {\n\ndata: 3\n\n");
    const stream = new EventStream(streamOf(body), { data });
    const read: unknown[] = [];
    await assertRejects(async () => {
      for await (const event of stream) read.push(event.data);
    }, EventDataError);
    assertEquals(read, [1, 2]);
  }],
  ["EventDecoderStream errors after what came before was read", async () => {
    const body = utf8("data: 1\n\ndata: 2\n\ndata: {\n\ndata: 3\n\n");
    const reader = streamOf(body)
      .pipeThrough(new EventDecoderStream({ data: jsonData<number>() }))
      .getReader();
    assertEquals((await reader.read()).value?.data, 1);
    assertEquals((await reader.read()).value?.data, 2);
    await assertRejects(() => reader.read(), EventDataError);
  }],
  ["EventParser goes on behind an unreadable event", () => {
    const parser = new EventParser({ data: jsonData<number>() });
    const events = parser.feed(utf8("data: 1\n\ndata: {\n\ndata: 3\n\n"));
    assertEquals(events.map(({ data }) => data), [1]);
    assertThrows(() => parser.feed(new Uint8Array()), EventDataError);
    assertEquals(parser.feed(new Uint8Array()).map(({ data }) => data), [3]);
  }],
  ["EventStream refuses an event beyond its bound", async () => {
    const cancels: unknown[] = [];
    const source = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(utf8("data: 0123456789")),
      cancel: (reason) => {
        cancels.push(reason);
      },
    }, { highWaterMark: 0 });
    const stream = new EventStream(source, { maxEventSize: 1000 });
    await assertRejects(() => collect(stream), EventSizeError);
    await settleAll();
    assertEquals(cancels.length, 1);
  }],
  [
    "EventStream ends at its closing event, and tells when it never came",
    async () => {
      const until = ({ data }: ServerSentEvent) => data === "[DONE]";
      const whole = new Response("data: 1\n\ndata: [DONE]\n\ndata: 2\n\n");
      const read = await collect(new EventStream(whole, { until }));
      assertEquals(read.map(({ data }) => data), ["1"]);
      const cutOff = new Response("id: 7\ndata: 1\n\n");
      const error = await assertRejects(
        () => collect(new EventStream(cutOff, { until })),
        IncompleteStreamError,
      );
      assertEquals(error.lastEventId, "7");
    },
  ],
  ["EventStream cancels its source once when a loop is left", async () => {
    const cancels: unknown[] = [];
    const source = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(utf8("data: 1\n\n")),
      cancel: (reason) => {
        cancels.push(reason);
      },
    }, { highWaterMark: 0 });
    const stream = new EventStream(source);
    for await (const _ of stream) break;
    await stream.cancel();
    assertEquals(cancels.length, 1);
  }],
  ["EventStream reads an async iterable and returns it once", async () => {
    let returns = 0;
    const source: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: () =>
          Promise.resolve({ done: false, value: utf8("data: 1\n\n") }),
        return() {
          returns++;
          return Promise.resolve({ done: true, value: undefined });
        },
      }),
    };
    for await (const _ of new EventStream(source)) break;
    assertEquals(returns, 1);
  }],
  ["EventDecoderStream passes a cancel on, once", async () => {
    const cancels: unknown[] = [];
    const source = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(utf8("data: 1\n\n")),
      cancel: (reason) => {
        cancels.push(reason);
      },
    }, { highWaterMark: 0 });
    const reader = source.pipeThrough(new EventDecoderStream()).getReader();
    await reader.read();
    const reason = new Error("enough");
    await reader.cancel(reason);
    await settleAll();
    assertEquals(cancels, [reason]);
  }],
  ...[
    ["EventDecoderStream", () => new EventDecoderStream()],
    ["EventEncoderStream", () => new EventEncoderStream()],
    ["KeepAliveStream", () => new KeepAliveStream()],
  ].map(([name, make]): PortableTest => [
    `${name} passes an abort on to who reads it`,
    async () => {
      const { writable, readable } =
        (make as () => TransformStream<unknown, unknown>)();
      const reader = readable.getReader();
      const read = reader.read();
      if (name === "KeepAliveStream") await read;
      const next = name === "KeepAliveStream" ? reader.read() : read;
      const reason = new Error("broken");
      const rejected = assertRejects(() => next, Error, "broken");
      await writable.abort(reason);
      await rejected;
    },
  ]),
  [
    "EventEncoderStream errors after what came before a bad event was read",
    async () => {
      const reader = streamOf<ServerSentEvent>({ data: "a" }, { id: "\0" })
        .pipeThrough(new EventEncoderStream())
        .getReader();
      const { value } = await reader.read();
      assertEquals(new TextDecoder().decode(value), "data: a\n\n");
      await assertRejects(() => reader.read(), EventBuildError);
    },
  ],
];

const serverTests: readonly PortableTest[] = [
  ["KeepAliveStream announces itself and fills silences", async () => {
    const { readable, writable } = new KeepAliveStream({
      interval: 5,
      comment: "k",
    });
    const reader = readable.getReader();
    assertEquals((await reader.read()).value, { comments: ["keep-alive 5"] });
    for (let n = 0; n < 2; n++) {
      assertEquals((await reader.read()).value, { comments: ["k"] });
    }
    const writer = writable.getWriter();
    writer.write({ data: "a" }).catch(() => {});
    let value: ServerSentEvent | undefined;
    do value = (await reader.read()).value; while (value?.comments);
    assertEquals(value, { data: "a" });
    await reader.cancel();
    await writer.closed.catch(() => {});
  }],
  ["eventStreamResponse has the headers of an event stream", async () => {
    const response = eventStreamResponse([], {
      headers: [["set-cookie", "a=1"], ["set-cookie", "b=2"], ["x-own", "1"]],
    });
    const { headers } = response;
    assertEquals(response.status, 200);
    assertEquals(headers.get("content-type"), "text/event-stream");
    assertEquals(headers.get("cache-control"), "no-cache, no-transform");
    assertEquals(headers.get("x-accel-buffering"), "no");
    assertEquals(headers.get("x-own"), "1");
    assertEquals(headers.getSetCookie(), ["a=1", "b=2"]);
    await response.body!.cancel();
  }],
  ...Object.entries<() => ServerSentEventSource | EventProducer>({
    "an array": () => [{ data: "1" }, { data: "2" }],
    "a generator": function* () {
      yield { data: "1" };
      yield { data: "2" };
    },
    "an async generator": async function* () {
      yield { data: "1" };
      await settleAll();
      yield { data: "2" };
    },
    "a stream": () => streamOf({ data: "1" }, { data: "2" }),
    "an async function": () => async (sender) => {
      await sender.send({ data: "1" });
      await settleAll();
      await sender.send({ data: "2" });
    },
    "a sender": () => (sender) => {
      sender.send({ data: "1" });
      sender.send({ data: "2" });
      sender.close();
    },
  }).map(([name, source]): PortableTest => [
    `eventStreamResponse sends the events of ${name}`,
    async () => {
      const reasons: CloseReason[] = [];
      const response = eventStreamResponse(source(), {
        retry: 10,
        onClose: (reason) => reasons.push(reason),
      });
      assertEquals(
        await response.text(),
        ": keep-alive 8000\nretry: 10\n\ndata: 1\n\ndata: 2\n\n",
      );
      assertEquals(reasons, [name === "a sender" ? "closed" : "finished"]);
    },
  ]),
  [
    "eventStreamResponse sends each event alone, as soon as it is sent",
    async () => {
      const { response, sender } = sent();
      const body = textReader(response);
      assertEquals(await body.read(), OPENING);
      for (const data of ["a", "b", "c"]) {
        const read = body.read();
        sender.send({ data });
        assertEquals(await read, `data: ${data}\n\n`);
      }
      await body.cancel();
    },
  ],
  ["eventStreamResponse keeps a silent stream alive", async () => {
    const { response } = sent({ keepAlive: { interval: 5, comment: "k" } });
    const body = textReader(response);
    assertEquals(await body.read(), ": keep-alive 5\n\n");
    assertEquals(await body.read(), ": k\n\n");
    assertEquals(await body.read(), ": k\n\n");
    await body.cancel();
  }],
  ["eventStreamResponse ends with its signal", async () => {
    const controller = new AbortController();
    const { response, reasons, sender } = sent({ signal: controller.signal });
    const body = textReader(response);
    await body.read();
    const read = body.read();
    controller.abort();
    assertEquals(await read, undefined);
    assertEquals(reasons, ["signal"]);
    assert(sender.signal.aborted);
    await assertRejects(() => sender.send({ data: "a" }), StreamClosedError);
  }],
  ["eventStreamResponse ends after maxDuration", async () => {
    const { response, reasons } = sent({ maxDuration: 10 });
    assertEquals(await response.text(), OPENING);
    assertEquals(reasons, ["max-duration"]);
  }],
  ["eventStreamResponse ends with what a sender may not queue", async () => {
    const { response, reasons, sender } = sent({ maxQueuedBytes: 100 });
    sender.send({ data: "a".repeat(60) });
    const refused = sender.send({ data: "b".repeat(60) });
    await assertRejects(() => refused, SlowSubscriberError);
    await assertRejects(() => response.text(), SlowSubscriberError);
    assertEquals(reasons, ["slow"]);
  }],
  ["EventSender.send waits until the reader has made room", async () => {
    const { response, sender } = sent({ highWaterMark: 10 });
    const body = textReader(response);
    let resolved = false;
    const send = sender.send({ data: "a".repeat(20) }).then(() => {
      resolved = true;
    });
    await settleAll();
    assert(!resolved);
    assertEquals(await body.read(), OPENING);
    assertEquals(await body.read(), `data: ${"a".repeat(20)}\n\n`);
    await send;
    await body.cancel();
  }],
  [
    "eventStreamResponse errors behind what was sent, or ends with a last event",
    async () => {
      const failure = new Error("secret");
      async function* events(): AsyncGenerator<ServerSentEvent> {
        yield await Promise.resolve({ data: "a" });
        throw failure;
      }
      const problems: unknown[] = [];
      const reasons: CloseReason[] = [];
      const onClose = (reason: CloseReason) => reasons.push(reason);
      const body = textReader(eventStreamResponse(events(), {
        onClose,
        onError(error) {
          problems.push(error);
        },
      }));
      assertEquals(await body.read(), OPENING);
      assertEquals(await body.read(), "data: a\n\n");
      await assertRejects(() => body.read());
      assertEquals(problems, [failure]);
      const last = eventStreamResponse(events(), {
        onClose,
        onError: () => ({ event: "sorry", data: "" }),
      });
      assertEquals(
        await last.text(),
        `${OPENING}data: a\n\nevent: sorry\ndata: \n\n`,
      );
      assertEquals(reasons, ["error", "error"]);
    },
  ],
  ["eventStreamResponse cancels a stream once, with the reason", async () => {
    const cancels: unknown[] = [];
    const reasons: CloseReason[] = [];
    const source = new ReadableStream<ServerSentEvent>({
      pull: (controller) => controller.enqueue({ data: "a" }),
      cancel: (reason) => {
        cancels.push(reason);
      },
    }, { highWaterMark: 0 });
    const onClose = (reason: CloseReason) => reasons.push(reason);
    const body = textReader(eventStreamResponse(source, { onClose }));
    await body.read();
    await body.read();
    const reason = new Error("left");
    await body.cancel(reason);
    await body.cancel(reason);
    await settleAll();
    assertEquals(cancels, [reason]);
    assertEquals(reasons, ["client"]);
  }],
  [
    "eventStreamResponse returns an iterator once, in the middle of an await",
    async () => {
      let returns = 0;
      const reasons: CloseReason[] = [];
      const asked = deferred();
      const source: AsyncIterable<ServerSentEvent> = {
        [Symbol.asyncIterator]: () => ({
          next() {
            asked.resolve();
            return new Promise<never>(() => {});
          },
          return() {
            returns++;
            return Promise.resolve({ done: true, value: undefined });
          },
        }),
      };
      const onClose = (reason: CloseReason) => reasons.push(reason);
      const body = textReader(eventStreamResponse(source, { onClose }));
      await body.read();
      const read = body.read();
      await asked.promise;
      await body.cancel();
      assertEquals(await read, undefined);
      await settleAll();
      assertEquals(returns, 1);
      assertEquals(reasons, ["client"]);
    },
  ],
  [
    "eventStreamResponse leaves no rejection unhandled wherever a client leaves",
    async () => {
      const trap = trapRejections();
      const fail = () => Promise.reject(new Error("clean-up"));
      async function* failing(): AsyncGenerator<ServerSentEvent> {
        try {
          while (true) {
            await Promise.resolve();
            yield { data: "a" };
            await Promise.resolve();
          }
        } finally {
          await Promise.resolve();
          // deno-lint-ignore no-unsafe-finally -- What a careless program does.
          throw new Error("clean-up");
        }
      }
      const sources: readonly (() => ServerSentEventSource | EventProducer)[] =
        [
          failing,
          () =>
            new ReadableStream({
              pull: (controller) => controller.enqueue({ data: "a" }),
              cancel: fail,
            }),
          () => async (sender) => {
            while (true) {
              await Promise.resolve();
              await sender.send({ data: "a" });
            }
          },
          // Awaits nothing, as a timer does.
          () => (sender) => {
            sender.signal.addEventListener("abort", () => {
              sender.send({ data: "late" });
            });
            for (let n = 0; n < 3; n++) {
              sender.send({
                data: "a".repeat(70_000),
              });
            }
          },
        ];
      for (const source of sources) {
        for (let reads = 0; reads < 4; reads++) {
          for (let turns = 0; turns < 12; turns++) {
            const body = textReader(eventStreamResponse(source()));
            for (let n = 0; n < reads; n++) await body.read();
            const pending = turns % 2 === 0 ? body.read() : undefined;
            for (let n = 0; n < turns; n++) await Promise.resolve();
            await body.cancel();
            await pending;
          }
        }
      }
      await settleAll();
      trap.release();
      assertEquals(trap.errors, []);
    },
  ],
  ["an unhandled rejection is noticed by the test above", async () => {
    const trap = trapRejections();
    const error = new Error("unhandled");
    Promise.reject(error);
    await settleAll();
    trap.release();
    assertEquals(trap.errors, [error]);
  }],
  ["lastEventId reads the query", () => {
    const request = new Request("https://example.com/?from=9");
    assertEquals(lastEventId(request), undefined);
    assertEquals(lastEventId(request, { query: "from" }), "9");
  }],
  // What goes over the network is in `server_test.ts` and `client_test.ts`.
  [
    "fetchEventStream writes the last event ID that lastEventId reads",
    async () => {
      for (const id of LAST_EVENT_IDS) {
        let read: string | undefined;
        await fetchEventStream("https://example.com/", {
          lastEventId: id,
          fetch(input, init) {
            read = lastEventId(new Request(input as string, init));
            return Promise.resolve(eventStreamResponse([]));
          },
        });
        assertEquals(read, id);
      }
    },
  ],
  ["acceptsEventStream reads the header", () => {
    for (
      const [accept, accepted] of [["text/event-stream", true], [
        "text/html",
        false,
      ], ["text/event-stream;q=0, */*", false]] as const
    ) {
      const request = new Request("https://example.com/", {
        headers: { accept },
      });
      assertEquals(acceptsEventStream(request), accepted);
    }
  }],
];

const clientTests: readonly PortableTest[] = [
  ["fetchEventStream asks for events and reads them", async () => {
    let accept: string | null = null;
    let id: string | undefined;
    const fetch: typeof globalThis.fetch = (input, init) => {
      // What fetch does with them, on this runtime.
      const request = new Request(input as string, init);
      accept = request.headers.get("accept");
      id = lastEventId(request);
      return Promise.resolve(eventStreamResponse([{ id: "2", data: "a" }]));
    };
    const events = await fetchEventStream("https://example.com/", {
      fetch,
      lastEventId: "é 日本 🦕",
      cache: "no-store",
    });
    assertEquals((await collect(events)).map(present), [
      { id: "2", data: "a", lastEventId: "2" },
    ]);
    assertEquals(accept, "text/event-stream");
    assertEquals(id, "é 日本 🦕");
  }],
  ["fetchEventStream gives an answer of another kind back unread", async () => {
    const answers = [
      new Response("Log in first", { status: 401 }),
      new Response("Log in first", {
        headers: { "content-type": "text/html" },
      }),
    ];
    for (const answer of answers) {
      const error = await assertRejects(
        () =>
          fetchEventStream("https://example.com/", {
            fetch: () => Promise.resolve(answer),
          }),
        EventStreamResponseError,
      );
      assertEquals(await error.response.text(), "Log in first");
    }
  }],
  ["fetchEventStream cancels the body once when a loop is left", async () => {
    const reasons: CloseReason[] = [];
    const response = eventStreamResponse([{ data: "a" }, { data: "b" }], {
      onClose: (reason) => reasons.push(reason),
    });
    const { response: open } = sent({
      onClose: (reason) => reasons.push(reason),
    });
    for (const answer of [response, open]) {
      const stream = await fetchEventStream("https://example.com/", {
        fetch: () => Promise.resolve(answer),
      });
      const iterator = stream[Symbol.asyncIterator]();
      const next = answer === response ? await iterator.next() : undefined;
      assertEquals(next?.done, answer === response ? false : undefined);
      await stream.cancel();
    }
    await settleAll();
    assertEquals(reasons, ["finished", "client"]);
  }],
];

/** The tests, in their order. */
export const suite: readonly PortableTest[] = [
  ...vectorTests,
  ...wireTests,
  ...serverTests,
  ...clientTests,
];

/** What became of a test on a runtime. */
export interface PortableResult {
  readonly name: string;
  /** The stack of what it threw. */
  readonly error?: string;
}

/** Runs all tests on a runtime without a test runner. */
export async function runSuite(): Promise<PortableResult[]> {
  const results: PortableResult[] = [];
  for (const [name, fn] of suite) {
    try {
      await fn();
      results.push({ name });
    } catch (error) {
      const stack = error instanceof Error ? error.stack : undefined;
      // The stack of JavaScriptCore leaves the message out.
      results.push({ name, error: `${error}\n${stack ?? ""}` });
    }
  }
  return results;
}
