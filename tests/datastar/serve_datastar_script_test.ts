import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  type DatastarScriptHandler,
  type DatastarScriptSource,
  type Fetch,
  serveDatastarScript,
  type ServeDatastarScriptOptions,
} from "../../datastar/mod.ts";
import { utf8 } from "../helpers/bytes.ts";
import { fakeClock } from "../helpers/clock.ts";
import { trapRejections } from "../helpers/portable.ts";
import { serve } from "../helpers/server.ts";
import { isPending, settle } from "../helpers/settle.ts";
import { observedSource } from "../helpers/streams.ts";

const SCRIPT = "// Datastar v1.0.3\nconsole.log('é')\n";
const MAP = '{"version":3}';
const INTEGRITY = await integrityOf(SCRIPT);
const IMMUTABLE = "public, max-age=31536000, immutable";

async function integrityOf(text: string): Promise<string> {
  const hash = new Uint8Array(
    await crypto.subtle.digest("SHA-384", utf8(text)),
  );
  return `sha384-${btoa(String.fromCharCode(...hash))}`;
}

function request(path = "/datastar.js", init?: RequestInit): Request {
  return new Request(`https://example.com${path}`, init);
}

/** A handler, and the errors that it told. */
function observed(options: ServeDatastarScriptOptions) {
  const errors: unknown[] = [];
  const handler = serveDatastarScript({
    onError: (error) => errors.push(error),
    ...options,
  });
  return { handler, errors };
}

/** A `fetch` that answers each call with the next answer, and the URLs that it got. */
function observedFetch(...answers: (() => Response | Promise<Response>)[]) {
  const urls: string[] = [];
  const fetch: Fetch = async (input) => {
    urls.push(String(input));
    const answer = answers.shift();
    assert(answer !== undefined, "fetched once too often");
    return await answer();
  };
  return { fetch, urls };
}

const ok = () => new Response(SCRIPT);
const SOURCE = "https://cdn.example/datastar.js";

async function assertBadGateway(
  handler: DatastarScriptHandler,
  text: string,
): Promise<void> {
  const response = await handler(request());
  assertEquals(response.status, 502);
  assertEquals(
    response.headers.get("content-type"),
    "text/plain; charset=utf-8",
  );
  assertEquals(response.headers.get("cache-control"), "no-store");
  assertEquals(response.headers.get("etag"), null);
  assertStringIncludes(await response.text(), text);
}

Deno.test("serveDatastarScript serves the script of its source", async () => {
  const { fetch, urls } = observedFetch(ok);
  const { handler, errors } = observed({
    source: SOURCE,
    integrity: INTEGRITY,
    fetch,
  });
  const response = await handler(request());
  assertEquals(response.status, 200);
  assertEquals(Object.fromEntries(response.headers), {
    "cache-control": "no-cache",
    "content-length": String(utf8(SCRIPT).length),
    "content-type": "text/javascript; charset=utf-8",
    "etag": `"${INTEGRITY}"`,
    "x-content-type-options": "nosniff",
  });
  assertEquals(await response.text(), SCRIPT);
  assertEquals([urls, errors], [[SOURCE], []]);
});

Deno.test("serveDatastarScript fetches the pinned release, and serves nothing else for it", async () => {
  const { fetch, urls } = observedFetch(ok);
  const { handler, errors } = observed({ fetch });
  await assertBadGateway(
    handler,
    "must have the hash sha384-yHqFPXJio1slWODLf67ZFfuDhhPUccOzGpGJF0d5fitjEfihEVrVvzMsfH8TxCiO, it has sha384-",
  );
  assertEquals(urls, [
    "https://cdn.jsdelivr.net/gh/starfederation/datastar@v1.0.3/bundles/datastar.js",
  ]);
  assertEquals(errors.length, 1);
});

