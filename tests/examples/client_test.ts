import { assertEquals, assertMatch } from "@std/assert";
import type { ServerSentEvent } from "../../mod.ts";
import { eventStreamResponse, lastEventId } from "../../server.ts";
import { command, Run } from "../helpers/run.ts";
import { serve } from "../helpers/server.ts";

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
  await using run = await client("--once", server.url);
  assertEquals(await run.end(), {
    code: 0,
    stdout: "greeting id ä1\n  Grüße\n  \n  %s\nmessage\n  \\x1b[2J\ttab\n",
    stderr: "The stream has ended, the last event ID is ä1\n",
  });
});

Deno.test("examples/client.ts prints comments and blocks without data with --wire", async () => {
  await using server = serve(() => eventStreamResponse(EVENTS));
  await using run = await client("--once", "--wire", server.url);
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
  await using error = await client("--once", server.url);
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
  await using run = await client("--once", url);
  const { code, stderr } = await run.end();
  assertEquals(code, 1);
  assertMatch(stderr, /^fetch failed: .*refused.*\n$/i);
});

for (
  const [args, reason] of [
    [[], /^One URL must be given$/],
    [["http://localhost/", "http://localhost/"], /^One URL must be given$/],
    [["no URL"], /Invalid URL/],
    [["--nothing"], /--nothing/],
    [["--header", "name", "http://localhost/"], /must have a colon, got name$/],
    [["--header", "a b: c", "http://localhost/"], /header/],
  ] as const
) {
  Deno.test(`examples/client.ts says how it is used after ${JSON.stringify(args)}`, async () => {
    await using run = await client(...args);
    const { code, stdout, stderr } = await run.end();
    assertEquals([code, stdout], [2, ""]);
    const [first, ...others] = stderr.split("\n");
    assertMatch(first, reason);
    assertMatch(others.join("\n"), /^\nUsage: deno run /);
  });
}

/** Three events for each connection, 204 after the sixth, and a 503 in between. */
function sixEvents(): (request: Request) => Response {
  let requests = 0;
  return (request) => {
    requests++;
    if (requests === 2) return new Response("Busy", { status: 503 });
    const last = Number(lastEventId(request) ?? 0);
    if (last >= 6) return new Response(null, { status: 204 });
    const events = [1, 2, 3].map((n) => ({ id: `${last + n}`, data: "x" }));
    return eventStreamResponse(events, { retry: 0 });
  };
}

Deno.test("examples/client.ts opens its connection again where it was, says so, and ends at a 204", async () => {
  await using server = serve(sixEvents());
  await using run = await client(server.url);
  const { code, stdout, stderr } = await run.end();
  assertEquals(code, 0);
  assertEquals(
    stdout.match(/id \d/g),
    [1, 2, 3, 4, 5, 6].map((n) => `id ${n}`),
  );
  assertEquals(stderr.replaceAll(/\d+ ms/g, "… ms").split("\n"), [
    "The stream has ended; back in … ms, the last event ID is 3",
    "Cannot read event stream: status must be 200, got 503; back in … ms, the last event ID is 3",
    "The stream has ended; back in … ms, the last event ID is 6",
    "The stream has ended, the last event ID is 6",
    "",
  ]);
});

Deno.test("examples/client.ts ends on Ctrl-C while it waits", async () => {
  await using server = serve(() => eventStreamResponse([], { retry: 60_000 }));
  await using run = await client(server.url);
  await run.until(/back in \d+ ms/);
  run.interrupt();
  assertEquals((await run.end()).code, 0);
});

Deno.test("examples/client.ts prints lines of JSON with --json, behind --last-event-id", async () => {
  await using server = serve((request) =>
    eventStreamResponse([
      { data: lastEventId(request), id: "2" },
      { event: "\x7f", data: "\x1b\n\x9b%s" },
    ])
  );
  const args = ["--once", "--json", "--last-event-id", "é"];
  await using run = await client(...args, server.url);
  const { code, stdout } = await run.end();
  assertEquals(code, 0);
  assertEquals(/[^\n\P{Cc}]/u.exec(stdout), null);
  assertEquals(stdout.trimEnd().split("\n").map((line) => JSON.parse(line)), [
    { data: "é", id: "2", lastEventId: "2" },
    { event: "\x7f", data: "\x1b\n\x9b%s", lastEventId: "2" },
  ]);
});

Deno.test("examples/client.ts sends headers", async () => {
  await using server = serve(({ headers }) =>
    eventStreamResponse([
      { data: `${headers.get("authorization")} ${headers.get("x-a")}` },
    ])
  );
  const args = ["--header", "Authorization: Bearer x:y", "--header", "X-A:1"];
  await using run = await client("--once", ...args, server.url);
  assertEquals((await run.end()).stdout, "message\n  Bearer x:y 1\n");
});

Deno.test("examples/client.ts keeps its place in a file, from which the next run goes on", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/place`;
    const asked: (string | undefined)[] = [];
    await using server = serve((request) => {
      asked.push(lastEventId(request));
      const last = Number(lastEventId(request) ?? 0);
      return eventStreamResponse([{ id: `${last + 1}`, data: "x" }]);
    });
    const [run, ...rest] = await command("client.ts");
    const args = [run, "--allow-read", "--allow-write", ...rest.slice(0, -1)];
    for (let n = 1; n <= 3; n++) {
      await using client = new Run(
        ...args,
        ...["--once", "--checkpoint", file],
        server.url,
      );
      assertEquals((await client.end()).code, 0);
      assertEquals(await Deno.readTextFile(file), String(n));
    }
    assertEquals(asked, [undefined, "1", "2"]);
    const names = await Array.fromAsync(
      Deno.readDir(folder),
      ({ name }) => name,
    );
    assertEquals(names, ["place"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
