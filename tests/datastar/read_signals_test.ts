import { type } from "arktype";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import * as v from "valibot";
import * as z from "zod";
import { ReadSignalsError, type StandardSchema } from "../../mod.ts";
import { readSignals } from "../../datastar/mod.ts";
import { utf8 } from "../helpers/bytes.ts";
import { observedSource } from "../helpers/streams.ts";

const URL_ = "https://example.com/updates";

function ofQuery(text: string, method = "GET"): Request {
  return new Request(`${URL_}?x=1&datastar=${encodeURIComponent(text)}`, {
    method,
  });
}

/** A request with a body of JSON, as the browser sends it. */
function ofBody(
  body: BodyInit,
  headers: HeadersInit = { "content-type": "application/json" },
  method = "POST",
): Request {
  return new Request(URL_, { method, body, headers });
}

/** The two places where signals are. */
const PLACES = {
  "the query": ofQuery,
  "the body": (text: string) => ofBody(text),
};

async function assertRefused(
  request: Request,
  status: 400 | 413 | 415,
  message: string,
  options?: Parameters<typeof readSignals>[1],
): Promise<ReadSignalsError> {
  const error = await assertRejects(
    () => readSignals(request, options),
    ReadSignalsError,
  );
  assertEquals(error.status, status, error.message);
  assertStringIncludes(error.message, message);
  return error;
}

for (const method of ["GET", "HEAD", "DELETE"]) {
  Deno.test(`readSignals reads ${method} from the query`, async () => {
    const request = ofQuery('{"a":"é+ &🦊"}', method);
    assertEquals(await readSignals(request), { a: "é+ &🦊" });
  });

  Deno.test(`readSignals refuses ${method} without the parameter`, async () => {
    const request = new Request(`${URL_}?Datastar={}`, { method });
    await assertRefused(
      request,
      400,
      "the query must have the parameter datastar",
    );
  });
}

Deno.test("readSignals reads DELETE from the query, whatever its body is", async () => {
  const request = new Request(`${URL_}?datastar={}`, {
    method: "DELETE",
    body: '{"a":1}',
  });
  assertEquals(await readSignals(request), {});
});

for (const method of ["POST", "PUT", "PATCH", "QUERY"]) {
  Deno.test(`readSignals reads ${method} from the body`, async () => {
    const request = new Request(`${URL_}?datastar=[]`, {
      method,
      body: '{"a":"é🦊"}',
      headers: { "content-type": "application/json" },
    });
    assertEquals(await readSignals(request), { a: "é🦊" });
  });
}

for (const [place, make] of Object.entries(PLACES)) {
  for (const text of ["", "{", "{a:1}", "undefined", "{}{}"]) {
    Deno.test(`readSignals refuses ${JSON.stringify(text)} in ${place}`, async () => {
      const error = await assertRefused(make(text), 400, "they must be JSON");
      assertInstanceOf(error.cause, SyntaxError);
    });
  }

  for (const text of ["[]", "null", "1", '"{}"', "true"]) {
    Deno.test(`readSignals refuses ${text} in ${place}: it is no object`, async () => {
      await assertRefused(make(text), 400, "they must be a JSON object");
    });
  }

  Deno.test(`readSignals takes as much as maxBytes from ${place}, and no more`, async () => {
    const text = '{"é":"🦊"}';
    const maxBytes = utf8(text).length;
    assertEquals(await readSignals(make(text), { maxBytes }), { é: "🦊" });
    const limit = { maxBytes: maxBytes - 1 };
    await assertRefused(make(text), 413, `than ${maxBytes - 1} bytes`, limit);
  });
}

Deno.test("readSignals takes 1 MiB unless told otherwise", async () => {
  const frame = '{"a":""}';
  const fill = (length: number) =>
    ofBody(`{"a":"${"x".repeat(length - frame.length)}"}`);
  const { a } = await readSignals(fill(1024 * 1024));
  assertEquals((a as string).length, 1024 * 1024 - frame.length);
  await assertRefused(fill(1024 * 1024 + 1), 413, "than 1048576 bytes");
});

for (const maxBytes of [-1, NaN, "x" as unknown as number]) {
  Deno.test(`readSignals refuses maxBytes ${maxBytes}`, async () => {
    await assertRejects(
      () => readSignals(ofQuery("{}"), { maxBytes }),
      RangeError,
    );
  });
}

