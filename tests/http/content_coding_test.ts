import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import {
  connect,
  EventSource,
  type EventSourceErrorEvent,
  EventStreamResponseError,
  type Fetch,
  fetchEventStream,
} from "../../client.ts";
import {
  type CloseReason,
  proxyEventStream,
  type ServerSentEvent,
} from "../../server.ts";
import { utf8 } from "../helpers/bytes.ts";
import { CODINGS, decode, encode, serveCoded } from "../helpers/codings.ts";
import { serve } from "../helpers/server.ts";
import { settle } from "../helpers/settle.ts";
import { collect, observedSource } from "../helpers/streams.ts";

const EVENTS = "id: 1\ndata: é 🦕\n\n".repeat(20);
const REQUEST = new Request("https://proxy.example", {
  headers: { "accept-encoding": "gzip, deflate, br, zstd" },
});
const IDENTITY = (event: ServerSentEvent) => event;

/** Bytes that are no text, however they are looked at. */
const BINARY = Uint8Array.from({ length: 1000 }, (_, n) => (n * 7919) >> 3);

const CONTENTS = [
  ["an event stream", "text/event-stream", utf8(EVENTS)],
  ["a page", "text/html; charset=utf-8", utf8("<p>é</p>".repeat(50))],
  ["what is no text", "application/octet-stream", BINARY],
] as const;

/** Deno decodes what it has asked for itself, as other runtimes do whatever they have asked for. */
const decodingFetch: Fetch = (input, init) => {
  const headers = new Headers(init?.headers);
  headers.delete("accept-encoding");
  return fetch(input, { ...init, headers });
};

for (const [what, type, bytes] of CONTENTS) {
  for (const coding of CODINGS) {
    Deno.test(`proxyEventStream passes on ${what} that is coded with ${coding} although asked not to`, async () => {
      await using upstream = serveCoded(bytes, type);
      const url = upstream.url + encodeURIComponent(coding);
      const response = await proxyEventStream(REQUEST, url);
      assertEquals(response.status, 200);
      assertEquals(response.headers.get("content-encoding"), coding);
      assertEquals(decode(await response.bytes(), coding), bytes);
    });
  }

  for (const coding of ["gzip", "br", "GZIP"]) {
    // Without a signature nothing but the runtime tells what is no text from what is coded.
    if (coding === "br" && bytes === BINARY) continue;
    Deno.test(`proxyEventStream passes on ${what} that fetch has decoded from ${coding}`, async () => {
      await using upstream = serveCoded(bytes, type);
      const url = upstream.url + encodeURIComponent(coding);
      const response = await proxyEventStream(REQUEST, url, {
        fetch: decodingFetch,
      });
      assertEquals(response.headers.get("content-encoding"), null);
      assertEquals(response.headers.get("content-length"), null);
      assertEquals(await response.bytes(), bytes);
    });
  }
}

for (const coding of CODINGS) {
  Deno.test(`proxyEventStream answers 502 to events that are coded with ${coding} and to be transformed`, async () => {
    await using upstream = serveCoded(utf8(EVENTS), "text/event-stream");
    const problems: unknown[] = [];
    const closes: CloseReason[] = [];
    const response = await proxyEventStream(
      REQUEST,
      upstream.url + encodeURIComponent(coding),
      {
        transform: IDENTITY,
        onError: (error) => problems.push(error),
        onClose: (reason) => closes.push(reason),
      },
    );
    assertEquals(response.status, 502);
    await response.body?.cancel();
    assertEquals(problems.length, 1);
    assertInstanceOf(problems[0], EventStreamResponseError);
    assert(problems[0].message.includes(JSON.stringify(coding)));
    assertEquals(closes, []);
  });
}

for (const coding of ["gzip", "br"]) {
  Deno.test(`proxyEventStream transforms events that fetch has decoded from ${coding}`, async () => {
    await using upstream = serveCoded(utf8(EVENTS), "text/event-stream");
    const response = await proxyEventStream(REQUEST, upstream.url + coding, {
      transform: IDENTITY,
      keepAlive: false,
      fetch: decodingFetch,
    });
    assertEquals(response.headers.get("content-encoding"), null);
    assertEquals(await response.text(), `: \n\n${EVENTS}`);
  });
}

