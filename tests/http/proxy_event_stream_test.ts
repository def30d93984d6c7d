import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import {
  EventDataError,
  EventStream,
  jsonData,
  type ServerSentEvent,
} from "../../mod.ts";
import {
  type CloseReason,
  eventStreamResponse,
  type Fetch,
  proxyEventStream,
  type ProxyEventStreamOptions,
} from "../../server.ts";
import { textReader } from "../helpers/bodies.ts";
import { utf8 } from "../helpers/bytes.ts";
import { rawClient } from "../helpers/raw_client.ts";
import { serve } from "../helpers/server.ts";
import { settle } from "../helpers/settle.ts";
import { collect, observedSource } from "../helpers/streams.ts";

const UPSTREAM = "https://upstream.example/events?topic=a";
const EVENT_STREAM = { "content-type": "text/event-stream" };
const IDENTITY = (event: ServerSentEvent) => event;

/** An upstream that keeps what it was asked, and answers as told. */
function upstream(answer: () => Response | Promise<Response>) {
  const requests: Request[] = [];
  const fetch: Fetch = async (input, init) => {
    requests.push(new Request(input, init));
    return await answer();
  };
  return { fetch, requests };
}

function answering(
  text: string,
  headers: Record<string, string> = EVENT_STREAM,
) {
  return upstream(() => new Response(text, { headers }));
}

Deno.test("proxyEventStream passes on the method, the body and the headers", async () => {
  const { fetch, requests } = answering("data: a\n\n");
  const request = new Request(
    "https://proxy.example/x?upstream=https://evil.example",
    {
      method: "POST",
      body: "question",
      headers: {
        authorization: "Bearer t",
        "x-custom": "1",
        "accept-encoding": "br",
      },
    },
  );
  await (await proxyEventStream(request, UPSTREAM, { fetch })).text();
  const [sent] = requests;
  assertEquals(sent.url, UPSTREAM);
  assertEquals(sent.method, "POST");
  assertEquals(sent.redirect, "manual");
  assertEquals(await sent.text(), "question");
  assertEquals(sent.headers.get("authorization"), "Bearer t");
  assertEquals(sent.headers.get("x-custom"), "1");
  assertEquals(sent.headers.get("accept-encoding"), "identity");
});

Deno.test("proxyEventStream keeps headers of the connection to itself, both ways", async () => {
  const hop = {
    connection: "keep-alive, X-Named , not a name\u00e9, x-other",
    "keep-alive": "timeout=5",
    "proxy-authorization": "Basic x",
    "proxy-connection": "close",
    te: "trailers",
    trailer: "x",
    upgrade: "h2c",
    "x-named": "1",
    "x-other": "2",
    "x-kept": "3",
  };
  const { fetch, requests } = answering("", { ...EVENT_STREAM, ...hop });
  const request = new Request("https://proxy.example", {
    headers: { ...hop, host: "proxy.example", expect: "100-continue" },
  });
  const response = await proxyEventStream(request, UPSTREAM, { fetch });
  for (const headers of [requests[0].headers, response.headers]) {
    const names = [...headers.keys()].filter((name) =>
      name !== "accept-encoding" && name !== "content-type"
    );
    assertEquals(names, ["x-kept"]);
  }
  await response.text();
});

Deno.test("proxyEventStream passes on the last event ID as UTF-8", async () => {
  const bytes = (text: string) => String.fromCharCode(...utf8(text));
  const { fetch, requests } = answering("");
  const request = new Request("https://proxy.example", {
    headers: { "last-event-id": bytes("é日🦕") },
  });
  await proxyEventStream(request, UPSTREAM, { fetch });
  assertEquals(requests[0].headers.get("last-event-id"), bytes("é日🦕"));
});

Deno.test("proxyEventStream lets the caller edit what goes upstream", async () => {
  const { fetch, requests } = answering("");
  const request = new Request("https://proxy.example", {
    headers: { cookie: "secret" },
  });
  await proxyEventStream(request, UPSTREAM, {
    fetch,
    headers(headers) {
      headers.delete("cookie");
      headers.set("authorization", "Bearer mine");
    },
  });
  assertEquals(requests[0].headers.get("cookie"), null);
  assertEquals(requests[0].headers.get("authorization"), "Bearer mine");
});

for (
  const url of ["file:///etc/passwd", "data:,x", "ftp://a.example", "/relative"]
) {
  Deno.test(`proxyEventStream refuses the upstream ${url}`, async () => {
    const { fetch, requests } = answering("");
    const request = new Request("https://proxy.example");
    await assertRejects(
      () => proxyEventStream(request, url, { fetch }),
      TypeError,
    );
    assertEquals(requests, []);
  });
}