Deno.test("readSignals pulls of an endless body no more than it needs, and cancels it", async () => {
  const chunks = Array(1000).fill(utf8(" ".repeat(10)));
  const { stream, pulls, cancelled } = observedSource(chunks, "wait");
  await assertRefused(ofBody(stream), 413, "than 25 bytes", { maxBytes: 25 });
  await cancelled;
  assertEquals(pulls(), 3);
});

Deno.test("readSignals does not wait for a body that it cancels", async () => {
  const body = new ReadableStream({
    pull: (controller) => controller.enqueue(utf8("12345")),
    cancel: () => new Promise(() => {}),
  });
  await assertRefused(ofBody(body), 413, "than 4 bytes", { maxBytes: 4 });
});

Deno.test("readSignals ignores that a body fails when it is cancelled", async () => {
  const body = new ReadableStream({
    pull: (controller) => controller.enqueue(utf8("12345")),
    cancel: () => Promise.reject(new Error("clean-up")),
  });
  await assertRefused(ofBody(body), 413, "than 4 bytes", { maxBytes: 4 });
});

Deno.test("readSignals reads nothing of a body whose content-length is over the limit", async () => {
  const { stream, pulls } = observedSource([utf8("{}")]);
  const headers = {
    "content-type": "application/json",
    "content-length": "26",
  };
  await assertRefused(ofBody(stream, headers), 413, "got 26", { maxBytes: 25 });
  assertEquals(pulls(), 0);
});

for (const length of ["1", "x", "-5"]) {
  Deno.test(`readSignals does not rely on a content-length of ${length}`, async () => {
    const { stream } = observedSource([utf8('{"a":'), utf8("1}")]);
    const headers = {
      "content-type": "application/json",
      "content-length": length,
    };
    assertEquals(await readSignals(ofBody(stream, headers)), { a: 1 });
    const long = observedSource([utf8(" ".repeat(30))], "wait");
    await assertRefused(ofBody(long.stream, headers), 413, "than 25 bytes", {
      maxBytes: 25,
    });
    await long.cancelled;
  });
}

const TYPES: Readonly<Record<string, boolean>> = {
  "application/json": true,
  "application/json; charset=utf-8": true,
  "Application/JSON;charset=UTF-8": true,
  "text/json": true,
  "application/merge-patch+json": true,
  "application/x-www-form-urlencoded": false,
  "multipart/form-data; boundary=x": false,
  "text/plain": false,
  "text/html": false,
  "application/octet-stream": false,
  "application/jsonp": false,
  "application/json-seq": false,
  'text/plain; x="application/json"': false,
  "": false,
};

for (const [contentType, isTaken] of Object.entries(TYPES)) {
  Deno.test(`readSignals ${isTaken ? "takes" : "refuses"} the content type ${contentType}`, async () => {
    const request = ofBody('{"a":1}', { "content-type": contentType });
    if (isTaken) assertEquals(await readSignals(request), { a: 1 });
    else await assertRefused(request, 415, "the body must be application/json");
  });
}

/** Bodies whose type Fetch sets, or does not. */
const UNTYPED: Readonly<Record<string, readonly [BodyInit, boolean]>> = {
  "text": ['{"a":1}', true],
  "bytes": [utf8('{"a":1}'), true],
  "a Blob": [new Blob(['{"a":1}']), true],
  "a Blob of JSON": [new Blob(['{"a":1}'], { type: "application/json" }), true],
  "URLSearchParams": [new URLSearchParams({ a: "1" }), false],
  "FormData": [new FormData(), false],
};

for (const [what, [body, isTaken]] of Object.entries(UNTYPED)) {
  Deno.test(`readSignals ${isTaken ? "takes" : "refuses"} ${what} without a content type`, async () => {
    const request = new Request(URL_, { method: "POST", body });
    if (isTaken) assertEquals(await readSignals(request), { a: 1 });
    else await assertRefused(request, 415, "the body must be application/json");
  });
}

Deno.test("readSignals refuses POST without a body", async () => {
  await assertRefused(
    new Request(URL_, { method: "POST" }),
    400,
    "the body must hold JSON",
  );
});