/** An event stream whose headers say what they like. */
function namedCoded(
  body: ConstructorParameters<typeof Response>[0],
  coding: string,
): Response {
  const headers = {
    "content-type": "text/event-stream",
    "content-encoding": coding,
  };
  return new Response(body, { headers });
}

for (const size of [1, 2, 3]) {
  Deno.test(`proxyEventStream sees a coding in chunks of ${size}`, async () => {
    const coded = encode(utf8(EVENTS), "zstd");
    const chunks: Uint8Array[] = [];
    for (let start = 0; start < coded.length; start += size) {
      chunks.push(coded.slice(start, start + size));
    }
    const { stream } = observedSource(chunks);
    const response = await proxyEventStream(
      REQUEST,
      "https://upstream.example",
      { fetch: () => Promise.resolve(namedCoded(stream, "zstd")) },
    );
    assertEquals(response.headers.get("content-encoding"), "zstd");
    assertEquals(decode(await response.bytes(), "zstd"), utf8(EVENTS));
  });
}

Deno.test("proxyEventStream lets go of events whose coding it cannot take off", async () => {
  const { stream, cancels } = observedSource(
    [encode(utf8(EVENTS), "gzip")],
    "wait",
  );
  const response = await proxyEventStream(REQUEST, "https://upstream.example", {
    transform: IDENTITY,
    fetch: () => Promise.resolve(namedCoded(stream, "gzip")),
  });
  assertEquals(response.status, 502);
  await settle();
  assertEquals(cancels.length, 1);
});

Deno.test("proxyEventStream answers 502 to a coded upstream that breaks before its first byte", async () => {
  const failure = new Error("reset");
  const problems: unknown[] = [];
  const { stream } = observedSource<Uint8Array>([], { error: failure });
  const response = await proxyEventStream(REQUEST, "https://upstream.example", {
    fetch: () => Promise.resolve(namedCoded(stream, "gzip")),
    onError: (error) => problems.push(error),
  });
  assertEquals([response.status, problems], [502, [failure]]);
});

Deno.test("proxyEventStream lets its client leave before the first byte of a coded upstream", async () => {
  const client = new AbortController();
  const answered = proxyEventStream(
    new Request("https://proxy.example", { signal: client.signal }),
    "https://upstream.example",
    {
      fetch(_, init) {
        const { signal } = new Request("https://upstream.example", init);
        const body = new ReadableStream({
          start(controller) {
            signal.onabort = () => controller.error(signal.reason);
          },
        });
        return Promise.resolve(namedCoded(body, "gzip"));
      },
    },
  );
  await settle();
  client.abort();
  assertEquals((await answered).status, 502);
});

Deno.test("proxyEventStream does not wait for the first byte of a coding that no runtime decodes", async () => {
  // Said to keep a proxy from compressing.
  const { stream, pulls } = observedSource<Uint8Array>([], "wait");
  const response = await proxyEventStream(REQUEST, "https://upstream.example", {
    fetch: () => Promise.resolve(namedCoded(stream, "none")),
  });
  assertEquals(response.headers.get("content-encoding"), "none");
  assertEquals(pulls(), 0);
  await response.body?.cancel();
});

Deno.test("proxyEventStream errors a transformed stream with a coding that no runtime decodes", async () => {
  const bytes = Uint8Array.of(0x1f, 0x9d, 0x90, 0x64);
  const problems: unknown[] = [];
  const response = await proxyEventStream(REQUEST, "https://upstream.example", {
    transform: IDENTITY,
    fetch: () => Promise.resolve(namedCoded(bytes, "compress")),
    onError: (error) => problems.push(error),
  });
  await assertRejects(() => response.text(), EventStreamResponseError);
  assertInstanceOf(problems[0], EventStreamResponseError);
});

/** What Deno leaves of a server that compresses without being asked. */
const NOT_DECODED = ["zstd", "deflate", "x-gzip", "gzip, br"];

