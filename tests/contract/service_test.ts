import { assertEquals, assertMatch } from "@std/assert";
import { serve } from "../helpers/server.ts";
import { type ClientName, CLIENTS, createContractService } from "./service.ts";

/** A queue that is waited at. */
class Inbox<T> {
  readonly #values: T[] = [];
  readonly #waiting: ((value: T) => void)[] = [];

  put(value: T): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#values.push(value);
    else next(value);
  }

  take(): Promise<T> {
    return this.#values.length > 0
      ? Promise.resolve(this.#values.shift()!)
      : new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** A connection that a client has opened to the harness. */
interface HarnessStream {
  readonly method: string;
  readonly headers: Headers;
  readonly body: string;
  send(text: string): void;
  end(): void;
  /** Resolves when the client has left. */
  readonly left: Promise<void>;
}

/** A harness like that of LaunchDarkly, as much of it as is needed here. */
class Harness implements AsyncDisposable {
  /** What the service says. */
  readonly messages = new Inbox<Record<string, unknown>>();
  readonly connections = new Inbox<HarnessStream>();
  /** The status that a stream is answered with. */
  status = 200;
  readonly #service: { readonly url: string } & AsyncDisposable;
  readonly #own = serve((request) => this.#answer(request));
  #count = 0;
  #resource = "";

  constructor(client: ClientName) {
    this.#service = serve(createContractService(client).handler);
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/callback/")) {
      assertEquals(pathname, `/callback/${++this.#count}`);
      this.messages.put(await request.json());
      return new Response(null, { status: 202 });
    }
    const { method, headers } = request;
    const body = await request.text();
    const left = Promise.withResolvers<void>();
    let controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
    const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start(its) {
        controller = its;
      },
      cancel: () => left.resolve(),
    });
    this.connections.put({
      method,
      headers,
      body,
      send: (text) => controller.enqueue(new TextEncoder().encode(text)),
      end: () => controller.close(),
      left: left.promise,
    });
    return this.status === 200
      ? new Response(stream, {
        headers: { "content-type": "text/event-stream" },
      })
      : new Response(null, { status: this.status });
  }

  /** Asks the service for something. */
  ask(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(new URL(path, this.#service.url), {
      method,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  }

  /** Has a stream opened, and gives the connection. */
  async open(options: Record<string, unknown> = {}): Promise<HarnessStream> {
    const response = await this.ask("POST", "/", {
      streamUrl: `${this.#own.url}stream`,
      callbackUrl: `${this.#own.url}callback`,
      initialDelayMs: 0,
      ...options,
    });
    assertEquals(response.status, 201, await response.text());
    this.#resource = response.headers.get("location") ?? "";
    return this.connections.take();
  }

  /** Sends a command to the stream. */
  async command(command: unknown): Promise<number> {
    const response = await this.ask("POST", this.#resource, command);
    await response.body?.cancel();
    return response.status;
  }

  /** Has the stream closed. */
  async close(): Promise<number> {
    const response = await this.ask("DELETE", this.#resource);
    await response.body?.cancel();
    return response.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const response = await this.ask("DELETE", "/");
    assertEquals(response.status, 204);
    await this.#service[Symbol.asyncDispose]();
    await this.#own[Symbol.asyncDispose]();
  }
}

function eventMessage(data: string, type = "message", id = "") {
  return { kind: "event", event: { type, data, id } };
}

for (const client of CLIENTS) {
  Deno.test(`the contract service tells events of ${client}, with types and ids`, async () => {
    await using harness = new Harness(client);
    const stream = await harness.open();
    assertEquals(stream.method, "GET");
    assertEquals(stream.headers.get("accept"), "text/event-stream");
    if (client === "EventSource") {
      const listen = { command: "listen", listen: { type: "put" } };
      assertEquals(await harness.command(listen), 204);
    }
    stream.send("\uFEFFdata: one\n\nevent: put\nid: a\ndata:\ndata: two\n\n");
    stream.send("data\r\rid: b\r\n\r\ndata: three\r\n\r\n");
    for (
      const expected of [
        eventMessage("one"),
        eventMessage("\ntwo", "put", "a"),
        eventMessage("", "message", "a"),
        eventMessage("three", "message", "b"),
      ]
    ) assertEquals(await harness.messages.take(), expected);
    assertEquals(await harness.close(), 204);
    await stream.left;
    assertEquals(await harness.close(), 404);
  });

  Deno.test(`the contract service has ${client} open a stream again from where it was`, async () => {
    await using harness = new Harness(client);
    const first = await harness.open({ headers: { "x-name": "value" } });
    first.send("id: a\ndata: one\n\nid: b\ndata: cut off");
    assertEquals(
      await harness.messages.take(),
      eventMessage("one", "message", "a"),
    );
    first.end();
    const second = await harness.connections.take();
    assertEquals(second.headers.get("last-event-id"), "a");
    assertEquals(second.headers.get("x-name"), "value");
    second.send("data: two\n\n");
    assertEquals(
      await harness.messages.take(),
      eventMessage("two", "message", "a"),
    );
  });

  Deno.test(`the contract service tells what ${client} fails with`, async () => {
    await using harness = new Harness(client);
    harness.status = 404;
    await harness.open();
    const { kind, error } = await harness.messages.take();
    assertEquals(kind, "error");
    assertMatch(String(error), /status must be 200, got 404/);
  });

  Deno.test(`the contract service refuses what it does not know with ${client}`, async () => {
    await using harness = new Harness(client);
    await harness.open();
    assertEquals(await harness.command({ command: "dance" }), 400);
    assertEquals(await harness.command("{"), 400);
    for (
      const [method, path, body, status] of [
        ["GET", "/", undefined, 200],
        ["PUT", "/", "", 405],
        ["POST", "/", { streamUrl: "http://localhost/" }, 400],
        ["POST", "/", { streamUrl: "?", callbackUrl: "x:" }, 400],
        ["POST", "/streams/99", { command: "restart" }, 404],
        ["DELETE", "/streams/99", undefined, 404],
      ] as const
    ) {
      const response = await harness.ask(method, path, body);
      await response.body?.cancel();
      assertEquals([method, path, response.status], [method, path, status]);
    }
  });
}

Deno.test("the contract service tells comments, each when its line has ended", async () => {
  await using harness = new Harness("connect");
  const stream = await harness.open();
  for (
    const [sent, ...comments] of [
      ["\uFEFF:mark\n", "mark"],
      [": lf\n", "lf"],
      [":cr\r", "cr"],
      ["\n:crlf\r\n", "crlf"],
      [":a\n:b\r:\n", "a", "b", ""],
    ]
  ) {
    stream.send(sent);
    for (const comment of comments) {
      assertEquals(await harness.messages.take(), { kind: "comment", comment });
    }
  }
  stream.send("data: 1\n:inside\ndata: 2\n\n");
  assertEquals(await harness.messages.take(), {
    kind: "comment",
    comment: "inside",
  });
  assertEquals(await harness.messages.take(), eventMessage("1\n2"));
});

Deno.test("the contract service restarts a stream", async () => {
  await using harness = new Harness("connect");
  const first = await harness.open({ lastEventId: "before" });
  assertEquals(first.headers.get("last-event-id"), "before");
  first.send("id: a\ndata: one\n\n");
  await harness.messages.take();
  assertEquals(await harness.command({ command: "restart" }), 204);
  await first.left;
  const second = await harness.connections.take();
  assertEquals(second.headers.get("last-event-id"), "a");
});

Deno.test("the contract service gives up a silent connection, says so, and opens a new one", async () => {
  await using harness = new Harness("connect");
  const first = await harness.open({ readTimeoutMs: 50 });
  const { kind, error } = await harness.messages.take();
  assertEquals(kind, "error");
  assertMatch(String(error), /must not be silent for 50 ms/);
  await first.left;
  await harness.connections.take();
});

for (const method of ["POST", "REPORT"]) {
  Deno.test(`the contract service sends a body with ${method}, and again on reconnection`, async () => {
    await using harness = new Harness("connect");
    const options = {
      method,
      body: '{"hello":"world"}',
      headers: { "content-type": "application/json" },
    };
    let stream = await harness.open(options);
    for (let i = 0; i < 2; i++) {
      assertEquals(stream.method, method);
      assertEquals(stream.body, options.body);
      assertEquals(stream.headers.get("content-type"), "application/json");
      stream.end();
      stream = await harness.connections.take();
    }
  });
}