Deno.test("serveDatastarScript fetches from a server, once for many requests", async () => {
  let requests = 0;
  await using upstream = serve(() => {
    requests++;
    return new Response(SCRIPT);
  });
  const { handler } = observed({ source: upstream.url, integrity: INTEGRITY });
  for (let i = 0; i < 2; i++) {
    const responses = await Promise.all(
      Array.from({ length: 5 }, () => handler(request())),
    );
    for (const response of responses) {
      assertEquals(await response.text(), SCRIPT);
    }
  }
  assertEquals(requests, 1);
});

Deno.test("serveDatastarScript shares one fetch among requests that come meanwhile", async () => {
  const answer = Promise.withResolvers<Response>();
  const { fetch, urls } = observedFetch(() => answer.promise);
  const { handler } = observed({ source: SOURCE, integrity: INTEGRITY, fetch });
  const responses = [
    handler(request()),
    handler(request()),
    handler(request()),
  ];
  assert(await isPending(Promise.race(responses)));
  assertEquals(urls.length, 1);
  answer.resolve(ok());
  for (const response of responses) {
    assertEquals(await (await response).text(), SCRIPT);
  }
});

Deno.test("serveDatastarScript fails all who share a fetch, and tells once of the failure", async () => {
  const trap = trapRejections();
  const answer = Promise.withResolvers<Response>();
  const { fetch } = observedFetch(() => answer.promise, ok);
  const { handler, errors } = observed({
    source: SOURCE,
    integrity: INTEGRITY,
    fetch,
  });
  const responses = [handler(request()), handler(request())];
  const failure = new TypeError("network");
  answer.reject(failure);
  for (const response of responses) {
    assertEquals((await response).status, 502);
    await (await response).body?.cancel();
  }
  assertEquals(await (await handler(request())).text(), SCRIPT);
  await settle();
  trap.release();
  assertEquals([errors, trap.errors], [[failure], []]);
});

/** Answers of a server with which there is nothing to serve, and what is said of them. */
const FAILURES: Readonly<Record<string, readonly [() => Response, string]>> = {
  "404": [() => new Response("no", { status: 404 }), "status 200, got 404"],
  "500": [() => new Response("no", { status: 500 }), "status 200, got 500"],
  "204": [() => new Response(null, { status: 204 }), "status 200, got 204"],
  "206": [() => new Response(SCRIPT, { status: 206 }), "status 200, got 206"],
  "other bytes": [() => new Response(`${SCRIPT} `), INTEGRITY],
  "no bytes": [() => new Response(""), "that is not empty"],
};

for (const [what, [fail, text]] of Object.entries(FAILURES)) {
  Deno.test(`serveDatastarScript answers 502 for ${what}, and asks again next time`, async () => {
    let answer = fail;
    await using upstream = serve(() => answer());
    const { handler, errors } = observed({
      source: upstream.url,
      integrity: INTEGRITY,
    });
    await assertBadGateway(handler, text);
    assertEquals(errors.length, 1);
    answer = ok;
    const response = await handler(request());
    assertEquals([response.status, await response.text()], [200, SCRIPT]);
    assertEquals(errors.length, 1);
  });
}

Deno.test("serveDatastarScript answers 502 if nobody listens at the source", async () => {
  let url: string;
  {
    await using upstream = serve(ok);
    ({ url } = upstream);
  }
  const { handler, errors } = observed({ source: url, integrity: INTEGRITY });
  await assertBadGateway(
    handler,
    "Cannot serve Datastar: its source cannot be read",
  );
  assert(errors[0] instanceof TypeError);
});

Deno.test("serveDatastarScript does not tell the client what an error says", async () => {
  const source = () => Promise.reject(new Error("/etc/secret"));
  const response = await observed({ source }).handler(request());
  assertEquals((await response.text()).includes("secret"), false);
});

Deno.test("serveDatastarScript follows a redirect to the script", async () => {
  await using upstream = serve((request) =>
    new URL(request.url).pathname === "/"
      ? new Response(null, { status: 302, headers: { location: "/there" } })
      : new Response(SCRIPT)
  );
  const { handler } = observed({ source: upstream.url, integrity: INTEGRITY });
  assertEquals(await (await handler(request())).text(), SCRIPT);
});

