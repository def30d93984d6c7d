import { assert, assertEquals, assertMatch } from "@std/assert";
import { EventStream, fetchEventStream } from "../../client.ts";
import {
  acceptsEventStream,
  eventStreamResponse,
  lastEventId,
  type ServerSentEvent,
} from "../../server.ts";
import { utf8 } from "../helpers/bytes.ts";
import { rawClient } from "../helpers/raw_client.ts";
import { serve } from "../helpers/server.ts";
import { collect } from "../helpers/streams.ts";

/** Events that are sent when a test says so. */
function controlledEvents() {
  const left = Promise.withResolvers<void>();
  let cancels = 0;
  let source: ReadableStreamDefaultController<ServerSentEvent>;
  const stream = new ReadableStream<ServerSentEvent>({
    start(controller) {
      source = controller;
    },
    cancel() {
      cancels++;
      left.resolve();
    },
  });
  return {
    stream,
    source: source!,
    left: left.promise,
    cancels: () => cancels,
  };
}

Deno.test("A client sees the headers and the opening before the first event", async () => {
  const { stream, source } = controlledEvents();
  await using server = serve(() => eventStreamResponse(stream));
  using client = await rawClient(server.port);
  const head = await client.head();
  assertMatch(head, /^http\/1\.1 200 ok\r\n/);
  assertMatch(head, /^content-type: text\/event-stream\r?$/m);
  assertMatch(head, /^cache-control: no-cache, no-transform\r?$/m);
  assertMatch(head, /^x-accel-buffering: no\r?$/m);
  assertMatch(head, /^transfer-encoding: chunked\r?$/m);
  assertEquals(await client.chunk(), ": keep-alive 8000\n\n");
  source.close();
  assertEquals(await client.chunk(), undefined);
});

Deno.test("A client sees each event alone, as soon as it is sent", async () => {
  const { stream, source } = controlledEvents();
  await using server = serve(() => eventStreamResponse(stream));
  using client = await rawClient(server.port);
  await client.head();
  await client.chunk();
  const events: [ServerSentEvent, string][] = [
    [{ data: "a" }, "data: a\n\n"],
    [{ event: "b", data: "é\n日本" }, "event: b\ndata: é\ndata: 日本\n\n"],
    [{ id: "3" }, "id: 3\n\n"],
    [{ comments: ["c"] }, ": c\n\n"],
  ];
  for (const [event, text] of events) {
    source.enqueue(event);
    assertEquals(await client.chunk(), text);
  }
  source.close();
  assertEquals(await client.chunk(), undefined);
});

Deno.test("A client that does not get events is kept alive", async () => {
  const { stream, source } = controlledEvents();
  await using server = serve(() =>
    eventStreamResponse(stream, { keepAlive: { interval: 1, comment: "k" } })
  );
  using client = await rawClient(server.port);
  await client.head();
  assertEquals(await client.chunk(), ": keep-alive 1\n\n");
  for (let n = 0; n < 3; n++) {
    assertMatch((await client.chunk())!, /^(: k\n\n)+$/);
  }
  source.close();
  while (await client.chunk() !== undefined);
});

Deno.test("A client that leaves is seen by a stream exactly once", async () => {
  const { stream, source, left, cancels } = controlledEvents();
  {
    await using server = serve(() => eventStreamResponse(stream));
    {
      using client = await rawClient(server.port);
      await client.head();
      await client.chunk();
      source.enqueue({ data: "a" });
      await client.chunk();
    }
    await left;
  }
  assertEquals(cancels(), 1);
});

Deno.test("A client that leaves is seen by a generator that is suspended in a yield", async () => {
  const left = Promise.withResolvers<void>();
  let ends = 0;
  async function* events(): AsyncGenerator<ServerSentEvent> {
    try {
      while (true) {
        // Larger than what the buffers of both sides hold in the end.
        yield { data: "a".repeat(64 * 1024) };
      }
    } finally {
      ends++;
      left.resolve();
    }
  }
  {
    await using server = serve(() => eventStreamResponse(events()));
    {
      using client = await rawClient(server.port);
      await client.head();
      await client.chunk();
    }
    await left.promise;
  }
  assertEquals(ends, 1);
});

