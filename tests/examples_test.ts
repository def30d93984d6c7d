import {
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import {
  EventStreamResponseError,
  fetchEventStream,
  type FetchEventStreamInit,
} from "../client.ts";
import { datastarData, type DatastarEvent } from "../datastar/mod.ts";
import {
  createHello,
  MAX_DELAY,
  MIN_DELAY,
  TEXT,
} from "../examples/datastar_hello.ts";
import { createChart } from "../examples/datastar_svg.ts";
import * as json from "../examples/json_events.ts";
import * as string from "../examples/string_events.ts";
import type { ServerSentEvent } from "../mod.ts";
import { present } from "./helpers/events.ts";
import { command, ROOT, Run } from "./helpers/run.ts";
import { serve } from "./helpers/server.ts";

/** Reads what an example's handler has to send, as an array for each connection. */
async function readAll<T>(
  handler: (request: Request, pace: number) => Response,
  init: FetchEventStreamInit<T>,
): Promise<ServerSentEvent<T>[][]> {
  const fetch = (input: RequestInfo | URL, init?: RequestInit) =>
    Promise.resolve(handler(new Request(input, init), 0));
  const connections: ServerSentEvent<T>[][] = [];
  let lastEventId = "";
  try {
    while (true) {
      const events = await fetchEventStream("http://localhost/events", {
        ...init,
        fetch,
        lastEventId,
      });
      const connection = await Array.fromAsync(events, present);
      assertNotEquals(connection, [], "a connection without events");
      connections.push(connection);
      assertEquals(events.reconnectionTime, 1000);
      lastEventId = events.lastEventId;
    }
  } catch (error) {
    if (!(error instanceof EventStreamResponseError)) throw error;
    assertEquals(error.response.status, 204);
    return connections;
  }
}

/** The first of what an iterable gives, which is left then. */
async function first<T>(values: AsyncIterable<T>): Promise<T> {
  for await (const value of values) return value;
  throw new Error("There is no first value");
}

/** Cuts what is expected into an array for each connection. */
function chunk<T>(values: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let start = 0; start < values.length; start += size) {
    chunks.push(values.slice(start, start + size));
  }
  return chunks;
}

Deno.test("every example has a test here", async () => {
  const names = await Array.fromAsync(
    Deno.readDir(new URL("examples", ROOT)),
    ({ name }) => name,
  );
  // What begins with `_` is what they share.
  const examples = names.filter((name) => !name.startsWith("_"));
  assertEquals(examples.sort(), [
    "client.ts",
    "datastar_conformance.ts",
    "datastar_hello.ts",
    "datastar_svg.ts",
    "demo.ts",
    "hub.ts",
    "hub_redis.ts",
    "hub_worker.ts",
    "json_events.ts",
    "llm_chat.ts",
    "proxy.ts",
    "resumable_answer.ts",
    "string_events.ts",
  ]);
});

Deno.test("examples/string_events.ts sends every event once, over three connections", async () => {
  const expected = string.LOG.map((event, index) => {
    const id = String(index + 1);
    return { ...event, id, lastEventId: id };
  });
  assertEquals(await readAll(string.handler, {}), chunk(expected, 6));
});

Deno.test("examples/json_events.ts sends every order once, over three connections", async () => {
  const expected = json.ORDERS.map((data, index) => {
    const id = String(index + 1);
    return { event: "order", data, id, lastEventId: id };
  });
  const connections = await readAll(json.handler, { data: json.orderData });
  assertEquals(connections, chunk(expected, 7));
});