const WIRE =
  ":comment\n\n: keep\nid: 1\n\nretry:5\n\nevent:e\r\ndata:a\rdata: b\n\nunknown: x\n\ndata:last\n\n";

Deno.test("proxyEventStream passes bytes as they come without a transform", async () => {
  const bytes = Uint8Array.from([...utf8(`\uFEFF${WIRE}data: \n`), 0xff, 0xc3]);
  const headers = { ...EVENT_STREAM, "cache-control": "no-store", etag: '"1"' };
  const { fetch } = upstream(() => new Response(bytes, { headers }));
  const response = await proxyEventStream(
    new Request("https://proxy.example"),
    UPSTREAM,
    { fetch },
  );
  assertEquals(await response.bytes(), bytes);
  assertEquals(response.headers.get("cache-control"), "no-store");
  assertEquals(response.headers.get("etag"), '"1"');
});

/** Transforms that change nothing. */
const identities: Readonly<
  Record<string, () => ProxyEventStreamOptions["transform"]>
> = {
  "a function": () => IDENTITY,
  "a function that gives several": () => (event) => [event],
  "a TransformStream": () => new TransformStream(),
};

for (const [what, transform] of Object.entries(identities)) {
  Deno.test(`proxyEventStream shows ${what} everything that must be passed on`, async () => {
    const { fetch } = answering(WIRE);
    const request = new Request("https://proxy.example");
    const response = await proxyEventStream(request, UPSTREAM, {
      fetch,
      transform: transform(),
      keepAlive: false,
    });
    const events = await collect(new EventStream(response, { view: "wire" }));
    const expected = await collect(
      new EventStream(new Response(WIRE), { view: "wire" }),
    );
    assertEquals(events, [{ ...expected[0], comments: [""] }, ...expected]);
  });
}

Deno.test("proxyEventStream lets a transform drop, change and add events", async () => {
  const { fetch } = answering(
    "data: drop\n\nevent: log\nid: 1\ndata: change\n\ndata: add\n\n",
  );
  const response = await proxyEventStream(
    new Request("https://proxy.example"),
    UPSTREAM,
    {
      fetch,
      keepAlive: false,
      transform(event) {
        switch (event.data) {
          case "drop":
            return;
          case "change":
            return { ...event, data: "changed" };
          default:
            return [event, { data: "more" }];
        }
      },
    },
  );
  assertEquals(
    await response.text(),
    ": \n\nevent: log\nid: 1\ndata: changed\n\ndata: add\n\ndata: more\n\n",
  );
});

Deno.test("proxyEventStream gives a transformed stream a keep-alive of its own", async () => {
  const { fetch } = answering("data: a\n\n", {
    ...EVENT_STREAM,
    "content-length": "9",
  });
  const response = await proxyEventStream(
    new Request("https://proxy.example"),
    UPSTREAM,
    {
      fetch,
      transform: IDENTITY,
      keepAlive: { interval: 3000 },
    },
  );
  assertEquals(response.headers.get("content-length"), null);
  assertEquals(response.headers.get("x-accel-buffering"), "no");
  assertEquals(await response.text(), ": keep-alive 3000\n\ndata: a\n\n");
});

Deno.test("proxyEventStream errors the stream at data that its codec cannot read", async () => {
  const problems: unknown[] = [];
  const { stream, cancels, cancelled } = observedSource(
    [utf8("data: 1\n\ndata: ?\n\n")],
    "wait",
  );
  const { fetch } = upstream(() =>
    new Response(stream, { headers: EVENT_STREAM })
  );
  const response = await proxyEventStream<number>(
    new Request("https://proxy.example"),
    UPSTREAM,
    {
      fetch,
      data: jsonData<number>(),
      transform: (event) => event,
      onError: (error) => problems.push(error),
    },
  );
  const body = textReader(response);
  await body.read();
  assertEquals(await body.read(), "data: 1\n\n");
  const error = await assertRejects(() => body.read(), EventDataError);
  assertEquals(problems, [error]);
  await cancelled;
  assertEquals(cancels, [error]);
});

