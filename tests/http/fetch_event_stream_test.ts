import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import {
  EventDataError,
  EventStreamResponseError,
  fetchEventStream,
  IncompleteStreamError,
} from "../../client.ts";
import { jsonData } from "../../mod.ts";
import {
  eventStreamResponse,
  lastEventId,
  type ServerSentEvent,
} from "../../server.ts";
import { utf8 } from "../helpers/bytes.ts";
import { present } from "../helpers/events.ts";
import { collectGarbage } from "../helpers/garbage.ts";
import { serve } from "../helpers/server.ts";
import { isPending, settle } from "../helpers/settle.ts";
import { collect, observedSource } from "../helpers/streams.ts";

const URL_ = "http://localhost/events";
const EVENT_STREAM = { "content-type": "text/event-stream" };

/** A `fetch` that answers with a response, and keeps what it was called with. */
function fakeFetch(respond: () => Response | Promise<Response> = emptyStream) {
  const calls: Request[] = [];
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
    calls.push(new Request(input, init));
    return await respond();
  };
  return { fetch, calls };
}

function emptyStream(): Response {
  return new Response("", { headers: EVENT_STREAM });
}

/** Reads a stream to its end, and keeps what came before an error. */
async function readAll(events: AsyncIterable<ServerSentEvent>) {
  const read: ServerSentEvent[] = [];
  try {
    for await (const event of events) read.push(present(event));
  } catch (error) {
    return { read, error };
  }
  return { read, error: undefined };
}

Deno.test("fetchEventStream asks for an event stream with a GET", async () => {
  const { fetch, calls } = fakeFetch();
  await collect(await fetchEventStream(URL_, { fetch }));
  assertEquals(calls.length, 1);
  assertEquals(calls[0].method, "GET");
  assertEquals(calls[0].url, URL_);
  assertEquals([...calls[0].headers], [["accept", "text/event-stream"]]);
});

Deno.test("fetchEventStream takes a URL object", async () => {
  const { fetch, calls } = fakeFetch();
  await collect(await fetchEventStream(new URL(URL_), { fetch }));
  assertEquals(calls[0].url, URL_);
});

Deno.test("fetchEventStream sends the method, the headers and the body of the caller", async () => {
  const { fetch, calls } = fakeFetch();
  await collect(
    await fetchEventStream(URL_, {
      fetch,
      method: "POST",
      body: "question",
      headers: { authorization: "Bearer a", "content-type": "text/x-question" },
    }),
  );
  const [request] = calls;
  assertEquals(request.method, "POST");
  assertEquals(await request.text(), "question");
  assertEquals(Object.fromEntries(request.headers), {
    accept: "text/event-stream",
    authorization: "Bearer a",
    "content-type": "text/x-question",
  });
});

Deno.test("fetchEventStream keeps an Accept header of the caller", async () => {
  const { fetch, calls } = fakeFetch();
  const accept = "text/event-stream, application/json;q=0.5";
  const headers = { Accept: accept };
  await collect(await fetchEventStream(URL_, { fetch, headers }));
  assertEquals(calls[0].headers.get("accept"), accept);
});

Deno.test("fetchEventStream does not change the caller's headers", async () => {
  const { fetch } = fakeFetch();
  const headers = new Headers({ "x-a": "1" });
  await collect(
    await fetchEventStream(URL_, { fetch, headers, lastEventId: "7" }),
  );
  assertEquals([...headers], [["x-a", "1"]]);
});

for (const id of ["41", "caf\u00e9", "日本語", "🦕", "a  b", "\ufeffa"]) {
  Deno.test(`fetchEventStream sends the last event ID "${id}" as its UTF-8 bytes`, async () => {
    const { fetch, calls } = fakeFetch();
    await collect(await fetchEventStream(URL_, { fetch, lastEventId: id }));
    const header = calls[0].headers.get("last-event-id");
    assertEquals(
      Uint8Array.from(header!, (character) => character.charCodeAt(0)),
      utf8(id),
    );
  });

  Deno.test(`fetchEventStream tells a server the last event ID "${id}"`, async () => {
    const ids: unknown[] = [];
    await using server = serve((request) => {
      ids.push(lastEventId(request));
      return eventStreamResponse([]);
    });
    await collect(await fetchEventStream(server.url, { lastEventId: id }));
    assertEquals(ids, [id]);
  });
}

for (const id of [undefined, ""]) {
  Deno.test(`fetchEventStream sends no header for the last event ID ${JSON.stringify(id)}`, async () => {
    const { fetch, calls } = fakeFetch();
    await collect(await fetchEventStream(URL_, { fetch, lastEventId: id }));
    assert(!calls[0].headers.has("last-event-id"));
  });
}

