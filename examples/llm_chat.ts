// deno run --allow-net --allow-env=LLM_API_KEY examples/llm_chat.ts

/**
 * Asks a language model, and prints its answer as it is written: a client of the
 * OpenAI-style `POST …/chat/completions`, whose answer is an event stream.
 *
 * The stream ends with the data `[DONE]`. One that ends before has been cut off, and
 * is never taken for a whole answer: with `--retry` the question is asked again. A
 * POST is not repeated without that, since every answer costs.
 *
 * Without `--url` a stand-in in this process answers; it makes trouble if it is
 * asked for the models `cut`, `broken`, `error` and `busy`. Ctrl-C ends it.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { jsonData, type ServerSentEvent } from "@tidings/sse";
import {
  connect,
  EventStreamResponseError,
  IncompleteStreamError,
} from "@tidings/sse/client";
import { eventStreamResponse } from "@tidings/sse/server";
import { reasons, visible } from "./_terminal.ts";

/** What an event of the answer holds, as much of it as is needed here. */
export interface Chunk {
  readonly choices?: readonly {
    readonly delta?: { readonly role?: string; readonly content?: string };
    readonly finish_reason?: string | null;
  }[];
  /** In a chunk of its own at the end, if `stream_options` ask for it. */
  readonly usage?: { readonly completion_tokens: number } | null;
  /** In place of all else, if it goes wrong after the stream has begun. */
  readonly error?: { readonly message: string };
}

/** What is asked. */
interface Question {
  readonly model: string;
  readonly stream: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly messages: readonly {
    readonly role: string;
    readonly content: string;
  }[];
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      url: { type: "string" },
      model: { type: "string", default: "stand-in" },
      retry: { type: "boolean", default: false },
    },
  });
  const stop = new AbortController();
  Deno.addSignalListener("SIGINT", () => stop.abort());
  const { signal } = stop;

  const server = values.url === undefined ? startStandIn() : undefined;
  try {
    await ask({
      url: values.url ?? `http://127.0.0.1:${server?.addr.port}/v1`,
      model: values.model,
      question: positionals.join(" ") || "What is an event stream?",
      retry: values.retry,
      key: Deno.env.get("LLM_API_KEY"),
      signal,
    });
  } catch (error) {
    say("");
    if (!signal.aborted) {
      say(await explain(error));
      Deno.exitCode = 1;
    }
  } finally {
    await server?.shutdown();
  }
}

/** Asks, and prints the answer. */
async function ask(
  { url, model, question, retry, key, signal }: {
    readonly url: string;
    readonly model: string;
    readonly question: string;
    readonly retry: boolean;
    readonly key: string | undefined;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const body: Question = {
    model,
    stream: true,
    stream_options: { include_usage: true },
    messages: [{ role: "user", content: question }],
  };
  const start = performance.now();
  const progress = createProgress();
  const chunks = connect<Chunk>(`${url.replace(/\/$/, "")}/chat/completions`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify(body),
    data: jsonData<Chunk>(),
    until: ({ data }) => data === "[DONE]",
    // Comments too: they say that the model still thinks.
    view: "wire",
    reconnect: retry ? "on-error" : "never",
    maxRetries: 3,
    onOpen: () => progress.begin(),
    onReconnect({ cause, delay }) {
      progress.end();
      say(`\n${reason(cause)}; asking again in ${delay} ms`);
    },
    signal,
  });

  let tokens: number | undefined;
  try {
    for await (const { data, comments } of chunks) {
      if (comments !== undefined) progress.step();
      if (data === undefined) continue;
      if (data.error !== undefined) throw new Error(data.error.message);
      tokens = data.usage?.completion_tokens ?? tokens;
      const text = data.choices?.[0]?.delta?.content;
      if (text === undefined || text === null || text === "") continue;
      progress.end();
      await write(text);
    }
  } finally {
    progress.end();
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  say(`\n${tokens ?? "unknown"} tokens in ${seconds} s`);
}

/** Shows on a terminal that there is life, from each request to its first text. */
function createProgress() {
  let steps = 0;
  let isShown = false;
  const show = (text: string) => {
    if (Deno.stderr.isTerminal()) {
      Deno.stderr.writeSync(new TextEncoder().encode(`\r\x1b[K${text}`));
    }
  };
  return {
    begin() {
      isShown = true;
      show("thinking");
    },
    step() {
      // Later it would wipe out what the answer has on this line.
      if (isShown) show(`thinking ${".".repeat(++steps % 4)}`);
    },
    end() {
      if (isShown) show("");
      isShown = false;
    },
  };
}

/** Says what went wrong. */
function reason(error: unknown): string {
  // It ended well for HTTP, but without the closing event.
  if (error instanceof IncompleteStreamError) return "The answer was cut off";
  if (error instanceof EventStreamResponseError) {
    return `The server said ${error.response.status}`;
  }
  return `There is no whole answer: ${reasons(error)}`;
}

/** Says what went wrong, in words of the server if it has any. */
async function explain(error: unknown): Promise<string> {
  if (!(error instanceof EventStreamResponseError)) return reason(error);
  const text = await error.response.text();
  return `${reason(error)}: ${visible(messageIn(text) ?? text, "\t\n")}`;
}

/** The message of an answer that is an error in JSON. */
function messageIn(text: string): string | undefined {
  try {
    const { error }: Chunk = JSON.parse(text);
    return error?.message;
  } catch {
    return undefined;
  }
}

async function write(text: string): Promise<void> {
  const bytes = new TextEncoder().encode(visible(text, "\t\n"));
  const writer = Deno.stdout.writable.getWriter();
  try {
    await writer.write(bytes);
  } finally {
    writer.releaseLock();
  }
}

/** Speaks beside the answer. */
function say(text: string): void {
  console.error("%s", text);
}

function startStandIn() {
  return Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    createStandIn(40),
  );
}

