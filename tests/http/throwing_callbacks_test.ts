import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import {
  type CloseReason,
  EventBuildError,
  type EventSender,
  eventStreamResponse,
  type EventStreamResponseOptions,
  proxyEventStream,
  type ProxyEventStreamOptions,
  type ServerSentEvent,
  SlowSubscriberError,
} from "../../server.ts";
import { textReader } from "../helpers/bodies.ts";
import { fakeClock } from "../helpers/clock.ts";
import { observedAsyncIterable } from "../helpers/iterables.ts";
import { trapRejections } from "../helpers/portable.ts";
import { settle } from "../helpers/settle.ts";
import { observedSource } from "../helpers/streams.ts";
import { utf8 } from "../helpers/bytes.ts";

const BUG = new Error("a callback throws");
const FAILURE = new Error("what it is told");
const UNWRITABLE: ServerSentEvent = { event: "a\nb" };

/** A callback that writes down what it is told, and throws. */
function throwing<V>() {
  const told: V[] = [];
  const callback = (value: V): never => {
    told.push(value);
    throw BUG;
  };
  return { told, callback };
}

/** What nobody handled while something was done. */
async function unhandled(act: () => Promise<void>): Promise<unknown[]> {
  const trap = trapRejections();
  try {
    await act();
    // The second turn is for what is reported at the end of the first.
    for (let turns = 0; turns < 2; turns++) await settle();
    return trap.errors;
  } finally {
    trap.release();
  }
}

/** The text of a body, and the error behind it, if there is one. */
async function read(response: Response): Promise<[string, unknown]> {
  const body = textReader(response);
  let text = "";
  try {
    for (
      let chunk = await body.read();
      chunk !== undefined;
      chunk = await body.read()
    ) text += chunk;
    return [text, undefined];
  } catch (error) {
    return [text, error];
  }
}

type Respond = (options: EventStreamResponseOptions) => Response;

/** Responses that fail, by what fails. */
const FAILING: Readonly<Record<string, Respond>> = {
  "a producer that throws": (options) =>
    eventStreamResponse(() => {
      throw FAILURE;
    }, options),
  "a producer that rejects": (options) =>
    eventStreamResponse(() => Promise.reject(FAILURE), options),
  "a generator that throws": (options) =>
    eventStreamResponse(
      // deno-lint-ignore require-yield
      (function* () {
        throw FAILURE;
      })(),
      options,
    ),
  "a stream that breaks": (options) =>
    eventStreamResponse(observedSource([], { error: FAILURE }).stream, options),
};

for (const [what, respond] of Object.entries(FAILING)) {
  Deno.test(`eventStreamResponse errors its body with the error of ${what} whatever onError and onClose throw`, async () => {
    const onError = throwing<unknown>();
    const onClose = throwing<CloseReason>();
    const errors = await unhandled(async () => {
      const response = respond({
        keepAlive: false,
        onError: onError.callback,
        onClose: onClose.callback,
      });
      assertEquals(await read(response), [": \n\n", FAILURE]);
    });
    assertEquals(errors, [BUG, BUG]);
    assertEquals(onError.told, [FAILURE]);
    assertEquals(onClose.told, ["error"]);
  });
}

Deno.test("EventSender.send rejects for an event that cannot be written whatever onError throws", async () => {
  const onError = throwing<unknown>();
  const errors = await unhandled(async () => {
    const response = eventStreamResponse(async (sender) => {
      await assertRejects(() => sender.send(UNWRITABLE), EventBuildError);
      await sender.send({ data: "goes on" });
    }, { keepAlive: false, onError: onError.callback });
    assertEquals(await read(response), [": \n\ndata: goes on\n\n", undefined]);
  });
  assertEquals(errors, [BUG]);
  assertInstanceOf(onError.told[0], EventBuildError);
});

Deno.test("eventStreamResponse lets its client leave whatever onError throws at a clean-up that fails", async () => {
  const onError = throwing<unknown>();
  const { iterable } = observedAsyncIterable([{ data: "a" }], {
    returnError: FAILURE,
  });
  const errors = await unhandled(async () => {
    const body = textReader(
      eventStreamResponse(iterable, { onError: onError.callback }),
    );
    await body.read();
    await body.cancel();
  });
  assertEquals(errors, [BUG]);
  assertEquals(onError.told, [FAILURE]);
});

/** What ends a stream in each way; it fails the body in some. */
const ENDS: Readonly<
  Record<
    Exclude<CloseReason, "error">,
    (end: {
      readonly sender: EventSender;
      readonly finish: () => void;
      readonly shutdown: AbortController;
      readonly body: ReturnType<typeof textReader>;
      readonly tick: (milliseconds: number) => Promise<void>;
    }) => unknown
  >
> = {
  "finished": ({ finish }) => finish(),
  "closed": ({ sender }) => sender.close(),
  "client": ({ body }) => body.cancel(),
  "signal": ({ shutdown }) => shutdown.abort(),
  "max-duration": ({ tick }) => tick(5000),
  "slow": ({ sender }) => {
    for (let n = 0; n < 3; n++) sender.send({ data: "x".repeat(50) });
  },
};

