import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  EventStreamResponseError,
  fetchEventStream,
  IncompleteStreamError,
} from "../../client.ts";
import { type Chunk, createStandIn, standIn } from "../../examples/llm_chat.ts";
import { jsonData, type ServerSentEvent } from "../../mod.ts";
import { eventStreamResponse } from "../../server.ts";
import { command, Run } from "../helpers/run.ts";
import { serve } from "../helpers/server.ts";

const QUESTION = {
  model: "m",
  stream: true,
  stream_options: { include_usage: true },
  messages: [{ role: "user", content: "Why?" }],
};

/** Asks a stand-in, without a network. */
function ask(
  handler: (request: Request) => Promise<Response>,
  question: Record<string, unknown> = QUESTION,
) {
  return fetchEventStream("https://example.com/v1/chat/completions", {
    method: "POST",
    body: JSON.stringify(question),
    data: jsonData<Chunk>(),
    view: "wire",
    until: ({ data }) => data === "[DONE]",
    fetch: (input, init) => handler(new Request(input, init)),
  });
}

/** Gathers what events say, and how. */
async function gather(events: AsyncIterable<ServerSentEvent<Chunk>>) {
  const chunks: Chunk[] = [];
  const comments: string[] = [];
  try {
    for await (const event of events) {
      comments.push(...event.comments ?? []);
      if (event.data !== undefined) chunks.push(event.data);
    }
    return { chunks, comments, error: undefined };
  } catch (error) {
    return { chunks, comments, error };
  }
}

function textOf(chunks: readonly Chunk[]): string {
  return chunks.map(({ choices }) => choices?.[0]?.delta?.content).join("");
}

const { chunks: WHOLE } = await gather(await ask(standIn));

Deno.test("examples/llm_chat.ts has a stand-in that answers in deltas, with comments and usage", async () => {
  const { chunks, comments, error } = await gather(await ask(standIn));
  assertEquals(error, undefined);
  assertEquals(comments.filter((text) => text === "PROCESSING").length, 3);
  assertEquals(chunks[0].choices?.[0].delta, {
    role: "assistant",
    content: "",
  });
  assertMatch(textOf(chunks), /^An event stream .* to say\.$/);
  assertEquals(chunks.at(-2)?.choices?.[0].finish_reason, "stop");
  assertEquals(chunks.at(-1)?.choices, []);
  assertEquals(chunks.at(-1)?.usage?.completion_tokens, chunks.length - 3);

  const { stream_options: _, ...plain } = QUESTION;
  const withoutUsage = await gather(await ask(standIn, plain));
  assertEquals(withoutUsage.chunks, chunks.slice(0, -1));
});

for (
  const [model, isExpected] of [
    ["cut", (error: unknown) => error instanceof IncompleteStreamError],
    ["broken", (error: unknown) => /fallen over/.test(String(error))],
    // It tells of an error, and ends without the closing event.
    ["error", (error: unknown) => error instanceof IncompleteStreamError],
  ] as const
) {
  Deno.test(`examples/llm_chat.ts has a stand-in that fails every other time as the model ${model}`, async () => {
    const handler = createStandIn(0);
    for (const isWhole of [false, true, false]) {
      const answer = await ask(handler, { ...QUESTION, model });
      const { chunks, error } = await gather(answer);
      assertEquals(error === undefined, isWhole);
      if (isWhole) assertEquals(textOf(chunks), textOf(WHOLE));
      else {
        assert(isExpected(error), String(error));
        assert(textOf(WHOLE).startsWith(textOf(chunks)));
        assert(textOf(chunks).length > 50);
      }
    }
  });
}

for (
  const [question, status, retryAfter] of [
    [{ ...QUESTION, model: "busy" }, 429, "1"],
    [{ ...QUESTION, stream: false }, 400, null],
    [{}, 400, null],
  ] as const
) {
  Deno.test(`examples/llm_chat.ts has a stand-in that answers ${JSON.stringify(question)} with ${status}`, async () => {
    const { response } = await assertRejects(
      () => ask(createStandIn(0), question),
      EventStreamResponseError,
    );
    assertEquals(response.status, status);
    assertEquals(response.headers.get("retry-after"), retryAfter);
    const { error } = await response.json();
    assertEquals(typeof error.message, "string");
  });
}

for (
  const [method, path, status] of [
    ["POST", "/v1/models", 404],
    ["GET", "/v1/chat/completions", 405],
  ] as const
) {
  Deno.test(`examples/llm_chat.ts has a stand-in that answers ${method} ${path} with ${status}`, async () => {
    const url = `https://example.com${path}`;
    const response = await standIn(new Request(url, { method }));
    assertEquals(response.status, status);
    await response.body?.cancel();
  });
}