Deno.test("serveDatastarScript cancels a source that is too large", async () => {
  const chunk = new Uint8Array(1024 * 1024);
  const { stream, pulls, cancelled } = observedSource(Array(100).fill(chunk));
  const { fetch } = observedFetch(() => new Response(stream));
  const { handler } = observed({ source: SOURCE, integrity: false, fetch });
  await assertBadGateway(handler, "must not have more than");
  await cancelled;
  assertEquals(pulls(), 9);
});

/** Sources that do not come to an end; the signal tells them to give up, or they ignore it. */
const STUCK: Readonly<Record<string, Fetch>> = {
  "that does not answer": (_, init) =>
    new Promise((_, reject) => {
      init?.signal?.addEventListener(
        "abort",
        () => reject(init.signal?.reason),
      );
    }),
  "that does not answer, nor heeds the signal": () => new Promise(() => {}),
  "whose body does not end": () =>
    Promise.resolve(new Response(observedSource([utf8("a")], "wait").stream)),
};

for (const [what, stuck] of Object.entries(STUCK)) {
  Deno.test(`serveDatastarScript gives up a source ${what}`, async () => {
    using clock = fakeClock();
    let isStuck = true;
    const fetch: Fetch = (...request) =>
      isStuck ? stuck(...request) : Promise.resolve(ok());
    const { handler, errors } = observed({
      source: SOURCE,
      integrity: INTEGRITY,
      fetch,
    });
    const response = handler(request());
    assert(await isPending(response));
    assertEquals(clock.timers, 1);
    await clock.tick(60_000);
    assertEquals(await isPending(response), false);
    assertEquals((await response).status, 502);
    assertEquals([clock.timers, errors.length], [0, 1]);
    isStuck = false;
    assertEquals((await handler(request())).status, 200);
  });
}

Deno.test("serveDatastarScript leaves no timer behind", async () => {
  using clock = fakeClock();
  const { fetch } = observedFetch(
    () => new Response(null, { status: 404 }),
    () => Promise.reject(new Error("no")),
    ok,
  );
  const { handler } = observed({ source: SOURCE, integrity: INTEGRITY, fetch });
  for (const status of [502, 502, 200]) {
    assertEquals((await handler(request())).status, status);
    assertEquals(clock.timers, 0);
  }
});

/** What a source may be. */
const SOURCES: Readonly<Record<string, DatastarScriptSource>> = {
  "a URL": SOURCE,
  "a URL object": new URL(SOURCE),
  "a function of bytes": () => utf8(SCRIPT),
  "a function of a promise": () => Promise.resolve(utf8(SCRIPT)),
};

for (const [what, source] of Object.entries(SOURCES)) {
  Deno.test(`serveDatastarScript takes ${what} as its source`, async () => {
    const { fetch } = observedFetch(ok);
    const { handler } = observed({ source, fetch, integrity: INTEGRITY });
    assertEquals(await (await handler(request())).text(), SCRIPT);
    assertEquals(await (await handler(request())).text(), SCRIPT);
  });
}

Deno.test("serveDatastarScript reads a function once", async () => {
  let reads = 0;
  const source = () => (reads++, utf8(SCRIPT));
  const { handler } = observed({ source });
  for (let i = 0; i < 3; i++) await (await handler(request())).body?.cancel();
  assertEquals(reads, 1);
});

Deno.test("serveDatastarScript checks what a function reads, if there is a hash", async () => {
  const source = () => utf8("alert(1)");
  await assertBadGateway(
    observed({ source, integrity: INTEGRITY }).handler,
    INTEGRITY,
  );
  const response = await observed({ source }).handler(request());
  assertEquals(await response.text(), "alert(1)");
});