for (
  const bytes of [[0xff], [0x7b, 0x22, 0xc3, 0x22, 0x3a, 0x31, 0x7d], [
    0xed,
    0xa0,
    0x80,
  ]]
) {
  Deno.test(`readSignals refuses a body that is not UTF-8: ${bytes}`, async () => {
    const error = await assertRefused(
      ofBody(Uint8Array.from(bytes)),
      400,
      "the body must be UTF-8",
    );
    assertInstanceOf(error.cause, TypeError);
  });
}

Deno.test("readSignals reads characters that chunks break", async () => {
  const bytes = utf8('{"a":"é🦊"}');
  const chunks = Array.from(bytes, (byte) => Uint8Array.of(byte));
  const { stream } = observedSource(chunks);
  assertEquals(await readSignals(ofBody(stream)), { a: "é🦊" });
});

Deno.test("readSignals refuses a body that breaks off, and tells why", async () => {
  const failure = new Error("connection reset");
  const { stream } = observedSource([utf8('{"a":')], { error: failure });
  const error = await assertRefused(
    ofBody(stream),
    400,
    "the body must be whole",
  );
  assertEquals(error.cause, failure);
});

Deno.test("readSignals throws a TypeError for a body that was read", async () => {
  const request = ofBody("{}");
  await request.text();
  await assertRejects(() => readSignals(request), TypeError, "read already");
});

Deno.test("readSignals throws a TypeError for a body that is being read", async () => {
  const request = ofBody("{}");
  const reader = request.body!.getReader();
  await assertRejects(() => readSignals(request), TypeError, "read already");
  await reader.cancel();
});

/** Texts that would reach a prototype, were their keys taken. */
const POLLUTING = [
  '{"__proto__":{"polluted":1}}',
  '{"\\u005f\\u005fproto__":{"polluted":1}}',
  '{"__prot\\u006f__":{"polluted":1}}',
  '{"a":{"b":[{"__proto__":{"polluted":1}}]}}',
  '{"constructor":{"prototype":{"polluted":1}}}',
  '{"const\\u0072uctor":{"prototype":{"polluted":1}}}',
  '{"constructor":{"\\u0070rototype":{"polluted":1}}}',
  '{"a":{"constructor":{"prototype":{"polluted":1}}}}',
  '{"constructor":{"__proto__":{"polluted":1},"prototype":{"polluted":1}}}',
  '{"a":{"polluted2":1},"__proto__":null}',
];

/** A merge as programs have it that know nothing of prototypes. */
function mergeNaively(target: Record<string, unknown>, source: object): void {
  for (const [key, value] of Object.entries(source)) {
    const old = target[key];
    const isOpen = typeof old === "object" || typeof old === "function";
    if (typeof value === "object" && value !== null && isOpen && old !== null) {
      mergeNaively(old as Record<string, unknown>, value);
    } else target[key] = value;
  }
}

for (const text of POLLUTING) {
  Deno.test(`readSignals lets ${text} reach no prototype`, async () => {
    for (const make of Object.values(PLACES)) {
      const signals = await readSignals(make(text));
      const merged: Record<string, unknown> = { a: { b: [{}] } };
      mergeNaively(merged, signals);
      for (
        const copy of [
          signals,
          merged,
          Object.assign({}, signals),
          { ...signals },
          structuredClone(signals),
          Object.assign(Object.create(null), signals),
        ]
      ) {
        assertEquals((copy as Record<string, unknown>).polluted, undefined);
        assertEquals(({} as Record<string, unknown>).polluted, undefined);
      }
      assertEquals(Object.getPrototypeOf(signals), Object.prototype);
      assertEquals(
        Object.getPrototypeOf(Object.assign({}, signals)),
        Object.prototype,
      );
    }
  });
}

Deno.test("readSignals keeps keys that only look alike", async () => {
  const text =
    '{"proto":1,"__proto":2,"prototype":{"a":3},"constructor":"Ada","x\\u0041":"__proto__"}';
  assertEquals(await readSignals(ofQuery(text)), {
    proto: 1,
    __proto: 2,
    prototype: { a: 3 },
    constructor: "Ada" as unknown as ObjectConstructor,
    xA: "__proto__",
  });
});