Deno.test("A client that leaves is seen by an iterator at once, in the middle of an await", async () => {
  const left = Promise.withResolvers<void>();
  let returns = 0;
  const source: AsyncIterable<ServerSentEvent> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise<never>(() => {}),
      return() {
        returns++;
        left.resolve();
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
  {
    await using server = serve(() => eventStreamResponse(source));
    {
      using client = await rawClient(server.port);
      await client.head();
      await client.chunk();
    }
    await left.promise;
  }
  assertEquals(returns, 1);
});

Deno.test("A server ends all streams with one signal, cleanly", async () => {
  const shutdown = new AbortController();
  const sources: ReturnType<typeof controlledEvents>[] = [];
  await using server = serve(() => {
    const source = controlledEvents();
    sources.push(source);
    return eventStreamResponse(source.stream, { signal: shutdown.signal });
  });
  const clients = [];
  using stack = new DisposableStack();
  for (let n = 0; n < 3; n++) {
    const client = stack.use(await rawClient(server.port));
    await client.head();
    await client.chunk();
    clients.push(client);
  }
  shutdown.abort();
  for (const client of clients) assertEquals(await client.chunk(), undefined);
  for (const { cancels } of sources) assertEquals(cancels(), 1);
});

Deno.test("A source that fails cuts the body off, and the client can tell", async () => {
  const { stream, source } = controlledEvents();
  const problems: unknown[] = [];
  await using server = serve(() =>
    eventStreamResponse(stream, { onError: (error) => problems.push(error) })
  );
  using client = await rawClient(server.port);
  await client.head();
  await client.chunk();
  source.enqueue({ data: "a" });
  assertEquals(await client.chunk(), "data: a\n\n");
  const failure = new Error("a secret of the server");
  source.error(failure);
  const [end] = await Promise.allSettled([client.chunk()]);
  assertEquals(end.status, "rejected");
  assertEquals(problems, [failure]);
});

Deno.test("Ten clients at a time get the events of their own", async () => {
  const all = Promise.withResolvers<void>();
  let connected = 0;
  async function* events(name: string): AsyncGenerator<ServerSentEvent> {
    if (++connected === 10) all.resolve();
    await all.promise;
    for (let n = 0; n < 100; n++) yield { id: `${name}-${n}`, data: name };
  }
  await using server = serve((request) => {
    const name = new URL(request.url).searchParams.get("name")!;
    return eventStreamResponse(events(name));
  });
  const clients = Array.from({ length: 10 }, async (_, client) => {
    const stream = await fetchEventStream(`${server.url}?name=${client}`);
    return collect(stream);
  });
  for (const [client, read] of (await Promise.all(clients)).entries()) {
    assertEquals(
      read.map(({ id, data }) => [id, data]),
      Array.from({ length: 100 }, (_, n) => [`${client}-${n}`, `${client}`]),
    );
  }
});

Deno.test("A client resumes behind the last event that it has, with an id of any kind", async () => {
  const ids = ["one", "dos é", "三"];
  await using server = serve((request) => {
    const from = ids.indexOf(lastEventId(request) ?? "") + 1;
    return eventStreamResponse(ids.slice(from).map((id) => ({ id, data: id })));
  });
  const read: unknown[] = [];
  let last = "";
  for (const _ of ids) {
    const stream = await fetchEventStream(server.url, { lastEventId: last });
    for await (const { data, lastEventId } of stream) {
      read.push(data);
      last = lastEventId ?? "";
      break;
    }
  }
  assertEquals(read, ids);
});

Deno.test("A last event ID is read from the bytes of the request", async () => {
  const ids: unknown[] = [];
  await using server = serve((request) => {
    ids.push(lastEventId(request));
    return eventStreamResponse([]);
  });
  using client = await rawClient(server.port, ["Last-Event-ID: é 日本 🦕"]);
  await client.head();
  assertEquals(ids, ["é 日本 🦕"]);
});

Deno.test("A URL answers with a page or with events, as the client accepts", async () => {
  await using server = serve((request) =>
    acceptsEventStream(request)
      ? eventStreamResponse([{ data: "a" }])
      : new Response("a page", { headers: { "content-type": "text/html" } })
  );
  const page = await fetch(server.url, { headers: { accept: "text/html" } });
  assertEquals(await page.text(), "a page");
  const events = await collect(await fetchEventStream(server.url));
  assertEquals(events.map(({ data }) => data), ["a"]);
});

Deno.test("A client that does not read stops the source after a few megabytes", async () => {
  const SIZE = 64 * 1024;
  const MEGABYTE = 2 ** 20;
  const data = "x".repeat(SIZE);
  const pulled = { reader: 0, sleeper: 0 };
  async function* events(who: "reader" | "sleeper") {
    while (true) {
      pulled[who] += SIZE;
      yield { id: String(pulled[who]), data } satisfies ServerSentEvent;
    }
  }
  await using server = serve((request) =>
    eventStreamResponse(
      events(request.headers.has("x-reader") ? "reader" : "sleeper"),
    )
  );

  using sleeper = await rawClient(server.port);
  await sleeper.head();
  // Another client reads far more: the server had the time for both.
  const stream = await fetchEventStream(server.url, {
    headers: { "x-reader": "" },
  });
  for await (const { id } of stream) if (Number(id) >= 32 * MEGABYTE) break;
  const before = pulled.sleeper;
  assert(before > 0);
  assert(before < 8 * MEGABYTE, `${before} bytes were pulled`);

  // It goes on where it was, without a gap, when the client reads.
  async function* bytes(): AsyncGenerator<Uint8Array> {
    await sleeper.chunk();
    while (true) yield utf8(await sleeper.chunk() ?? "");
  }
  let expected = 0;
  for await (const { id } of new EventStream(bytes())) {
    expected += SIZE;
    assertEquals(Number(id), expected);
    if (expected > before) break;
  }
});