for (const id of ["a\nb", "a\0b"]) {
  Deno.test(`fetchEventStream makes no request for the last event ID ${JSON.stringify(id)}`, async () => {
    const { fetch, calls } = fakeFetch();
    await assertRejects(
      () => fetchEventStream(URL_, { fetch, lastEventId: id }),
      TypeError,
    );
    assertEquals(calls.length, 0);
  });
}

Deno.test("fetchEventStream goes on from the last event ID", async () => {
  const { fetch } = fakeFetch(() =>
    new Response("data: a\n\nid: 8\ndata: b\n\n", { headers: EVENT_STREAM })
  );
  const events = await fetchEventStream(URL_, { fetch, lastEventId: "7" });
  assertEquals(events.lastEventId, "7");
  const ids = [];
  for await (const event of events) ids.push(event.lastEventId);
  assertEquals(ids, ["7", "8"]);
});

Deno.test("fetchEventStream sends a Request with its own method, body and headers", async () => {
  const { fetch, calls } = fakeFetch();
  const request = new Request(URL_, {
    method: "POST",
    body: "question",
    headers: { "content-type": "text/x-question", "x-a": "1" },
  });
  await collect(await fetchEventStream(request, { fetch, lastEventId: "7" }));
  assertEquals(calls[0].method, "POST");
  assertEquals(await calls[0].text(), "question");
  assertEquals(Object.fromEntries(calls[0].headers), {
    accept: "text/event-stream",
    "content-type": "text/x-question",
    "last-event-id": "7",
    "x-a": "1",
  });
});

Deno.test("fetchEventStream keeps the Accept header of a Request", async () => {
  const { fetch, calls } = fakeFetch();
  const accept = "text/event-stream;q=0.9";
  const request = new Request(URL_, { headers: { accept } });
  await collect(await fetchEventStream(request, { fetch }));
  assertEquals(calls[0].headers.get("accept"), accept);
});

// As in Fetch, "new Request(input, init)": headers of init replace all of input's.
Deno.test("fetchEventStream replaces the headers of a Request by those of the caller", async () => {
  const { fetch, calls } = fakeFetch();
  const request = new Request(URL_, {
    headers: { accept: "a/b", "x-a": "1" },
  });
  const headers = { "x-b": "2" };
  await collect(await fetchEventStream(request, { fetch, headers }));
  assertEquals(Object.fromEntries(calls[0].headers), {
    accept: "text/event-stream",
    "x-b": "2",
  });
});

Deno.test("fetchEventStream requests with the global fetch by default", async () => {
  const accepts: unknown[] = [];
  await using server = serve((request) => {
    accepts.push(request.headers.get("accept"));
    return eventStreamResponse([{ data: "a" }]);
  });
  const events = await fetchEventStream(server.url);
  assertEquals((await readAll(events)).read, [{ data: "a", lastEventId: "" }]);
  assertEquals(accepts, ["text/event-stream"]);
});

for (const status of [201, 202, 400, 401, 404, 500, 503]) {
  Deno.test(`fetchEventStream refuses status ${status}, its body unread`, async () => {
    const { fetch } = fakeFetch(() =>
      new Response("its own words", { status, headers: EVENT_STREAM })
    );
    const error = await assertRejects(
      () => fetchEventStream(URL_, { fetch }),
      EventStreamResponseError,
      `got ${status}`,
    );
    assertEquals(error.response.status, status);
    assert(!error.response.bodyUsed);
    assertEquals(await error.response.text(), "its own words");
  });
}

for (const status of [204, 304]) {
  Deno.test(`fetchEventStream refuses status ${status}, which has no body`, async () => {
    const { fetch } = fakeFetch(() => new Response(null, { status }));
    const error = await assertRejects(
      () => fetchEventStream(URL_, { fetch }),
      EventStreamResponseError,
    );
    assertEquals(error.response.status, status);
  });
}

for (
  const type of [
    "text/html",
    "text/plain;charset=utf-8",
    "application/json",
    "text/event-streams",
    "text/event-stream, text/html",
    "text/html;a=text/event-stream",
    "",
    null,
  ]
) {
  Deno.test(`fetchEventStream refuses content type ${JSON.stringify(type)}, its body unread`, async () => {
    const { fetch } = fakeFetch(() => {
      const response = new Response(utf8("its own words"));
      if (type !== null) response.headers.set("content-type", type);
      return response;
    });
    const error = await assertRejects(
      () => fetchEventStream(URL_, { fetch }),
      EventStreamResponseError,
      `got ${JSON.stringify(type)}`,
    );
    assertEquals(error.name, "EventStreamResponseError");
    assert(!error.response.bodyUsed);
    assertEquals(await error.response.text(), "its own words");
  });
}