const ANSWER = "An event stream is a response that never quite ends: " +
  "each event is a few lines of text, a blank line sends it off, and a " +
  "`data:` line — even « ünïcödé » 🦕 — carries what there is to say.";

/** What the stand-in does the first time that it is asked for a model. */
const TROUBLE = ["cut", "broken", "error", "busy"] as const;

/**
 * Makes a server that answers as those of language models do, without one.
 *
 * Of the models in `TROUBLE` every other request goes wrong, the first one to begin
 * with: the stream ends without `[DONE]`, breaks in the middle of an event, tells of
 * an error, or there is a 429 instead.
 *
 * @param pace How long it takes for a word, in milliseconds.
 * @returns Its request handler.
 */
export function createStandIn(
  pace: number,
): (request: Request) => Promise<Response> {
  const asked = new Map<string, number>();

  return async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname !== "/v1/chat/completions") {
      return refuse(404, `There is no ${pathname}`);
    }
    if (request.method !== "POST") return refuse(405, "POST a question");
    const question = await readQuestion(request);
    if (question === undefined) {
      return refuse(400, "model, messages and stream: true must be given");
    }
    const { model } = question;
    const count = asked.get(model) ?? 0;
    asked.set(model, count + 1);
    const trouble = count % 2 === 0
      ? TROUBLE.find((name) => name === model)
      : undefined;
    if (trouble === "busy") {
      return refuse(429, "Rate limit reached", { "retry-after": "1" });
    }
    return eventStreamResponse(answer(question, pace, trouble));
  };
}

/** A stand-in that takes no time. */
export const standIn: (request: Request) => Promise<Response> = createStandIn(
  0,
);

async function readQuestion(request: Request): Promise<Question | undefined> {
  try {
    const question: Question = await request.json();
    const { model, messages, stream } = question;
    const isOne = typeof model === "string" && Array.isArray(messages) &&
      stream === true;
    return isOne ? question : undefined;
  } catch {
    return undefined;
  }
}

function refuse(
  status: number,
  message: string,
  headers?: Record<string, string>,
): Response {
  return Response.json({ error: { message } }, { status, headers });
}

/** The events of an answer. */
async function* answer(
  question: Question,
  pace: number,
  trouble: (typeof TROUBLE)[number] | undefined,
): AsyncGenerator<ServerSentEvent> {
  const chunk = (part: Chunk): ServerSentEvent => ({
    data: JSON.stringify({
      id: "chatcmpl-1",
      object: "chat.completion.chunk",
      model: question.model,
      ...part,
    }),
  });
  const delta = (delta: { role?: string; content?: string }) =>
    chunk({ choices: [{ delta, finish_reason: null }] });

  for (let i = 0; i < 3; i++) {
    yield { comments: ["PROCESSING"] };
    await new Promise((resolve) => setTimeout(resolve, pace * 5));
  }
  yield delta({ role: "assistant", content: "" });
  const words = ANSWER.match(/\S+\s*/g) ?? [];
  for (const [index, content] of words.entries()) {
    if (index === words.length >> 1) {
      if (trouble === "cut") return;
      if (trouble === "broken") throw new Error("The stand-in has fallen over");
      if (trouble === "error") {
        yield { data: JSON.stringify({ error: { message: "Overloaded" } }) };
        return;
      }
    }
    yield delta({ content });
    await new Promise((resolve) => setTimeout(resolve, pace));
  }
  yield chunk({ choices: [{ delta: {}, finish_reason: "stop" }] });
  if (question.stream_options?.include_usage) {
    yield chunk({ choices: [], usage: { completion_tokens: words.length } });
  }
  yield { data: "[DONE]" };
}

// Behind all constants.
if (import.meta.main) await main();