Deno.test("serveDatastarScript serves what a URL gives only if it is known, or it may be anything", async () => {
  const { fetch } = observedFetch(ok, ok);
  await assertBadGateway(
    observed({ source: SOURCE, fetch }).handler,
    "must be a known release, or the option integrity its hash, sha384-",
  );
  const { handler } = observed({ source: SOURCE, fetch, integrity: false });
  assertEquals(await (await handler(request())).text(), SCRIPT);
});

for (
  const [what, source] of [
    ["throws", () => {
      throw new Error("disk");
    }],
    ["rejects", () => Promise.reject(new Error("disk"))],
  ] as const
) {
  Deno.test(`serveDatastarScript answers 502 for a function that ${what}`, async () => {
    const { handler, errors } = observed({ source });
    await assertBadGateway(handler, "its source cannot be read");
    assertEquals(errors.map(String), ["Error: disk"]);
  });
}

const ETAG = `"${INTEGRITY}"`;
const IF_NONE_MATCH: Readonly<Record<string, number>> = {
  [ETAG]: 304,
  [`W/${ETAG}`]: 304,
  "*": 304,
  [` "a" ,\t${ETAG}, "b"`]: 304,
  [`"a,b", W/${ETAG}`]: 304,
  '"a"': 200,
  [INTEGRITY]: 200,
  [`"a${ETAG.slice(1)}`]: 200,
  "": 200,
};

for (const [tags, status] of Object.entries(IF_NONE_MATCH)) {
  for (const method of ["GET", "HEAD"]) {
    Deno.test(`serveDatastarScript answers ${method} with ${status} if If-None-Match is ${tags}`, async () => {
      const { handler } = observed({ source: () => utf8(SCRIPT) });
      const response = await handler(
        request("/d.js", { method, headers: { "if-none-match": tags } }),
      );
      assertEquals(response.status, status);
      assertEquals(response.headers.get("etag"), ETAG);
      assertEquals(response.headers.get("cache-control"), "no-cache");
      assertEquals(
        await response.text(),
        status === 200 && method === "GET" ? SCRIPT : "",
      );
    });
  }
}

Deno.test("serveDatastarScript answers HEAD with the headers of GET and no body", async () => {
  const { handler } = observed({ source: () => utf8(SCRIPT) });
  const get = await handler(request());
  const head = await handler(request("/datastar.js", { method: "HEAD" }));
  assertEquals([...head.headers], [...get.headers]);
  assertEquals(head.body, null);
  await get.body?.cancel();
});

for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
  Deno.test(`serveDatastarScript answers ${method} with 405, and fetches nothing`, async () => {
    const { fetch, urls } = observedFetch();
    const { handler } = observed({ source: SOURCE, fetch });
    const response = await handler(request("/d.js", { method }));
    assertEquals(response.status, 405);
    assertEquals(response.headers.get("allow"), "GET, HEAD");
    await response.body?.cancel();
    assertEquals(urls, []);
  });
}

const PATHS: Readonly<Record<string, boolean>> = {
  "/datastar.js": false,
  "/datastar-1.0.3.js": true,
  "/datastar@1.0.3.js": true,
  "/datastar.1.0.3.min.js": true,
  "/v1.0.3/datastar.js": true,
  "/1.0.3/datastar.js": true,
  "/1.0.3": true,
  "/datastar-11.0.3.js": false,
  "/datastar-1.0.30.js": false,
  "/datastar-1.0.2.js": false,
  "/datastar-1.0.3-beta.js": false,
  "/datastar-1x0x3.js": false,
  "/datastar-2.1.0.3.js": false,
  "/datastar-1.0.3.1.js": false,
  "/datastar.js?v=1.0.3": false,
};

for (const [path, isImmutable] of Object.entries(PATHS)) {
  Deno.test(`serveDatastarScript serves ${path} ${isImmutable ? "for good" : "to be asked for again"}`, async () => {
    const { handler } = observed({ source: () => utf8(SCRIPT) });
    const response = await handler(request(path));
    assertEquals(
      response.headers.get("cache-control"),
      isImmutable ? IMMUTABLE : "no-cache",
    );
    await response.body?.cancel();
  });
}