for (
  const type of [
    "text/event-stream;charset=utf-8",
    "text/event-stream; charset=iso-8859-1",
    "Text/Event-Stream",
    "text/html, text/event-stream",
    " text/event-stream ; a=b",
  ]
) {
  Deno.test(`fetchEventStream reads content type "${type}"`, async () => {
    const { fetch } = fakeFetch(() =>
      new Response("data: é\n\n", { headers: { "content-type": type } })
    );
    const events = await fetchEventStream(URL_, { fetch });
    assertEquals((await readAll(events)).read, [{
      data: "é",
      lastEventId: "",
    }]);
  });
}

Deno.test("fetchEventStream holds the refused response of a server with its body unread", async () => {
  await using server = serve(() =>
    new Response("Log in first", { status: 401 })
  );
  const error = await assertRejects(
    () => fetchEventStream(server.url),
    EventStreamResponseError,
  );
  assertEquals(await error.response.text(), "Log in first");
});

Deno.test("fetchEventStream reads a response without a body as a stream without events", async () => {
  const { fetch } = fakeFetch(() =>
    new Response(null, { headers: EVENT_STREAM })
  );
  assertEquals(await collect(await fetchEventStream(URL_, { fetch })), []);
});

Deno.test("fetchEventStream passes a network error through", async () => {
  const failure = new TypeError("network");
  const { fetch } = fakeFetch(() => Promise.reject(failure));
  const error = await assertRejects(() => fetchEventStream(URL_, { fetch }));
  assertEquals(error, failure);
});

Deno.test("fetchEventStream passes the error of a server that is not there through", async () => {
  const { port } = await (async () => {
    await using server = serve(() => new Response());
    return server;
  })();
  await assertRejects(
    () => fetchEventStream(`http://127.0.0.1:${port}/`),
    TypeError,
  );
});

Deno.test("fetchEventStream rejects the iteration with the error of the body, behind the events before it", async () => {
  const failure = new TypeError("connection reset");
  const { stream } = observedSource([utf8("data: a\n\ndata: b")], {
    error: failure,
  });
  const { fetch } = fakeFetch(() =>
    new Response(stream, { headers: EVENT_STREAM })
  );
  const { read, error } = await readAll(
    await fetchEventStream(URL_, { fetch }),
  );
  assertEquals(read, [{ data: "a", lastEventId: "" }]);
  assertEquals(error, failure);
});

Deno.test("fetchEventStream rejects the iteration when the server breaks the connection", async () => {
  async function* events(): AsyncGenerator<ServerSentEvent> {
    yield { data: "a" };
    await settle();
    throw new Error("server");
  }
  await using server = serve(() => eventStreamResponse(events()));
  const { read, error } = await readAll(await fetchEventStream(server.url));
  assertEquals(read, [{ data: "a", lastEventId: "" }]);
  assertInstanceOf(error, Error);
});

Deno.test("fetchEventStream reads data with a codec", async () => {
  await using server = serve(() =>
    eventStreamResponse([{ data: { n: 1 } }, { data: { n: 2 } }], {
      data: jsonData<{ n: number }>(),
    })
  );
  const events = await fetchEventStream(server.url, {
    data: jsonData<{ n: number }>(),
  });
  let sum = 0;
  for await (const { data } of events) sum += data?.n ?? NaN;
  assertEquals(sum, 3);
});

Deno.test("fetchEventStream passes its options on to the reading", async () => {
  const { fetch } = fakeFetch(() =>
    new Response(": c\n\ndata: a\n\ndata: [DONE]\n\ndata: b\n\n", {
      headers: EVENT_STREAM,
    })
  );
  const events = await fetchEventStream(URL_, {
    fetch,
    view: "wire",
    until: ({ data }) => data === "[DONE]",
  });
  assertEquals((await readAll(events)).read, [
    { comments: ["c"], lastEventId: "" },
    { data: "a", lastEventId: "" },
  ]);
});

Deno.test("fetchEventStream rejects the iteration of a stream that ends before its closing event", async () => {
  await using server = serve(() => eventStreamResponse([{ data: "a" }]));
  const { read, error } = await readAll(
    await fetchEventStream(server.url, { until: () => false }),
  );
  assertEquals(read, [{ data: "a", lastEventId: "" }]);
  assertInstanceOf(error, IncompleteStreamError);
});

/** A server whose source waits behind an event, and that tells when a client leaves. */
function waitingServer() {
  const left = Promise.withResolvers<void>();
  let cancels = 0;
  const server = serve(() => {
    const stream = new ReadableStream<ServerSentEvent>({
      start(controller) {
        controller.enqueue({ data: "a" });
        controller.enqueue({ data: "not JSON" });
      },
      cancel() {
        cancels++;
        left.resolve();
      },
    });
    return eventStreamResponse(stream);
  });
  return { server, left: left.promise, cancels: () => cancels };
}