for (
  const [name, { handler }] of [
    ["string_events.ts", string],
    ["json_events.ts", json],
  ] as const
) {
  Deno.test(`examples/${name} has a page, and nothing elsewhere`, async () => {
    const page = handler(new Request("http://localhost/"));
    assertEquals(page.headers.get("content-type"), "text/html; charset=utf-8");
    assertStringIncludes(await page.text(), 'new EventSource("/events")');

    const nothing = handler(new Request("http://localhost/nothing"));
    assertEquals(nothing.status, 404);
    await nothing.body?.cancel();
  });

  for (const id of ["", "x", "-1", "1.5", "99", "Infinity", "1\u{1F600}"]) {
    Deno.test(`examples/${name} begins at 1 after the foreign id ${JSON.stringify(id)}`, async () => {
      await using events = await fetchEventStream("http://localhost/events", {
        lastEventId: id,
        fetch: (input, init) =>
          Promise.resolve(handler(new Request(input, init), 0)),
      });
      assertEquals((await first(events)).id, "1");
    });
  }

  Deno.test(`examples/${name} runs by its first line`, async () => {
    await using run = new Run(...await command(name));
    const address = await run.until(/http:\/\/127\.0\.0\.1:\d+\//);
    const events = await fetchEventStream(`${address}events`);
    assertEquals((await first(events)).id, "1");
  });
}

Deno.test("examples/demo.ts shows both halves, and ends with --once", async () => {
  await using run = new Run(...await command("demo.ts"), "--once");
  const { code, stdout } = await run.end();
  assertEquals(code, 0);
  assertMatch(stdout, /http:\/\/127\.0\.0\.1:\d+\//);
  const lines = stdout.split("\n");
  assertEquals(lines.filter((line) => line.startsWith("server")), [
    "server GET /events -> 200",
    'server GET /events Last-Event-ID: "7" -> 200',
    'server GET /events Last-Event-ID: "14" -> 200',
    'server GET /events Last-Event-ID: "21" -> 204',
  ]);
  assertEquals(
    lines.map((line) => /^client (\d+): /.exec(line)?.[1]).filter(Boolean),
    json.ORDERS.map((_, index) => String(index + 1)),
  );
});

Deno.test("examples/demo.ts ends on Ctrl-C in the middle of a stream", async () => {
  await using run = new Run("run", "--allow-net", "examples/demo.ts");
  await run.until(/client 2: /);
  run.interrupt();
  const { code, stdout, stderr } = await run.end();
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  assertMatch(stdout, /The server has stopped\.\n$/);
});

Deno.test("examples/demo.ts goes on serving after its stream, until Ctrl-C", async () => {
  await using run = new Run("run", "--allow-net", "examples/demo.ts");
  const address = await run.until(/http:\/\/127\.0\.0\.1:\d+\//);
  await run.until(/Ctrl-C/);
  // A stream that is open at the end must not keep the server.
  await using events = await fetchEventStream(`${address}events`);
  run.interrupt();
  const { code, stderr } = await run.end();
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  await events.cancel().catch(() => {});
});

Deno.test("examples/proxy.ts sees the card numbers, and its client does not", async () => {
  await using run = new Run(...await command("proxy.ts"));
  const { code, stdout, stderr } = await run.end();
  assertEquals([code, stderr], [0, ""]);
  const lines = stdout.trim().split("\n").map((line) => line.split(/ {2,3}/));
  assertEquals(
    lines.map(([who, what]) => [who, /\d{4}/.test(what)]).sort(),
    [
      ...Array(3).fill(["the client sees", false]),
      ...Array(3).fill(["the proxy sees", true]),
    ],
  );
});

/** Reads the Datastar events of an example, without a network. */
function openDatastar(
  handler: (request: Request) => Response | Promise<Response>,
  url: string,
) {
  return fetchEventStream(url, {
    data: datastarData,
    fetch: async (input, init) => await handler(new Request(input, init)),
  });
}

/** Reads events up to one that fits. */
async function readUntil(
  events: AsyncIterator<ServerSentEvent<DatastarEvent>>,
  fits: (data: DatastarEvent) => boolean,
): Promise<DatastarEvent[]> {
  const read: DatastarEvent[] = [];
  while (true) {
    const { done, value } = await events.next();
    if (done) throw new Error(`None fits of ${Deno.inspect(read)}`);
    if (value.data === undefined) continue;
    read.push(value.data);
    if (fits(value.data)) return read;
  }
}

const isElements = ({ type }: DatastarEvent) => type === "patch-elements";

/** What is typed in the elements of an event. */
function typedIn(event: DatastarEvent): string[] {
  if (event.type !== "patch-elements") return [];
  return [/<span>(.*?)<\/span>/.exec(event.elements ?? "")?.[1] ?? ""];
}

function startHello(body: string, type = "application/json"): Request {
  return new Request("http://localhost/start", {
    method: "POST",
    headers: { "content-type": type },
    body,
  });
}

Deno.test("examples/datastar_hello.ts types to all who watch, and tells them when it stops", async () => {
  const hello = createHello();
  await using one = await openDatastar(hello.handler, "http://localhost/hello");
  await using two = await openDatastar(hello.handler, "http://localhost/hello");
  const watching = [one, two].map((events) => events[Symbol.asyncIterator]());
  for (const events of watching) {
    const joined = await readUntil(events, isElements);
    assertEquals(joined.slice(0, 2), [
      {
        type: "patch-signals",
        signals: { _state: "open" },
        onlyIfMissing: false,
      },
      {
        type: "patch-signals",
        signals: { delay: 150, _running: false },
        onlyIfMissing: false,
      },
    ]);
    assertEquals(joined.flatMap(typedIn), [TEXT]);
  }

  const started = await hello.handler(startHello(`{"delay":${MIN_DELAY}}`));
  assertEquals(started.status, 204);
  for (const events of watching) {
    const told = await readUntil(
      events,
      (event) => event.type === "patch-signals" && !event.signals._running,
    );
    assertEquals(
      told.flatMap(typedIn),
      Array.from({ length: TEXT.length + 1 }, (_, i) => TEXT.slice(0, i)),
    );
    assertEquals(told[0], {
      type: "patch-signals",
      signals: { delay: MIN_DELAY, _running: true },
      onlyIfMissing: false,
    });
  }

  await hello.handler(startHello('{"delay":50}'));
  hello.stop();
  for (const events of watching) {
    await readUntil(
      events,
      (event) =>
        event.type === "patch-signals" && event.signals._state === "stopped",
    );
    assertEquals((await events.next()).done, true);
  }
  const late = await hello.handler(new Request("http://localhost/hello"));
  assertEquals([late.status, await late.text()], [503, "The server stops\n"]);
});

for (
  const [sent, delay] of [
    ["-1", MIN_DELAY],
    ["0", MIN_DELAY],
    ["123.6", 124],
    ["1e300", MAX_DELAY],
  ] as const
) {
  Deno.test(`examples/datastar_hello.ts makes ${delay} of the delay ${sent}`, async () => {
    const hello = createHello();
    await hello.handler(startHello(`{"delay":${sent}}`));
    const events = await openDatastar(hello.handler, "http://localhost/hello");
    const [, signals] = await readUntil(
      events[Symbol.asyncIterator](),
      isElements,
    );
    hello.stop();
    await events.cancel();
    assertEquals(signals, {
      type: "patch-signals",
      signals: { delay, _running: true },
      onlyIfMissing: false,
    });
  });
}

for (
  const [body, type, status, message] of [
    ["{", "application/json", 400, "they must be JSON"],
    ["{}", "application/json", 400, "delay must be a number of milliseconds"],
    ['{"delay":"9"}', "application/json", 400, 'got "9"'],
    ['{"delay":null}', "application/json", 400, "delay must be a number"],
    ["delay=9", "application/x-www-form-urlencoded", 415, "application/json"],
    [`{"delay":9,"x":"${"x".repeat(1024)}"}`, "application/json", 413, "1024"],
  ] as const
) {
  Deno.test(`examples/datastar_hello.ts refuses ${body.slice(0, 20)}`, async () => {
    const response = await createHello().handler(startHello(body, type));
    assertEquals(response.status, status);
    assertStringIncludes(await response.text(), message);
  });
}

Deno.test("examples/datastar_hello.ts reloads pages of an earlier start, and only these", async () => {
  const hello = createHello({ dev: true });
  const page = await hello.handler(new Request("http://localhost/"));
  const [url] = /\/hotreload\?start=[\w-]+/.exec(await page.text()) ?? [""];
  const [old, fresh] = [
    await openDatastar(hello.handler, "http://localhost/hotreload?start=old"),
    await openDatastar(hello.handler, `http://localhost${url}`),
  ];
  hello.stop();
  const told = await Array.fromAsync(old, ({ data }) => data);
  assertEquals(told.length, 1);
  assertStringIncludes(JSON.stringify(told), "location.reload()");
  assertEquals(await Array.fromAsync(fresh), []);

  const plain = await createHello().handler(new Request("http://localhost/"));
  assertEquals((await plain.text()).includes("hotreload"), false);
});

Deno.test("examples/datastar_svg.ts draws on for those who look, and tells them when it stops", async () => {
  const chart = createChart({ pace: 1 });
  await using events = await openDatastar(
    chart.handler,
    "http://localhost/wind?datastar={}",
  );
  const watching = events[Symbol.asyncIterator]();
  const drawings = [];
  for (let i = 0; i < 3; i++) {
    const drawing = (await readUntil(watching, isElements)).at(-1);
    if (drawing?.type !== "patch-elements") throw new Error("unreachable");
    assertEquals([drawing.mode, drawing.namespace], ["replace", "svg"]);
    assertMatch(
      drawing.elements ?? "",
      /^<g id="curves">(<path class="[a-z ]+" d="[MCVHZ\d. ]+"\/>){6}<\/g>$/,
    );
    drawings.push(drawing.elements);
  }
  assertEquals(new Set(drawings).size, 3);
  chart.stop();
  await readUntil(
    watching,
    (event) =>
      event.type === "patch-signals" && event.signals._state === "stopped",
  );
  assertEquals((await watching.next()).done, true);
});

Deno.test("examples/datastar_svg.ts has no stream while it is paused, and refuses other signals", async () => {
  const { handler } = createChart();
  for (
    const [query, status] of [
      ['?datastar={"paused":true}', 204],
      ["?datastar=[]", 400],
      ["", 400],
    ] as const
  ) {
    const url = `http://localhost/wind${query}`;
    const response = await handler(new Request(url));
    assertEquals(response.status, status);
    await response.body?.cancel();
  }
});

for (
  const [name, create, events] of [
    ["datastar_hello.ts", createHello, "hello"],
    ["datastar_svg.ts", createChart, "wind?datastar={}"],
  ] as const
) {
  Deno.test(`examples/${name} has a page and the script, and nothing elsewhere`, async () => {
    const asked: string[] = [];
    const { handler } = create({
      script: (request) => {
        asked.push(new URL(request.url).pathname);
        return Promise.resolve(new Response());
      },
    });
    const get = async (path: string) =>
      await handler(new Request(`http://localhost${path}`));
    const page = await get("/");
    assertEquals(page.headers.get("content-type"), "text/html; charset=utf-8");
    assertStringIncludes(
      await page.text(),
      '<script type="module" src="/datastar.js"></script>',
    );
    await get("/datastar.js");
    await get("/datastar.js.map");
    assertEquals(asked, ["/datastar.js", "/datastar.js.map"]);
    const nothing = await get("/nothing");
    assertEquals(nothing.status, 404);
    await nothing.body?.cancel();
  });

  Deno.test(`examples/${name} runs by its first line, and ends on Ctrl-C`, async () => {
    await using run = new Run(...await command(name));
    const address = await run.until(/http:\/\/127\.0\.0\.1:\d+\//);
    await using stream = await fetchEventStream(address + events, {
      data: datastarData,
    });
    const watching = stream[Symbol.asyncIterator]();
    await readUntil(watching, isElements);
    run.interrupt();
    const told = await readUntil(
      watching,
      (event) =>
        event.type === "patch-signals" && event.signals._state !== undefined,
    );
    assertStringIncludes(JSON.stringify(told), "stopped");
    const { code, stderr } = await run.end();
    assertEquals(code, 0);
    assertMatch(stderr, /^Listening on \S+\n$/);
  });

  Deno.test(`examples/${name} serves the script from a file or a URL`, async () => {
    // The bundle is not at hand: a file is taken as it is, a URL must give a release.
    const file = "tests/helpers/events.ts";
    await using upstream = serve(() => new Response("no release"));
    const [, ...args] = await command(name);
    for (
      const [source, status] of [[file, 200], [upstream.url, 502]] as const
    ) {
      await using run = new Run(
        "run",
        "--allow-read",
        ...args,
        "--datastar-source",
        source,
      );
      const address = await run.until(/http:\/\/127\.0\.0\.1:\d+\//);
      const response = await fetch(`${address}datastar.js`);
      assertEquals(response.status, status);
      const text = await response.text();
      if (status === 200) {
        assertEquals(text, await Deno.readTextFile(new URL(file, ROOT)));
      } else assertStringIncludes(text, "must be a known release");
    }
  });
}