for (const coding of NOT_DECODED) {
  const path = encodeURIComponent(coding);

  Deno.test(`fetchEventStream refuses to read ${coding} that fetch has not decoded`, async () => {
    await using server = serveCoded(utf8(EVENTS), "text/event-stream");
    const events = await fetchEventStream(server.url + path);
    const error = await assertRejects(
      () => collect(events),
      EventStreamResponseError,
      JSON.stringify(coding),
    );
    assertEquals(error.response.status, 200);
  });

  Deno.test(`connect fails at ${coding} that fetch has not decoded`, async () => {
    await using server = serveCoded(utf8(EVENTS), "text/event-stream");
    let reconnections = 0;
    const events = connect(server.url + path, {
      onReconnect: () => void reconnections++,
    });
    await assertRejects(() => collect(events), EventStreamResponseError);
    assertEquals(reconnections, 0);
  });

  Deno.test(`EventSource closes at ${coding} that fetch has not decoded`, async () => {
    await using server = serveCoded(utf8(EVENTS), "text/event-stream");
    const source = new EventSource(server.url + path);
    const { error } = await new Promise<EventSourceErrorEvent>((resolve) => {
      source.onerror = resolve;
    });
    assertInstanceOf(error, EventStreamResponseError);
    assertEquals(source.readyState, 2);
  });
}

for (const coding of ["gzip", "br", "none", "identity"]) {
  Deno.test(`fetchEventStream and connect read events whose coding is ${coding}`, async () => {
    const bytes = utf8(EVENTS);
    const body = CODINGS.includes(coding) ? encode(bytes, coding) : bytes;
    await using server = serve(() => namedCoded(new Uint8Array(body), coding));
    const fetched = await fetchEventStream(server.url);
    assertEquals((await collect(fetched)).length, 20);
    const connected = connect(server.url, { reconnect: false });
    assertEquals((await collect(connected)).length, 20);
  });
}

Deno.test("fetchEventStream reads controls in the data of events whose coding fetch has decoded", async () => {
  const text = "data: \x1b[31mred\x00\n\n";
  const events = await fetchEventStream("https://example.com", {
    fetch: () => Promise.resolve(namedCoded(text, "gzip")),
  });
  assertEquals((await collect(events))[0].data, "\x1b[31mred\x00");
});

Deno.test("fetchEventStream cancels a body whose coding is named once, with the reason", async () => {
  const { stream, cancels } = observedSource([utf8("data: a\n\n")], "wait");
  const events = await fetchEventStream("https://example.com", {
    fetch: () => Promise.resolve(namedCoded(stream, "gzip")),
  });
  const iterator = events[Symbol.asyncIterator]();
  assertEquals((await iterator.next()).value?.data, "a");
  const reason = new Error("enough");
  await events.cancel(reason);
  assertEquals(cancels, [reason]);
});

for (const coding of ["gzip", "zstd"]) {
  Deno.test(`fetchEventStream reads what is not UTF-8, decoded from ${coding}`, async () => {
    const body = Uint8Array.of(...utf8("data: caf"), 0xe9, ...utf8("\n\n"));
    const events = await fetchEventStream("https://example.com", {
      fetch: () => Promise.resolve(namedCoded(body, coding)),
    });
    const [{ data }] = await collect(events);
    assertEquals(data, "caf\uFFFD");
  });
}

for (const status of [200, 500]) {
  Deno.test(`proxyEventStream errors the stream of a ${status} whose coding nobody decodes, to be transformed`, async () => {
    const coded = Uint8Array.of(0x1f, 0x9d, 0x90, 0x64, 0xc2, 0xd0, 0x84, 0x01);
    const headers = namedCoded(null, "compress").headers;
    const problems: unknown[] = [];
    const response = await proxyEventStream(
      REQUEST,
      "https://upstream.example",
      {
        fetch: () => Promise.resolve(new Response(coded, { status, headers })),
        transform: IDENTITY,
        onError: (error) => problems.push(error),
      },
    );
    await assertRejects(() => response.text());
    assertEquals(problems.length, 1);
    assertInstanceOf(problems[0], EventStreamResponseError);
  });
}
