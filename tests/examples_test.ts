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
import * as json from "../examples/json_events.ts";
import * as string from "../examples/string_events.ts";
import type { ServerSentEvent } from "../mod.ts";
import { eventStreamResponse } from "../server.ts";
import { present } from "./helpers/events.ts";
import { serve } from "./helpers/server.ts";

const ROOT = new URL("..", import.meta.url);

/** A process of an example. It is killed when it is disposed of. */
class Run implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #output = { stdout: "", stderr: "" };
  #more = Promise.withResolvers<boolean>();

  /** Starts Deno with these arguments. A server chooses a free port. */
  constructor(...args: readonly string[]) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [...args],
      cwd: ROOT,
      env: { DENO_SERVE_ADDRESS: "tcp:127.0.0.1:0", NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#ended = Promise.all([this.#gather("stdout"), this.#gather("stderr")])
      .finally(() => this.#more.resolve(false));
  }

  async #gather(name: "stdout" | "stderr"): Promise<void> {
    const text = this.#child[name].pipeThrough(new TextDecoderStream());
    for await (const part of text) {
      this.#output[name] += part;
      this.#more.resolve(true);
      this.#more = Promise.withResolvers();
    }
  }

  /** Waits for an output that fits, and gives the part that does. */
  async until(pattern: RegExp): Promise<string> {
    while (true) {
      const { stdout, stderr } = this.#output;
      const match = stdout.match(pattern) ?? stderr.match(pattern);
      if (match !== null) return match[0];
      if (await this.#more.promise) continue;
      throw new Error(`No ${pattern} in ${JSON.stringify(this.#output)}`);
    }
  }

  /** Does what Ctrl-C does. */
  interrupt(): void {
    this.#child.kill("SIGINT");
  }

  /** Waits until the process has ended by itself. */
  async end(): Promise<{ code: number; stdout: string; stderr: string }> {
    await this.#ended;
    const { code } = await this.#child.status;
    return { code, ...this.#output };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.end();
  }
}

/** The command that an example begins with, in words. */
async function command(name: string): Promise<string[]> {
  const text = await Deno.readTextFile(new URL(`examples/${name}`, ROOT));
  const [line] = text.split("\n", 1);
  assertMatch(line, /^\/\/ deno (run|task) /);
  return line.split(" ").slice(2);
}

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
  assertEquals(names.sort(), [
    "client.ts",
    "demo.ts",
    "json_events.ts",
    "proxy.ts",
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

/** Runs `client.ts` by its first line, with another URL and flags. */
async function client(...args: readonly string[]): Promise<Run> {
  return new Run(...(await command("client.ts")).slice(0, -1), ...args);
}

const EVENTS: readonly ServerSentEvent[] = [
  { comments: ["hello"], retry: 1500 },
  { event: "greeting", data: "Grüße\n\n%s", id: "ä1" },
  { data: "\x1b[2J\ttab" },
];

Deno.test("examples/client.ts prints types, ids and data", async () => {
  await using server = serve(() => eventStreamResponse(EVENTS));
  await using run = await client(server.url);
  assertEquals(await run.end(), {
    code: 0,
    stdout: "greeting id ä1\n  Grüße\n  \n  %s\nmessage\n  \\x1b[2J\ttab\n",
    stderr: "The stream has ended, the last event ID is ä1\n",
  });
});

Deno.test("examples/client.ts prints comments and blocks without data with --wire", async () => {
  await using server = serve(() => eventStreamResponse(EVENTS));
  await using run = await client("--wire", server.url);
  const { code, stdout } = await run.end();
  assertEquals(code, 0);
  assertEquals(stdout.split("\n").slice(0, 4), [
    ": keep-alive 8000",
    ": hello",
    "message retry 1500 ms, no data",
    "greeting id ä1",
  ]);
});

Deno.test("examples/client.ts prints an event before the next one, and ends on Ctrl-C", async () => {
  const left = Promise.withResolvers<void>();
  await using server = serve(() =>
    eventStreamResponse(
      new ReadableStream<ServerSentEvent>({
        start(controller) {
          controller.enqueue({ data: "first" });
        },
        cancel: () => left.resolve(),
      }),
    )
  );
  await using run = await client(server.url);
  await run.until(/first\n/);
  run.interrupt();
  const { code, stderr } = await run.end();
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  await left.promise;
});

Deno.test("examples/client.ts says what is wrong with a response", async () => {
  await using server = serve((request) =>
    request.url.endsWith("/page")
      ? new Response("<p>", { headers: { "content-type": "text/html" } })
      : new Response("No", { status: 503 })
  );
  await using page = await client(`${server.url}page`);
  assertEquals(await page.end(), {
    code: 1,
    stdout: "",
    stderr:
      'Cannot read event stream: content type must be text/event-stream, got "text/html"\n',
  });
  await using error = await client(server.url);
  assertEquals(await error.end(), {
    code: 1,
    stdout: "",
    stderr: "Cannot read event stream: status must be 200, got 503\n",
  });
});

Deno.test("examples/client.ts says why there is no answer", async () => {
  const server = serve(() => new Response());
  const { url } = server;
  await server[Symbol.asyncDispose]();
  await using run = await client(url);
  const { code, stderr } = await run.end();
  assertEquals(code, 1);
  assertMatch(stderr, /^fetch failed\n.*refused.*\n$/i);
});

Deno.test("examples/client.ts says how it is used", async () => {
  await using run = await client();
  const { code, stderr } = await run.end();
  assertEquals(code, 2);
  assertMatch(stderr, /^Usage: /);
});

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
