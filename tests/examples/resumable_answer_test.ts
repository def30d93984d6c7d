import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { EventStreamResponseError, fetchEventStream } from "../../client.ts";
import { ask, createServer } from "../../examples/resumable_answer.ts";
import { present } from "../helpers/events.ts";
import { command, Run } from "../helpers/run.ts";

const URL_OF_JOBS = "https://example.com/jobs";

/** A `fetch` that a handler answers, and what it was asked. */
function localFetch(
  handler: (request: Request) => Promise<Response>,
): { fetch: typeof fetch; asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    fetch: (input, init) => {
      const request = new Request(input, init);
      const id = request.headers.get("last-event-id")?.split("/")[1];
      asked.push([request.method, id].filter(Boolean).join(" "));
      return handler(request);
    },
  };
}

const EXPECTED = [
  ...[1, 2, 3, 4].map((progress) => ({ progress, total: 4 })),
  { result: "d c b a" },
];

Deno.test("examples/resumable_answer.ts gives each message once, over a POST and a GET", async () => {
  const { fetch, asked } = localFetch(createServer(0));
  const resumed: string[] = [];
  const messages = await Array.fromAsync(ask(URL_OF_JOBS, "a b c d", {
    fetch,
    onResume: (id) => resumed.push(id.split("/")[1]),
  }));
  assertEquals(messages, EXPECTED);
  assertEquals(asked, ["POST", "GET 3"]);
  assertEquals(resumed, ["3"]);
});

for (const bytes of [90, 100, 150, 200, 250]) {
  Deno.test(`examples/resumable_answer.ts gives each message once if every stream breaks after ${bytes} more bytes`, async () => {
    const server = createServer(0);
    let length = 0;
    const { fetch } = localFetch(async (request) => {
      const response = await server(request);
      let left = length += bytes;
      const breaking = new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          controller.enqueue(chunk.slice(0, left));
          left -= chunk.length;
          if (left < 0) controller.error(new TypeError("The cable is cut"));
        },
      });
      return new Response(response.body?.pipeThrough(breaking), response);
    });
    const messages = await Array.fromAsync(
      ask(URL_OF_JOBS, "a b c d", { fetch }),
    );
    assertEquals(messages, EXPECTED);
  });
}

Deno.test("examples/resumable_answer.ts begins with an id, empty data and a reconnection time", async () => {
  const { fetch } = localFetch(createServer(0));
  const events = await fetchEventStream(URL_OF_JOBS, {
    method: "POST",
    body: "a",
    fetch,
  });
  const [first] = await Array.fromAsync(events, present);
  assertMatch(first.id ?? "", /^[\w-]+\/0$/);
  assertEquals([first.data, first.retry], ["", 200]);
});

Deno.test("examples/resumable_answer.ts leaves a connection when nobody wants more", async () => {
  let aborted = false;
  const { fetch } = localFetch(createServer(0));
  const watched: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    const watch = new TransformStream<Uint8Array, Uint8Array>({
      cancel() {
        aborted = true;
      },
    });
    return new Response(response.body?.pipeThrough(watch), response);
  };
  for await (const _ of ask(URL_OF_JOBS, "a", { fetch: watched })) break;
  assertEquals(aborted, true);
});

Deno.test("examples/resumable_answer.ts does not start a job twice", async () => {
  const { fetch, asked } = localFetch(() =>
    Promise.resolve(new Response("Busy", { status: 503 }))
  );
  const error = await assertRejects(
    () => Array.fromAsync(ask(URL_OF_JOBS, "a", { fetch })),
    EventStreamResponseError,
  );
  await error.response.body?.cancel();
  assertEquals(asked, ["POST"]);
});

/** Starts a job, reads its first stream to the end, and gives its last id. */
async function lastIdOf(
  server: (request: Request) => Promise<Response>,
  body: string,
): Promise<string> {
  const { fetch } = localFetch(server);
  const events = await fetchEventStream(URL_OF_JOBS, {
    method: "POST",
    body,
    fetch,
  });
  await Array.fromAsync(events);
  return events.lastEventId;
}

for (const [kept, status] of [[60_000, 204], [0, 404]]) {
  Deno.test(`examples/resumable_answer.ts answers ${status} for a job that is done if it keeps them for ${kept} ms`, async () => {
    const server = createServer(0, kept);
    const id = await lastIdOf(server, "a");
    const headers = { "last-event-id": id };
    const response = await server(new Request(URL_OF_JOBS, { headers }));
    assertEquals(response.status, status);
    await response.body?.cancel();
  });
}

Deno.test("examples/resumable_answer.ts keeps a job that is not done, however long", async () => {
  const server = createServer(50, 0);
  const id = await lastIdOf(server, "a b c d");
  const headers = { "last-event-id": id };
  const response = await server(new Request(URL_OF_JOBS, { headers }));
  assertEquals(response.status, 200);
  assertMatch(await response.text(), /"result":"d c b a"/);
});

for (const [length, status] of [[16 * 1024, 200], [16 * 1024 + 1, 413]]) {
  Deno.test(`examples/resumable_answer.ts answers ${status} to a text of ${length} bytes`, async () => {
    const response = await createServer(0)(
      new Request(URL_OF_JOBS, { method: "POST", body: "a".repeat(length) }),
    );
    assertEquals(response.status, status);
    await response.text();
  });
}

for (
  const [id, status] of [
    [undefined, 404],
    ["nonsense", 404],
    ["nonsense/1", 404],
    ["", 404],
  ] as const
) {
  Deno.test(`examples/resumable_answer.ts has no job for the id ${id}`, async () => {
    const headers = new Headers(
      id === undefined ? [] : [["last-event-id", id]],
    );
    const response = await createServer()(
      new Request(URL_OF_JOBS, { headers }),
    );
    assertEquals(response.status, status);
    await response.body?.cancel();
  });
}

Deno.test("examples/resumable_answer.ts runs by its first line", async () => {
  await using run = new Run(...await command("resumable_answer.ts"));
  const { code, stdout, stderr } = await run.end();
  assertEquals([code, stderr], [0, ""]);
  const lines = stdout.trim().split("\n");
  assertEquals(lines.filter((line) => !line.startsWith(" ")), [
    "POST -> 200",
    "GET, Last-Event-ID …/3 -> 200",
    "GET, Last-Event-ID …/6 -> 200",
  ]);
  assertEquals(lines.filter((line) => line.startsWith(" ")), [
    ...[1, 2, 3, 4, 5, 6, 7].map((n) => `  ${n} of 7`),
    "  the result: all what is sent here comes back",
  ]);
});
