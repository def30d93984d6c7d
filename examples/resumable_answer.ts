// deno run --allow-net examples/resumable_answer.ts

/**
 * An answer that survives its connection, as in the streamable HTTP of MCP: a POST
 * starts a job and is answered with its messages; when that stream ends early, a GET
 * with `Last-Event-ID` gives the rest, each message once.
 *
 * The first event has an id and no message: with it the client can resume before
 * there is anything to say. The server lets go of a connection after a few messages,
 * since a job may take longer than a connection should; the job goes on meanwhile.
 *
 * @module
 */

import { setTimeout as delay } from "node:timers/promises";
import { jsonData, type ServerSentEvent } from "@tidings/sse";
import { connect, fetchEventStream } from "@tidings/sse/client";
import { eventStreamResponse, lastEventId } from "@tidings/sse/server";

/** What a job says: how far it is, and at the end its result. */
export type Message =
  | { readonly progress: number; readonly total: number }
  | { readonly result: string };

/** After how many messages the server lets go of a connection. */
const MESSAGES_PER_CONNECTION = 3;

/** When the client is to come back, in milliseconds. */
const RETRY = 200;

/** How long a text may be, in bytes: more is a 413. */
const MAX_TEXT = 16 * 1024;

/** How long a job is kept that is done, in milliseconds, for clients that come back. */
const KEPT = 60_000;

/** Something that is worked on, whoever listens. */
interface Job {
  readonly messages: Message[];
  /** When it was done, `undefined` before. */
  doneAt: number | undefined;
  /** Resolves when there is more. */
  more: PromiseWithResolvers<void>;
}

/**
 * Makes a server: a POST starts a job, a GET goes on with one.
 *
 * @param pace How long a step of a job takes, in milliseconds.
 * @param kept How long a job is kept that is done, in milliseconds.
 * @returns Its request handler.
 */
export function createServer(
  pace = 100,
  kept = KEPT,
): (request: Request) => Promise<Response> {
  const jobs = new Map<string, Job>();

  async function work(job: Job, text: string): Promise<void> {
    const words = text.split(/\s+/).filter(Boolean);
    const say = (message: Message) => {
      job.messages.push(message);
      job.more.resolve();
      job.more = Promise.withResolvers();
    };
    for (let progress = 1; progress <= words.length; progress++) {
      await delay(pace);
      say({ progress, total: words.length });
    }
    job.doneAt = Date.now();
    say({ result: words.reverse().join(" ") });
  }

  /** The events of a job from a message on, not more than a connection's worth. */
  async function* eventsOf(
    job: Job,
    name: string,
    from: number,
  ): AsyncGenerator<ServerSentEvent> {
    // The id of what has been sent: the priming event stands for nothing yet.
    if (from === 0) yield { id: `${name}/0`, data: "", retry: RETRY };
    for (let i = from; i < from + MESSAGES_PER_CONNECTION; i++) {
      while (i === job.messages.length && job.doneAt === undefined) {
        await job.more.promise;
      }
      if (i >= job.messages.length) return;
      yield { id: `${name}/${i + 1}`, data: JSON.stringify(job.messages[i]) };
    }
  }

  /** Forgets jobs that were done some time ago: nobody comes back for them. */
  function forget(): void {
    const limit = Date.now() - kept;
    for (const [name, { doneAt = Infinity }] of jobs) {
      if (doneAt <= limit) jobs.delete(name);
    }
  }

  return async (request) => {
    forget();
    switch (request.method) {
      case "POST": {
        const text = await textOf(request);
        if (text === undefined) {
          return new Response("Too long\n", { status: 413 });
        }
        const name = crypto.randomUUID();
        const job: Job = {
          messages: [],
          doneAt: undefined,
          more: Promise.withResolvers(),
        };
        jobs.set(name, job);
        work(job, text);
        return eventStreamResponse(eventsOf(job, name, 0));
      }
      case "GET": {
        const [name, sent] = (lastEventId(request) ?? "").split("/");
        const job = jobs.get(name);
        if (job === undefined || !/^\d{1,9}$/.test(sent)) {
          return new Response("No such job\n", { status: 404 });
        }
        const from = Number(sent);
        // A client that has all has no reason to come back.
        if (job.doneAt !== undefined && from >= job.messages.length) {
          return new Response(null, { status: 204 });
        }
        return eventStreamResponse(eventsOf(job, name, from), { retry: RETRY });
      }
    }
    return new Response("POST a job\n", { status: 405 });
  };
}

/** The text of a request, `undefined` if it is too long. */
async function textOf({ body }: Request): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  // Leaving the loop cancels the body.
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > MAX_TEXT) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** How {@linkcode ask} asks. */
export interface AskOptions {
  readonly signal?: AbortSignal;
  readonly fetch?: typeof globalThis.fetch;
  /** Told from which id on the rest is asked for. */
  readonly onResume?: (lastEventId: string) => void;
}

/**
 * Starts a job, and gives what it says up to its result, across connections.
 *
 * @param url Where the server is.
 * @param text What to work on.
 * @param options How to ask.
 * @returns The messages.
 */
export async function* ask(
  url: string | URL,
  text: string,
  options: AskOptions = {},
): AsyncGenerator<Message, void, undefined> {
  const { signal, fetch, onResume } = options;
  const data = jsonData<Message>();

  const answer = await fetchEventStream(url, {
    method: "POST",
    body: text,
    ...{ data, signal, fetch },
  });
  try {
    for await (const { data } of answer) {
      if (data === undefined) continue; // the priming event
      yield data;
      if ("result" in data) return;
    }
  } catch (error) {
    signal?.throwIfAborted();
    // The job is not to be done twice: without an id there is no way on.
    if (answer.lastEventId === "") throw error;
  }

  // What is left is asked for with GET, as often as it takes.
  const { reconnectionTime = 1000 } = answer;
  await delay(reconnectionTime, undefined, { signal });
  onResume?.(answer.lastEventId);
  const rest = connect(url, {
    ...{ data, signal, fetch },
    lastEventId: answer.lastEventId,
    initialDelay: reconnectionTime,
    // The server ends its streams by design: that is no failure to back off from.
    healthyAfter: 0,
    onReconnect: () => onResume?.(rest.lastEventId),
  });
  for await (const { data } of rest) {
    if (data === undefined) continue;
    yield data;
    if ("result" in data) return;
  }
  throw new Error("The job is gone without a result");
}

if (import.meta.main) {
  const handler = createServer();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const response = await handler(request);
      const sent = lastEventId(request)?.split("/")[1];
      const from = sent === undefined ? "" : `, Last-Event-ID …/${sent}`;
      console.log(`${request.method}${from} -> ${response.status}`);
      return response;
    },
  );
  const url = `http://127.0.0.1:${server.addr.port}/`;
  for await (const message of ask(url, "back comes here sent is what all")) {
    console.log(
      "result" in message
        ? `  the result: ${message.result}`
        : `  ${message.progress} of ${message.total}`,
    );
  }
  await server.shutdown();
}
