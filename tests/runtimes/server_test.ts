import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { rawClient } from "../helpers/raw_client.ts";
import type { ServerSentEvent } from "../../server.ts";
import { LAST_EVENT_IDS } from "./clients.ts";
import { installRuntimes } from "./install.ts";
import type { ServerProcess } from "./process.ts";
import { type TestedServer, testedServers } from "./servers.ts";
import type { StreamLog } from "./servers/handler.ts";

const { servers, folder } = await testedServers(await installRuntimes());
/** A running server, and what a test asks of it besides streams. */
interface Subject extends AsyncDisposable {
  /** Opens a stream. */
  open(
    name: string,
    headers?: Readonly<Record<string, string>>,
  ): ReturnType<typeof rawClient>;
  /** Sends an event to a stream. */
  send(name: string, event: ServerSentEvent): Promise<void>;
  /** Ends a stream. */
  close(name: string): Promise<void>;
  /** What was seen of a stream so far. */
  log(name: string): Promise<StreamLog>;
  /** What was seen of a stream, as soon as it is as it must be. */
  logWhen(name: string, is: (log: StreamLog) => boolean): Promise<StreamLog>;
}

async function start(server: TestedServer): Promise<Subject> {
  const running: ServerProcess = await server.start();
  const own = server.headerLines.map((line) => line.split(": ", 2));

  async function ask(
    method: string,
    path: string,
    name: string,
    body?: unknown,
  ) {
    const url = `http://127.0.0.1:${running.port}${path}`;
    const headers = [...own, ["x-name", name]] as [string, string][];
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(url, { method, headers, ...init });
    if (!response.ok) throw new Error(`${response.status} of ${path}`);
    return response;
  }
  async function log(name: string): Promise<StreamLog> {
    const response = await ask("GET", "/log", name);
    return (await response.json())[name];
  }
  return {
    open(name, headers = {}) {
      const lines = Object.entries({ "x-name": name, ...headers })
        .map(([header, value]) => `${header}: ${value}`);
      return rawClient(running.port, [...server.headerLines, ...lines]);
    },
    async send(name, event) {
      await (await ask("POST", "/send", name, event)).body?.cancel();
    },
    async close(name) {
      await (await ask("POST", "/close", name)).body?.cancel();
    },
    log,
    async logWhen(name, is) {
      // A test that waits for ever says less than one that fails with the log.
      const deadline = Date.now() + 20_000;
      while (true) {
        const seen = await log(name);
        if (seen !== undefined && is(seen)) return seen;
        if (Date.now() > deadline) {
          throw new Error(`Waited in vain: ${JSON.stringify(seen)}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

/** Short where a client that has left is noticed at the next heartbeat only. */
function heartbeat(server: TestedServer): Record<string, string> {
  return server.seesOnWriteOnly ? { "x-interval": "100" } : {};
}

/** What was measured, a row for each server. */
const table = new Map<string, Record<string, string>>(
  servers.map(({ name }) => [name, {}]),
);

function note(server: TestedServer, column: string, value: string): void {
  table.get(server.name)![column] = value;
}

const left = ({ closed }: StreamLog) => closed.length > 0;

for (const server of servers) {
  const { name } = server;

  Deno.test(`${name} sends the headers and the opening before the first event`, async () => {
    await using subject = await start(server);
    const before = performance.now();
    using client = await subject.open("a");
    const head = await client.head();
    assertMatch(head, /^http\/1\.1 200 /);
    assertMatch(head, /^content-type: text\/event-stream\r?$/m);
    assertMatch(head, /^cache-control: no-cache, no-transform\r?$/m);
    assertMatch(head, /^x-accel-buffering: no\r?$/m);
    assertMatch(head, /^transfer-encoding: chunked\r?$/m);
    assertEquals(await client.chunk(), ": keep-alive 8000\n\n");
    note(server, "headers after", milliseconds(performance.now() - before));
    assertEquals((await subject.log("a")).bytes, 0);
    await subject.close("a");
    assertEquals(await client.chunk(), undefined);
    const { closed } = await subject.logWhen("a", left);
    assertEquals(closed.map(({ reason }) => reason), ["closed"]);
  });

  Deno.test(`${name} reads the last event ID from its UTF-8 bytes`, async () => {
    await using subject = await start(server);
    const read: unknown[] = [];
    for (const [index, id] of LAST_EVENT_IDS.entries()) {
      using client = await subject.open(`${index}`, { "last-event-id": id });
      await client.head();
      read.push((await subject.log(`${index}`)).lastEventId);
    }
    assertEquals(read, [...LAST_EVENT_IDS]);
  });

  Deno.test(`${name} sends each event alone, as soon as it is sent`, async () => {
    await using subject = await start(server);
    using client = await subject.open("a");
    await client.head();
    await client.chunk();
    const events: [ServerSentEvent, string][] = [
      [{ data: "a" }, "data: a\n\n"],
      [{ event: "b", data: "é\n日本" }, "event: b\ndata: é\ndata: 日本\n\n"],
      [{ id: "3" }, "id: 3\n\n"],
      [{ comments: ["c"] }, ": c\n\n"],
    ];
    const times: number[] = [];
    for (const [event, text] of events) {
      const before = performance.now();
      await subject.send("a", event);
      assertEquals(await client.chunk(), text);
      times.push(performance.now() - before);
    }
    note(server, "event after", milliseconds(Math.max(...times)));
  });

  Deno.test(`${name} sees once that a client has left a sender`, async () => {
    await using subject = await start(server);
    let leftAt: number;
    {
      using client = await subject.open("a", heartbeat(server));
      await client.head();
      await client.chunk();
      await subject.send("a", { data: "a" });
      while (!(await client.chunk())!.startsWith("data"));
      leftAt = Date.now();
    }
    const { closed } = await subject.logWhen("a", left);
    note(server, "disconnect seen after", milliseconds(closed[0].at - leftAt));
    assertEquals(closed.map(({ reason }) => reason), ["client"]);
    // Later requests were answered, and the client has still left once.
    await subject.open("b").then((client) => client[Symbol.dispose]());
    const later = await subject.logWhen("a", ({ aborts }) => aborts > 0);
    assertEquals(later.closed.length, 1);
    assertEquals(later.aborts, 1);
    assertEquals(later.errors, []);
  });

  Deno.test(`${name} sees once that a client has left an iterator that waits`, async () => {
    await using subject = await start(server);
    {
      using client = await subject.open("a", {
        ...heartbeat(server),
        "x-source": "silence",
      });
      await client.head();
      await client.chunk();
    }
    const seen = await subject.logWhen("a", left);
    assertEquals(seen.closed.map(({ reason }) => reason), ["client"]);
    assertEquals(seen.returns, 1);
    assertEquals(seen.errors, []);
  });

  Deno.test(`${name} asks an iterator for a few megabytes if a client does not read`, async () => {
    const MEGABYTE = 2 ** 20;
    await using subject = await start(server);
    {
      using sleeper = await subject.open("sleeper", { "x-source": "flood" });
      await sleeper.head();
      {
        using reader = await subject.open("reader", { "x-source": "flood" });
        await reader.head();
        let read = 0;
        while (read < 32 * MEGABYTE) read += (await reader.chunk())!.length;
      }
      const { bytes } = await subject.log("sleeper");
      note(server, "unread, pulled", `${(bytes / MEGABYTE).toFixed(1)} MB`);
      assert(bytes > 0);
      assert(bytes < 16 * MEGABYTE, `${bytes} bytes were asked for`);
    }
    for (const stream of ["sleeper", "reader"]) {
      const { closed, returns } = await subject.logWhen(stream, left);
      assertEquals(closed.map(({ reason }) => reason), ["client"], stream);
      assertEquals(returns, 1);
    }
  });

  Deno.test(`${name} ends the stream of a sender whose client does not read`, async () => {
    await using subject = await start(server);
    using client = await subject.open("a", { "x-source": "careless" });
    await client.head();
    const { closed, bytes } = await subject.logWhen("a", left);
    note(server, "unread, pushed", `${(bytes / 2 ** 20).toFixed(1)} MB`);
    assertEquals(closed.map(({ reason }) => reason), ["slow"]);
    // The client can tell that this was not the end.
    await assertRejects(async () => {
      while (await client.chunk() !== undefined);
    });
  });
}

/** Longer than Bun lets a connection be idle. */
const IDLE_TIME = 13_000;

Deno.test("Servers keep an idle stream for longer than 12 s", async () => {
  const results = await Promise.allSettled(servers.map(staysIdle));
  // Only when all have stopped.
  for (const result of results) {
    if (result.status === "rejected") throw result.reason;
  }
});

async function staysIdle(server: TestedServer): Promise<void> {
  const opened = performance.now();
  const elapsed = () => performance.now() - opened;
  let cut: Promise<void>;
  {
    await using subject = await start(server);
    let cutAfter = "kept";
    // What the keep-alive is for.
    cut = subject.open("cut", {
      "x-source": "silence",
      "x-interval": "none",
    }).then(endOf).then(() => {
      cutAfter = `cut after ${seconds(elapsed())}`;
    });
    using waiting = await subject.open("waiting", { "x-source": "silence" });
    using idle = await subject.open("idle");
    for (const client of [waiting, idle]) {
      await client.head();
      assertEquals(await client.chunk(), ": keep-alive 8000\n\n");
    }
    for (const client of [waiting, idle]) {
      assertEquals(await client.chunk(), ": \n\n", server.name);
    }
    note(server, "keep-alive after", seconds(elapsed()));
    // The one test that measures how nothing happens.
    await new Promise((done) => setTimeout(done, IDLE_TIME - elapsed()));
    await subject.send("idle", { data: "still here" });
    assertEquals(await idle.chunk(), "data: still here\n\n", server.name);
    for (const name of ["idle", "waiting"]) {
      assertEquals((await subject.log(name)).closed, [], server.name);
    }
    note(server, "idle for 13 s", "kept");
    note(server, "the same without keep-alive", cutAfter);
  }
  await cut;
}

Deno.test.afterAll(async () => {
  await folder[Symbol.asyncDispose]();
  console.log(markdown());
});

/** Waits until the body of a client ends or breaks, and closes it. */
async function endOf(
  client: Awaited<ReturnType<typeof rawClient>>,
): Promise<void> {
  using _client = client;
  try {
    await client.head();
    while (await client.chunk() !== undefined);
  } catch {
    // It broke, which is an end too.
  }
}

function seconds(time: number): string {
  return `${(time / 1000).toFixed(1)} s`;
}

function milliseconds(time: number): string {
  return `${time.toFixed(time < 10 ? 1 : 0)} ms`;
}

/** The table of what was measured. */
function markdown(): string {
  const columns = [...new Set([...table.values()].flatMap(Object.keys))];
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    row(["", ...columns]),
    row(["", ...columns].map(() => "---")),
    ...[...table].map(([name, cells]) =>
      row([name, ...columns.map((column) => cells[column] ?? "")])
    ),
  ].join("\n");
}