Deno.test("proxyEventStream passes other answers back as they are", async () => {
  for (const status of [200, 201, 302, 404, 500]) {
    const { fetch } = upstream(() =>
      new Response("<p>no events", {
        status,
        headers: [
          ["content-type", "text/html"],
          ["location", "/elsewhere"],
          ["set-cookie", "a=1"],
          ["set-cookie", "b=2"],
        ],
      })
    );
    const response = await proxyEventStream(
      new Request("https://proxy.example"),
      UPSTREAM,
      {
        fetch,
        transform: IDENTITY,
      },
    );
    assertEquals(response.status, status);
    assertEquals(response.headers.get("location"), "/elsewhere");
    assertEquals(response.headers.getSetCookie(), ["a=1", "b=2"]);
    assertEquals(await response.text(), "<p>no events");
  }
});

for (const status of [201, 206, 404, 500]) {
  Deno.test(`proxyEventStream transforms the events of a ${status}`, async () => {
    const { fetch } = upstream(() =>
      new Response("data: secret\n\n", { status, headers: EVENT_STREAM })
    );
    const response = await proxyEventStream(
      new Request("https://proxy.example"),
      UPSTREAM,
      { fetch, keepAlive: false, transform: () => ({ data: "redacted" }) },
    );
    assertEquals(response.status, status);
    assertEquals(await response.text(), ": \n\ndata: redacted\n\n");
  });
}

for (const status of [204, 205, 304]) {
  Deno.test(`proxyEventStream passes back a ${status}, which has no body`, async () => {
    const { fetch } = upstream(() =>
      new Response(null, { status, headers: EVENT_STREAM })
    );
    const response = await proxyEventStream(
      new Request("https://proxy.example"),
      UPSTREAM,
      {
        fetch,
        transform: IDENTITY,
      },
    );
    assertEquals([response.status, response.body], [status, null]);
  });
}

Deno.test("proxyEventStream drops the encoding and length of a body that was decoded", async () => {
  const { fetch } = answering("data: a\n\n", {
    ...EVENT_STREAM,
    "content-encoding": "gzip",
    "content-length": "29",
  });
  const response = await proxyEventStream(
    new Request("https://proxy.example"),
    UPSTREAM,
    { fetch },
  );
  assertEquals(response.headers.get("content-encoding"), null);
  assertEquals(response.headers.get("content-length"), null);
  await response.text();
});

Deno.test("proxyEventStream answers 502 when the upstream cannot be reached", async () => {
  const failure = new TypeError("connect to 10.0.0.7 refused");
  const problems: unknown[] = [];
  const response = await proxyEventStream(
    new Request("https://proxy.example"),
    UPSTREAM,
    {
      fetch: () => Promise.reject(failure),
      onError: (error) => problems.push(error),
    },
  );
  assertEquals(response.status, 502);
  assertEquals(
    response.headers.get("content-type"),
    "application/problem+json",
  );
  const problem = await response.text();
  assertEquals(JSON.parse(problem).status, 502);
  // Nothing of the inside is told to the outside.
  assert(
    !problem.includes("10.0.0.7") && !problem.includes("upstream.example"),
  );
  assertStrictEquals(problems[0], failure);
});