Deno.test("serveDatastarScript takes what says no version for the pinned one", async () => {
  for (
    const [path, expected] of [["1.0.3", IMMUTABLE], ["1.0.2", "no-cache"]]
  ) {
    const { handler } = observed({ source: () => utf8("alert(1)") });
    const { headers, body } = await handler(request(`/datastar-${path}.js`));
    assertEquals(headers.get("cache-control"), expected);
    await body?.cancel();
  }
});

Deno.test("serveDatastarScript passes on the source map that is beside the script", async () => {
  const { fetch, urls } = observedFetch(() => new Response(MAP), ok);
  const { handler } = observed({
    source: new URL("https://cdn.example/d.js?a=1"),
    integrity: INTEGRITY,
    fetch,
  });
  const response = await handler(request("/datastar.js.map"));
  assertEquals(response.status, 200);
  assertEquals(
    response.headers.get("content-type"),
    "application/json; charset=utf-8",
  );
  assertEquals(response.headers.get("etag"), `"${await integrityOf(MAP)}"`);
  assertEquals(await response.text(), MAP);
  assertEquals(await (await handler(request())).text(), SCRIPT);
  assertEquals(await (await handler(request("/a/d.js.map"))).text(), MAP);
  assertEquals(urls, [
    "https://cdn.example/d.js.map?a=1",
    "https://cdn.example/d.js?a=1",
  ]);
});

Deno.test("serveDatastarScript serves a source map of a function", async () => {
  const { handler } = observed({
    source: () => utf8(SCRIPT),
    sourceMap: () => utf8(MAP),
  });
  assertEquals(await (await handler(request("/d.js.map"))).text(), MAP);
});

Deno.test("serveDatastarScript answers 404 if there is no source map", async () => {
  const { handler, errors } = observed({ source: () => utf8(SCRIPT) });
  const response = await handler(request("/d.js.map"));
  assertEquals([response.status, await response.text()], [
    404,
    "There is no source map\n",
  ]);
  assertEquals(errors, []);
});

Deno.test("serveDatastarScript answers 502 for a source map that fails, and goes on to serve the script", async () => {
  const { fetch } = observedFetch(ok, () => new Response("", { status: 404 }));
  const { handler } = observed({ source: SOURCE, integrity: INTEGRITY, fetch });
  await (await handler(request())).body?.cancel();
  const map = await handler(request("/d.js.map"));
  assertEquals(map.status, 502);
  await map.body?.cancel();
  assertEquals((await handler(request())).status, 200);
});

for (
  const integrity of [
    "sha256-abc",
    "",
    "x",
    `${INTEGRITY} ${INTEGRITY}`,
    `${INTEGRITY}\n`,
  ]
) {
  Deno.test(`serveDatastarScript refuses the integrity ${JSON.stringify(integrity)}`, () => {
    assertThrows(
      () => serveDatastarScript({ integrity }),
      TypeError,
      "integrity must be",
    );
  });
}

for (const source of [42, null, {}, "https://"]) {
  Deno.test(`serveDatastarScript refuses ${JSON.stringify(source)} as a source`, () => {
    for (const options of [{ source }, { sourceMap: source }]) {
      assertThrows(
        () => serveDatastarScript(options as ServeDatastarScriptOptions),
        TypeError,
      );
    }
  });
}

Deno.test("serveDatastarScript tells the console unless there is an onError", async () => {
  const { error } = console;
  const told: unknown[] = [];
  console.error = (value: unknown) => told.push(value);
  try {
    const failure = new Error("disk");
    const handler = serveDatastarScript({
      source: () => Promise.reject(failure),
    });
    await (await handler(request())).body?.cancel();
    assertEquals(told, [failure]);
  } finally {
    console.error = error;
  }
});