Deno.test("fetchEventStream closes the connection when its loop is left with break", async () => {
  const { server, left, cancels } = waitingServer();
  await using _server = server;
  for await (const { data } of await fetchEventStream(server.url)) {
    assertEquals(data, "a");
    break;
  }
  await left;
  assertEquals(cancels(), 1);
});

Deno.test("fetchEventStream closes the connection when its loop throws", async () => {
  const { server, left } = waitingServer();
  await using _server = server;
  const events = await fetchEventStream(server.url);
  await assertRejects(
    async () => {
      for await (const _ of events) throw new Error("consumer");
    },
    Error,
    "consumer",
  );
  await left;
});

Deno.test("fetchEventStream closes the connection when it is disposed of unread", async () => {
  const { server, left } = waitingServer();
  await using _server = server;
  {
    await using _events = await fetchEventStream(server.url);
  }
  await left;
});

Deno.test("fetchEventStream closes the connection at the closing event", async () => {
  const { server, left } = waitingServer();
  await using _server = server;
  const events = await fetchEventStream(server.url, {
    until: ({ data }) => data === "not JSON",
  });
  assertEquals((await readAll(events)).read, [{ data: "a", lastEventId: "" }]);
  await left;
});

Deno.test("fetchEventStream closes the connection at data that it cannot read", async () => {
  const { server, left } = waitingServer();
  await using _server = server;
  const events = await fetchEventStream(server.url, { data: jsonData() });
  await assertRejects(() => collect(events), EventDataError);
  await left;
});

Deno.test("fetchEventStream rejects with the reason of a signal that was aborted before", async () => {
  await using server = serve(() => eventStreamResponse([]));
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  assertEquals(
    await assertRejects(() => fetchEventStream(server.url, { signal })),
    reason,
  );
});

Deno.test("fetchEventStream rejects with the reason of a signal that aborts before the response", async () => {
  const requested = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<Response>();
  await using server = serve(() => {
    requested.resolve();
    return answer.promise;
  });
  const controller = new AbortController();
  const { signal } = controller;
  const reason = new Error("enough");
  const response = fetchEventStream(server.url, { signal });
  await requested.promise;
  controller.abort(reason);
  assertEquals(await assertRejects(() => response), reason);
  answer.resolve(new Response());
});

/** A read that nothing ends but a signal must not hold up all the other tests. */
const PATIENCE = { timeout: 10_000 };

Deno.test(
  "fetchEventStream rejects the iteration with the reason of its signal, and closes the connection",
  PATIENCE,
  async () => {
    const { server, left, cancels } = waitingServer();
    await using _server = server;
    const controller = new AbortController();
    const { signal } = controller;
    const iterator = (await fetchEventStream(server.url, { signal }))
      [Symbol.asyncIterator]();
    assertEquals((await iterator.next()).value.data, "a");
    assertEquals((await iterator.next()).value.data, "not JSON");
    const next = iterator.next();
    assert(await isPending(next));
    const reason = new Error("enough");
    controller.abort(reason);
    assertEquals(await assertRejects(() => next), reason);
    assertEquals(await iterator.next(), { done: true, value: undefined });
    await left;
    assertEquals(cancels(), 1);
  },
);

// In Deno the signal has no effect on the body once the response is collected.
Deno.test(
  "fetchEventStream ends with its signal after a garbage collection",
  PATIENCE,
  async () => {
    const { server, left } = waitingServer();
    await using _server = server;
    const controller = new AbortController();
    const { signal } = controller;
    const iterator = (await fetchEventStream(server.url, { signal }))
      [Symbol.asyncIterator]();
    await iterator.next();
    await iterator.next();
    const next = iterator.next();
    await settle();
    collectGarbage();
    await settle();
    const reason = new Error("enough");
    controller.abort(reason);
    assertEquals(await assertRejects(() => next), reason);
    await left;
  },
);

Deno.test(
  "fetchEventStream ends with the signal of a Request",
  PATIENCE,
  async () => {
    const { server, left } = waitingServer();
    await using _server = server;
    const controller = new AbortController();
    const { signal } = controller;
    const request = new Request(server.url, { signal });
    const iterator = (await fetchEventStream(request))[Symbol.asyncIterator]();
    await iterator.next();
    await iterator.next();
    const next = iterator.next();
    const reason = new Error("enough");
    controller.abort(reason);
    assertEquals(await assertRejects(() => next), reason);
    await left;
  },
);

Deno.test("fetchEventStream leaves no body behind when it refuses an option", async () => {
  const { stream, cancels } = observedSource([utf8("data: a\n\n")], "wait");
  const { fetch, calls } = fakeFetch(() =>
    new Response(stream, { headers: EVENT_STREAM })
  );
  await assertRejects(
    () => fetchEventStream(URL_, { fetch, maxEventSize: -1 }),
    RangeError,
  );
  await settle();
  // Either nothing was requested, or the body was let go of.
  assertEquals(cancels.length, calls.length);
});