for (const transform of [undefined, IDENTITY]) {
  const how = transform === undefined ? "bytes" : "events";

  Deno.test(`proxyEventStream cancels and aborts the upstream once when the client leaves, passing ${how}`, async () => {
    const { stream, cancels } = observedSource([utf8("data: a\n\n")], "wait");
    const closes: CloseReason[] = [];
    const problems: unknown[] = [];
    const { fetch, requests } = upstream(() =>
      new Response(stream, { headers: EVENT_STREAM })
    );
    const response = await proxyEventStream(
      new Request("https://proxy.example"),
      UPSTREAM,
      {
        fetch,
        transform,
        keepAlive: false,
        onClose: (reason) => closes.push(reason),
        onError: (error) => problems.push(error),
      },
    );
    const body = textReader(response);
    if (transform !== undefined) await body.read();
    assertEquals(await body.read(), "data: a\n\n");
    const read = body.read();
    await body.cancel();
    assertEquals(await read, undefined);
    await settle();
    assertEquals(cancels.length, 1);
    assert(requests[0].signal.aborted);
    assertEquals(closes, ["client"]);
    assertEquals(problems, []);
  });

  Deno.test(`proxyEventStream errors the client's stream when the upstream breaks, passing ${how}`, async () => {
    const failure = new Error("reset");
    const { stream } = observedSource([utf8("data: a\n\ndata: b")], {
      error: failure,
    });
    const closes: CloseReason[] = [];
    const problems: unknown[] = [];
    const { fetch } = upstream(() =>
      new Response(stream, { headers: EVENT_STREAM })
    );
    const response = await proxyEventStream(
      new Request("https://proxy.example"),
      UPSTREAM,
      {
        fetch,
        transform,
        keepAlive: false,
        onClose: (reason) => closes.push(reason),
        onError: (error) => problems.push(error),
      },
    );
    const body = textReader(response);
    if (transform !== undefined) await body.read();
    assert((await body.read())?.startsWith("data: a\n\n"));
    assertStrictEquals(await assertRejects(() => body.read()), failure);
    assertEquals(problems, [failure]);
    assertEquals(closes, ["error"]);
  });

  Deno.test(`proxyEventStream errors a real client's stream when a real upstream breaks, passing ${how}`, async () => {
    await using origin = serve(() => {
      async function* events() {
        yield { data: "a" };
        await settle();
        throw new Error("the origin breaks");
      }
      return eventStreamResponse(events());
    });
    await using proxy = serve((request) =>
      proxyEventStream(request, origin.url, { transform })
    );
    const seen: unknown[] = [];
    const response = await fetch(proxy.url);
    const error = await assertRejects(async () => {
      for await (const { data } of new EventStream(response)) seen.push(data);
    });
    assertInstanceOf(error, Error);
    assertEquals(seen, ["a"]);
  });

  Deno.test(`proxyEventStream tells a real upstream that a real client has left, passing ${how}`, async () => {
    const left = Promise.withResolvers<CloseReason>();
    await using origin = serve(() =>
      eventStreamResponse((sender) => {
        sender.send({ data: "a" });
      }, { onClose: left.resolve })
    );
    await using proxy = serve((request) =>
      proxyEventStream(request, origin.url, { transform })
    );
    {
      using client = await rawClient(proxy.port);
      await client.head();
      let seen: string | undefined = "";
      while (!seen?.includes("data: a")) seen = await client.chunk();
    }
    assertEquals(await left.promise, "client");
  });
}

Deno.test("proxyEventStream ends a transformed stream cleanly when its signal aborts", async () => {
  const shutdown = new AbortController();
  const problems: unknown[] = [];
  await using origin = serve(() =>
    eventStreamResponse((sender) => {
      sender.send({ data: "a" });
    })
  );
  const response = await proxyEventStream(
    new Request("https://proxy.example"),
    origin.url,
    {
      transform: ({ comments: _, ...event }) =>
        event.data === undefined ? undefined : event,
      keepAlive: false,
      signal: shutdown.signal,
      onError: (error) => problems.push(error),
    },
  );
  const body = textReader(response);
  await body.read();
  assertEquals(await body.read(), "data: a\n\n");
  const read = body.read();
  shutdown.abort();
  assertEquals(await read, undefined);
  await settle();
  assertEquals(problems, []);
});

Deno.test("proxyEventStream does not read the upstream ahead of its client", async () => {
  const chunks = Array.from({ length: 50 }, () => utf8("data: a\n\n"));
  for (const transform of [undefined, IDENTITY]) {
    const { stream, pulls } = observedSource(chunks);
    const { fetch } = upstream(() =>
      new Response(stream, { headers: EVENT_STREAM })
    );
    const response = await proxyEventStream(
      new Request("https://proxy.example"),
      UPSTREAM,
      { fetch, transform },
    );
    const body = textReader(response);
    for (let read = 0; read < 5; read++) await body.read();
    await settle();
    assert(pulls() <= 7, `${pulls()} chunks were asked for`);
    await body.cancel();
  }
});

Deno.test("proxyEventStream aborts the request upstream when the client leaves before there is an answer", async () => {
  const client = new AbortController();
  const { fetch, requests } = upstream(() =>
    new Promise<never>((_, reject) => {
      const { signal } = requests[0];
      signal.addEventListener("abort", () => reject(signal.reason));
    })
  );
  const request = new Request("https://proxy.example", {
    signal: client.signal,
  });
  const answered = proxyEventStream(request, UPSTREAM, { fetch });
  await settle();
  client.abort();
  assertEquals((await answered).status, 502);
  assert(requests[0].signal.aborted);
});

for (const returned of [{ data: "x" }, null, Promise.resolve(), 5]) {
  Deno.test(`proxyEventStream errors a broken stream although onError returns ${Deno.inspect(returned)}`, async () => {
    const failure = new Error("reset");
    const { stream } = observedSource([utf8("data: a\n\n")], {
      error: failure,
    });
    const { fetch } = upstream(() =>
      new Response(stream, { headers: EVENT_STREAM })
    );
    const response = await proxyEventStream(
      new Request("https://proxy.example"),
      UPSTREAM,
      {
        fetch,
        transform: IDENTITY,
        onError: () => returned,
      },
    );
    assertStrictEquals(await assertRejects(() => response.text()), failure);
  });
}