/** Runs it by its first line, with more arguments. */
async function chat(...args: readonly string[]): Promise<Run> {
  return new Run(...await command("llm_chat.ts"), ...args);
}

Deno.test("examples/llm_chat.ts prints the answer of its stand-in, and what it took", async () => {
  await using run = await chat();
  const { code, stdout, stderr } = await run.end();
  assertEquals([code, stdout], [0, textOf(WHOLE)]);
  assertMatch(stderr, /^\n\d+ tokens in \d+\.\d s\n$/);
});

/** What a server was asked. */
interface Asked {
  readonly headers: Headers;
  readonly body: string;
}

/** A server of models, at no pace. */
function serveModels(asked: Asked[] = []) {
  const handler = createStandIn(0);
  return serve(async ({ url, method, headers, body: stream }) => {
    const body = await new Response(stream).text();
    asked.push({ headers, body });
    return handler(new Request(url, { method, headers, body }));
  });
}

Deno.test("examples/llm_chat.ts asks what it is given, with a key if there is one", async () => {
  const asked: Asked[] = [];
  await using server = serveModels(asked);
  const args = ["--url", `${server.url}v1/`, "--model", "some", "Why", "not?"];
  const file = await Deno.makeTempFile();
  try {
    const [first, ...rest] = await command("llm_chat.ts");
    for (const environment of ["", "LLM_API_KEY=secret\n"]) {
      await Deno.writeTextFile(file, environment);
      const flags = [first, `--env-file=${file}`];
      await using run = new Run(...flags, ...rest, ...args);
      assertEquals((await run.end()).code, 0);
    }
  } finally {
    await Deno.remove(file);
  }
  assertEquals(
    asked.map(({ headers }) => headers.get("authorization")),
    [null, "Bearer secret"],
  );
  assertEquals(asked[0].headers.get("content-type"), "application/json");
  assertEquals(JSON.parse(asked[0].body), {
    ...QUESTION,
    model: "some",
    messages: [{ role: "user", content: "Why not?" }],
  });
});

for (
  const [model, expected] of [
    ["cut", /^\nThe answer was cut off\n$/],
    ["error", /^\nThere is no whole answer: Overloaded\n$/],
    ["busy", /^\nThe server said 429: Rate limit reached\n$/],
  ] as const
) {
  Deno.test(`examples/llm_chat.ts says what goes wrong with the model ${model}`, async () => {
    await using server = serveModels();
    await using run = await chat("--url", `${server.url}v1`, "--model", model);
    const { code, stdout, stderr } = await run.end();
    assertEquals(code, 1);
    assertMatch(stderr, expected);
    assert(textOf(WHOLE).startsWith(stdout));
    assert(stdout !== textOf(WHOLE));
  });
}

for (
  const [model, expected] of [
    ["cut", "The answer was cut off; asking again in "],
    ["busy", "The server said 429; asking again in "],
  ] as const
) {
  Deno.test(`examples/llm_chat.ts asks the model ${model} again with --retry`, async () => {
    const asked: Asked[] = [];
    await using server = serveModels(asked);
    const args = ["--url", `${server.url}v1`, "--model", model, "--retry"];
    await using run = await chat(...args);
    const { code, stdout, stderr } = await run.end();
    assertEquals([code, asked.length], [0, 2]);
    assertStringIncludes(stderr, expected);
    // Which is what the header asks for, or the default.
    const [, delay] = /again in (\d+) ms/.exec(stderr) ?? [];
    assert(Number(delay) >= 1000);
    assert(stdout.endsWith(textOf(WHOLE)));
  });
}

Deno.test("examples/llm_chat.ts shows control characters instead of sending them to the terminal", async () => {
  await using server = serve(() =>
    eventStreamResponse([
      { data: '{"choices":[{"delta":{"content":"\\u001b[2J\\ta\\nb"}}]}' },
      { data: "[DONE]" },
    ])
  );
  await using run = await chat("--url", server.url);
  assertEquals((await run.end()).stdout, "\\x1b[2J\ta\nb");
});

Deno.test("examples/llm_chat.ts ends on Ctrl-C in the middle of an answer", async () => {
  const left = Promise.withResolvers<void>();
  await using server = serve(() =>
    eventStreamResponse((sender) => {
      sender.signal.addEventListener("abort", () => left.resolve());
      sender.send({ data: '{"choices":[{"delta":{"content":"Once"}}]}' });
    })
  );
  await using run = await chat("--url", server.url);
  await run.until(/Once/);
  run.interrupt();
  const { code, stdout, stderr } = await run.end();
  assertEquals([code, stdout, stderr], [0, "Once", "\n"]);
  await left.promise;
});