for (const [reason, end] of Object.entries(ENDS)) {
  Deno.test(`eventStreamResponse ends with ${reason} whatever onClose throws`, async () => {
    using clock = fakeClock();
    const onClose = throwing<CloseReason>();
    const onError: unknown[] = [];
    const finished = Promise.withResolvers<void>();
    const shutdown = new AbortController();
    let sender!: EventSender;
    const errors = await unhandled(async () => {
      const response = eventStreamResponse((given) => {
        sender = given;
        return finished.promise;
      }, {
        keepAlive: false,
        maxQueuedBytes: 100,
        maxDuration: 5000,
        signal: shutdown.signal,
        onClose: onClose.callback,
        onError: (error) => onError.push(error),
      });
      const body = textReader(response);
      await body.read();
      const rest = body.rest();
      const finish = finished.resolve;
      const tick = (milliseconds: number) => clock.tick(milliseconds);
      await end({ sender, finish, shutdown, body, tick });
      const [result] = await Promise.allSettled([rest]);
      assertEquals(
        result.status === "rejected" ? result.reason.constructor : result.value,
        reason === "slow" ? SlowSubscriberError : "",
      );
    });
    assertEquals(errors, [BUG]);
    assertEquals(onClose.told, [reason]);
    assertEquals(onError, []);
    assertEquals(clock.timers, 0);
  });
}

Deno.test("eventStreamResponse ends with its source whatever onClose throws", async () => {
  const onClose = throwing<CloseReason>();
  const onError: unknown[] = [];
  const errors = await unhandled(async () => {
    const response = eventStreamResponse([{ data: "a" }], {
      keepAlive: false,
      onClose: onClose.callback,
      onError: (error) => onError.push(error),
    });
    assertEquals(await read(response), [": \n\ndata: a\n\n", undefined]);
  });
  assertEquals(errors, [BUG]);
  assertEquals([onClose.told, onError], [["finished"], []]);
});

const REQUEST = new Request("https://proxy.example");
const UPSTREAM = "https://upstream.example";

/** A response from upstream that cannot be passed on. */
const UNFIT = Object.defineProperty(new Response("x"), "status", {
  value: 999,
});

for (
  const [what, fetch] of [
    ["cannot be reached", () => Promise.reject(FAILURE)],
    ["has a status that no answer may have", () => Promise.resolve(UNFIT)],
  ] as const
) {
  Deno.test(`proxyEventStream answers 502 to an upstream that ${what} whatever onError throws`, async () => {
    const onError = throwing<unknown>();
    const errors = await unhandled(async () => {
      const options = { fetch, onError: onError.callback };
      const response = await proxyEventStream(REQUEST, UPSTREAM, options);
      assertEquals(response.status, 502);
      await response.body?.cancel();
    });
    assertEquals(errors, [BUG]);
    assertEquals(onError.told.length, 1);
  });
}

for (
  const [how, transform] of [
    ["bytes", undefined],
    ["events", (event: ServerSentEvent) => event],
  ] as const
) {
  const proxied = (
    stream: ReadableStream<Uint8Array>,
    options: ProxyEventStreamOptions,
  ) => {
    const headers = { "content-type": "text/event-stream" };
    return proxyEventStream(REQUEST, UPSTREAM, {
      transform,
      keepAlive: false,
      fetch: () => Promise.resolve(new Response(stream, { headers })),
      ...options,
    });
  };
  const opening = transform === undefined ? "" : ": \n\n";

  Deno.test(`proxyEventStream errors its stream when the upstream breaks whatever its callbacks throw, passing ${how}`, async () => {
    const onError = throwing<unknown>();
    const onClose = throwing<CloseReason>();
    const chunk = utf8("data: a\n\n");
    const { stream } = observedSource([chunk], { error: FAILURE });
    const errors = await unhandled(async () => {
      const response = await proxied(stream, {
        onError: onError.callback,
        onClose: onClose.callback,
      });
      assertEquals(await read(response), [`${opening}data: a\n\n`, FAILURE]);
    });
    assertEquals(errors, [BUG, BUG]);
    assertEquals([onError.told, onClose.told], [[FAILURE], ["error"]]);
  });

  Deno.test(`proxyEventStream ends with its upstream whatever onClose throws, passing ${how}`, async () => {
    const onClose = throwing<CloseReason>();
    const { stream } = observedSource([utf8("data: a\n\n")]);
    const errors = await unhandled(async () => {
      const response = await proxied(stream, { onClose: onClose.callback });
      assertEquals(await read(response), [`${opening}data: a\n\n`, undefined]);
    });
    assertEquals(errors, [BUG]);
    assertEquals(onClose.told, ["finished"]);
  });

  Deno.test(`proxyEventStream lets its client leave whatever onClose throws, passing ${how}`, async () => {
    const onClose = throwing<CloseReason>();
    const { stream, cancels } = observedSource([utf8("data: a\n\n")], "wait");
    const errors = await unhandled(async () => {
      const response = await proxied(stream, { onClose: onClose.callback });
      const body = textReader(response);
      await body.read();
      await body.cancel();
    });
    assertEquals(errors, [BUG]);
    assertEquals(onClose.told, ["client"]);
    assertEquals(cancels.length, 1);
  });
}