Deno.test("proxyEventStream tells onClose once when its client leaves while a chunk is on its way", async () => {
  for (let turns = 0; turns < 8; turns++) {
    const closes: CloseReason[] = [];
    const problems: unknown[] = [];
    const { readable, writable } = new TransformStream<
      Uint8Array,
      Uint8Array
    >();
    const { fetch } = upstream(() =>
      new Response(readable, { headers: EVENT_STREAM })
    );
    const response = await proxyEventStream(
      new Request("https://proxy.example"),
      UPSTREAM,
      {
        fetch,
        onClose: (reason) => closes.push(reason),
        onError: (error) => problems.push(error),
      },
    );
    const reader = response.body!.getReader();
    const read = reader.read();
    const written = writable.getWriter().write(utf8("data: a\n\n"));
    for (let turn = 0; turn < turns; turn++) await undefined;
    await reader.cancel();
    await Promise.allSettled([read, written]);
    await settle();
    assertEquals([closes, problems], [["client"], []]);
  }
});

Deno.test("proxyEventStream refuses options before it asks the upstream", async () => {
  const { fetch, requests } = answering("");
  for (
    const options of [{ keepAlive: { interval: -1 } }, { maxDuration: -1 }, {
      maxEventSize: -1,
    }]
  ) {
    await assertRejects(
      () =>
        proxyEventStream(new Request("https://proxy.example"), UPSTREAM, {
          ...options,
          fetch,
        }),
      RangeError,
    );
  }
  assertEquals(requests, []);
});

Deno.test("proxyEventStream answers 502 to a status that no answer may have", async () => {
  const answer = Object.defineProperty(new Response("x"), "status", {
    value: 999,
  });
  const problems: unknown[] = [];
  const { fetch, requests } = upstream(() => answer);
  const response = await proxyEventStream(
    new Request("https://proxy.example"),
    UPSTREAM,
    {
      fetch,
      onError: (error) => problems.push(error),
    },
  );
  assertEquals(response.status, 502);
  assertEquals(problems.length, 1);
  assert(requests[0].signal.aborted);
});

Deno.test("proxyEventStream returns a generator of its transform when the client leaves", async () => {
  let ended = 0;
  const { stream, cancels } = observedSource([utf8("data: a\n\n")], "wait");
  const { fetch } = upstream(() =>
    new Response(stream, { headers: EVENT_STREAM })
  );
  const response = await proxyEventStream(
    new Request("https://proxy.example"),
    UPSTREAM,
    {
      fetch,
      keepAlive: false,
      *transform(event) {
        try {
          while (true) yield event;
        } finally {
          ended++;
        }
      },
    },
  );
  const body = textReader(response);
  await body.read();
  await body.read();
  await body.cancel();
  await settle();
  assertEquals([ended, cancels.length], [1, 1]);
});

Deno.test("proxyEventStream cancels the upstream when its transform throws", async () => {
  const failure = new Error("transform");
  const { stream, cancels } = observedSource([utf8("data: a\n\n")], "wait");
  const { fetch } = upstream(() =>
    new Response(stream, { headers: EVENT_STREAM })
  );
  const response = await proxyEventStream(
    new Request("https://proxy.example"),
    UPSTREAM,
    {
      fetch,
      transform: () => {
        throw failure;
      },
    },
  );
  assertStrictEquals(await assertRejects(() => response.text()), failure);
  await settle();
  assertEquals(cancels, [failure]);
});

Deno.test("proxyEventStream removes what Connection names behind a stray quote", async () => {
  const { fetch, requests } = answering("");
  const request = new Request("https://proxy.example", {
    headers: { connection: '"x, x-hop', "x-hop": "secret" },
  });
  await proxyEventStream(request, UPSTREAM, { fetch });
  assertEquals(requests[0].headers.get("x-hop"), null);
});

Deno.test("proxyEventStream keeps the coding of a body that fetch does not decode", async () => {
  const { fetch } = answering("coded", { "content-encoding": "compress" });
  const response = await proxyEventStream(
    new Request("https://proxy.example"),
    UPSTREAM,
    { fetch },
  );
  assertEquals(response.headers.get("content-encoding"), "compress");
  await response.text();
});