Deno.test("readSignals refuses what is nested too deep to look at, with a status", async () => {
  const deep = '{"\\u0061":' + "[".repeat(200_000) + "]".repeat(200_000) + "}";
  try {
    await readSignals(ofBody(deep));
  } catch (error) {
    assertInstanceOf(error, ReadSignalsError);
    assertEquals(error.status, 400);
  }
});

/** The same schema from three libraries, and one that takes its time. */
const SCHEMAS: Readonly<Record<string, StandardSchema<{ n: number }>>> = {
  zod: z.object({ n: z.number() }),
  valibot: v.object({ n: v.number() }),
  arktype: type({ n: "number" }),
  "zod, asynchronously": z.object({
    n: z.number().refine(() => Promise.resolve(true)),
  }),
  "valibot, asynchronously": v.objectAsync({
    n: v.pipeAsync(v.number(), v.checkAsync(() => Promise.resolve(true))),
  }),
};

for (const [library, schema] of Object.entries(SCHEMAS)) {
  Deno.test(`readSignals checks with a schema of ${library}`, async () => {
    assertEquals(await readSignals(ofQuery('{"n":1}'), { schema }), { n: 1 });
    const error = await assertRefused(ofBody('{"n":"x"}'), 400, " at n", {
      schema,
    });
    assert(Array.isArray(error.cause));
    assertEquals(error.cause.length, 1);
  });
}

Deno.test("readSignals gives what the schema makes of them", async () => {
  const schema = z.object({ at: z.coerce.date(), n: z.number().default(7) });
  const { at, n } = await readSignals(ofQuery('{"at":"2026-11-22"}'), {
    schema,
  });
  assertInstanceOf(at, Date);
  assertEquals(n, 7);
});

Deno.test("readSignals shows a schema no key that reaches a prototype", async () => {
  const schema = z.looseObject({});
  const signals = await readSignals(ofQuery('{"__proto__":{"x":1},"a":1}'), {
    schema,
  });
  assertEquals(Object.keys(signals), ["a"]);
});

Deno.test("readSignals passes on what a schema throws", async () => {
  const failure = new Error("database");
  const schema: StandardSchema<object> = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: () => Promise.reject(failure),
    },
  };
  const error = await assertRejects(() =>
    readSignals(ofQuery("{}"), { schema })
  );
  assertEquals(error, failure);
});

for (
  const [request, status] of [
    [ofQuery("{"), 400],
    [ofBody(" ".repeat(9)), 413],
    [ofBody("{}", { "content-type": "text/html" }), 415],
  ] as const
) {
  Deno.test(`ReadSignalsError.toResponse answers ${status} with the message`, async () => {
    const error = await assertRejects(
      () => readSignals(request, { maxBytes: 8 }),
      ReadSignalsError,
    );
    const response = error.toResponse();
    assertEquals(response.status, status);
    assertEquals(
      response.headers.get("content-type"),
      "text/plain; charset=utf-8",
    );
    assertEquals(response.headers.get("x-content-type-options"), "nosniff");
    assertEquals(await response.text(), `${error.message}\n`);
  });
}

Deno.test("readSignals keeps no chunk, each of which may keep a large buffer", async () => {
  const text = JSON.stringify({ text: "x".repeat(5000) });
  const bytes = new TextEncoder().encode(text);
  const buffer = new Uint8Array(65_536);
  let at = 0;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (at === bytes.length) return controller.close();
      // The same buffer again: whoever has kept a view of it has lost what was there.
      buffer[0] = bytes[at++];
      controller.enqueue(buffer.subarray(0, 1));
    },
  }, { highWaterMark: 0 });
  const request = new Request("https://example.com", {
    method: "POST",
    body,
    duplex: "half",
  } as RequestInit);
  assertEquals(await readSignals(request), JSON.parse(text));
});

for (const encoding of ["gzip", "br"]) {
  Deno.test(`readSignals answers 415 to a body of ${encoding}`, async () => {
    const request = new Request("https://example.com", {
      method: "POST",
      body: "{}",
      headers: { "content-encoding": encoding },
    });
    const error = await assertRejects(
      () => readSignals(request),
      ReadSignalsError,
    );
    assertEquals(error.status, 415);
  });
}
