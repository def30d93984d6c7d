// deno run --allow-net --allow-env --allow-run --allow-read examples/hub_redis.ts

/**
 * Two servers with one Redis, and a page that does not mind which of them feeds it.
 *
 * Each server says every second that it is there. What one says reaches the pages of
 * both, through a stream in Redis, in one order. Behind a proxy that takes the first
 * server that answers, a page can kill the server that feeds it: the browser comes
 * back, is fed by the other one from where it was, and counts whether it misses
 * anything. The server is started again three seconds later.
 *
 * Redis is where `REDIS_URL` says, or on this machine. All of it ends with Ctrl-C.
 *
 * How the page looks, and the functions of its script that only show what they are
 * given, are in `_page.ts` and `_feed.ts`.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { createClient } from "redis";
import { encodeEvent, jsonData } from "@tidings/sse";
import {
  EventHub,
  type EventLog,
  proxyEventStream,
  redisEventLog,
} from "@tidings/sse/server";
import { FEED_SCRIPT, FEED_STYLE } from "./_feed.ts";
import { listen } from "./_listen.ts";
import { htmlPage, pageResponse } from "./_page.ts";

/** What a server says every second. */
export interface Tick {
  readonly server: string;
  /** Which start of the server this is. */
  readonly start: string;
  /** Counted from 1 with each start. */
  readonly number: number;
}

const NAMES = ["A", "B"];

/** After how many milliseconds a server that was killed is started again. */
const RESTART = 3000;

/** One of the servers. */
export interface TickServer {
  /** Answers a request: `/events` are the events of all servers. */
  readonly handler: (request: Request) => Response;
  /** Says that it is there. */
  tick(): Promise<void>;
  /** Ends all streams. */
  stop(): Promise<void>;
}

/**
 * Makes one of the servers.
 *
 * @param name Its name.
 * @param log The log that it shares with the others.
 * @returns The server.
 */
export function createServer(name: string, log: EventLog): TickServer {
  const hub = new EventHub<Tick>({ data: jsonData(), log });
  const start = crypto.randomUUID();
  // Only for who is fed from here, so not from the log, and without an id.
  const greeting = encodeEvent({ event: "server", data: name, retry: 500 });
  let number = 0;

  return {
    handler(request) {
      if (new URL(request.url).pathname !== "/events") {
        return new Response("Not found\n", { status: 404 });
      }
      const response = hub.subscribe(request);
      const body = response.body?.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({
          start: (controller) => controller.enqueue(greeting),
        }),
      );
      return new Response(body, response);
    },
    async tick() {
      await hub.publish({ data: { server: name, start, number: ++number } });
    },
    stop: () => hub.close({ retry: 500, spread: 500 }),
  };
}

/** Connects to Redis, and keeps the events there. */
async function connectLog(): Promise<EventLog & AsyncDisposable> {
  const url = Deno.env.get("REDIS_URL") ?? "redis://127.0.0.1:6379";
  // What is said while Redis is away is an error, not said later.
  const client = createClient({ url, disableOfflineQueue: true });
  const blocking = client.duplicate();
  for (const each of [client, blocking]) {
    each.on("error", (error) => console.error("Redis: %s", error));
    await each.connect();
  }
  const log = redisEventLog({
    send: (args) => client.sendCommand(args),
    sendBlocking: (args) => blocking.sendCommand(args),
    key: "tidings:example",
    maxLen: 10_000,
  });
  return {
    ...log,
    async [Symbol.asyncDispose]() {
      client.destroy();
      blocking.destroy();
      await Promise.resolve();
    },
  };
}

/** Runs one of the servers. */
async function serve(name: string): Promise<void> {
  const log = await connectLog();
  const server = createServer(name, log);
  const http = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: ({ port }) => console.log(port),
  }, server.handler);
  const timer = setInterval(() => {
    server.tick().catch((error) => console.error("%s: %s", name, error));
  }, 1000);
  Deno.addSignalListener("SIGINT", async () => {
    clearInterval(timer);
    await server.stop();
    await log[Symbol.asyncDispose]();
    await http.shutdown();
    Deno.exit();
  });
}

/** A server in a process of its own. */
interface Process {
  readonly port: number;
  readonly child: Deno.ChildProcess;
}

/** Starts a process for a server, which says its port first. */
async function start(name: string): Promise<Process> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--allow-net", "--allow-env", "--allow-read"],
      ...[new URL(import.meta.url).pathname, "--serve", name],
    ],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await reader.read();
  await reader.cancel();
  if (value === undefined) throw new Error(`${name} has not started`);
  return { port: Number(value), child };
}

/** Starts all servers, and the proxy with the page in front of them. */
async function main(): Promise<void> {
  const running = new Map<string, Process>();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  for (const name of NAMES) running.set(name, await start(name));

  function kill(name: string): void {
    running.get(name)?.child.kill("SIGKILL");
    if (!running.delete(name)) return;
    const timer = setTimeout(async () => {
      timers.delete(timer);
      running.set(name, await start(name));
    }, RESTART);
    timers.add(timer);
  }

  const ports = () => [...running.values()].map(({ port }) => port);
  listen(createProxy(ports, kill), () => {
    for (const timer of timers) clearTimeout(timer);
    // Ctrl-C has told them; a signal that was sent to this process alone has not.
    for (const { child } of running.values()) child.kill("SIGINT");
  });
}

/**
 * Makes the proxy in front of the servers.
 *
 * @param ports Gives the ports of the servers that run.
 * @param kill Kills a server.
 * @returns Its request handler.
 */
export function createProxy(
  ports: () => readonly number[],
  kill: (name: string) => void,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/") return pageResponse(PAGE);
    if (pathname === "/kill" && request.method === "POST") {
      kill(searchParams.get("server") ?? "");
      return new Response(null, { status: 204 });
    }
    if (pathname !== "/events") {
      return new Response("Not found\n", { status: 404 });
    }
    for (const port of ports()) {
      const upstream = `http://127.0.0.1:${port}/events`;
      const response = await proxyEventStream(request, upstream);
      // This one is dead: the next one, then.
      if (response.status === 502) await response.body?.cancel();
      else return response;
    }
    // A status at which a browser would not come back, so a stream that ends.
    return new Response("retry: 500\n\n", {
      headers: { "content-type": "text/event-stream" },
    });
  };
}

const PAGE = htmlPage({
  title: "Two servers, one Redis",
  intro:
    `Both servers say every second that they are there. One of them feeds this page; kill it,
and the other one goes on where it was.`,
  main: `<div class="card">
  <dl>
    <div><dt>Fed by</dt><dd id="server">–</dd></div>
    <div><dt>Reconnections</dt><dd id="reconnections">0</dd></div>
    <div><dt>Mistakes</dt><dd id="wrong">0</dd></div>
  </dl>
  <div class="act"><button id="kill" disabled>Kill the server that feeds it</button></div>
</div>
<div class="card"><ol id="ticks" data-empty="Waiting for the first event"></ol></div>`,
  script: FEED_SCRIPT + `
  const [server, reconnections, wrong, kill, ticks] =
    byId("server", "reconnections", "wrong", "kill", "ticks");
  const ROWS = 20;
  let connections = 0;
  let mistakes = 0;
  // The number of the last event, by the start of the server that said it.
  const numbers = new Map();

  const source = new EventSource("/events");
  source.addEventListener("server", ({ data }) => {
    server.textContent = data;
    kill.disabled = false;
    if (++connections === 1) return;
    reconnections.textContent = connections - 1;
    addSeam("Reconnected: fed by " + data + " from here");
  });
  source.onopen = () => show("open");
  source.onerror = () => {
    show(source.readyState === EventSource.CLOSED ? "failed" : "reconnecting");
    kill.disabled = true;
  };
  source.onmessage = ({ data, lastEventId }) => {
    const tick = JSON.parse(data);
    const last = numbers.get(tick.start);
    if (last !== undefined && tick.number !== last + 1) mistakes++;
    numbers.set(tick.start, tick.number);
    wrong.textContent = mistakes;
    addItem(tag("Server " + tick.server, { server: tick.server }),
      element("span", "event " + tick.number + " since its start"),
      element("code", lastEventId));
    while (ticks.children.length > ROWS) ticks.lastChild.remove();
  };
  source.addEventListener("stale", () => {
    mistakes++;
    wrong.textContent = mistakes;
    addSeam("Redis has no longer what this page has missed");
  });
  kill.onclick = () => fetch("/kill?server=" + server.textContent, { method: "POST" });
`,
  style: FEED_STYLE + `
  li > code { color: var(--soft); }
  .act { padding: .9rem 1.25rem; border-top: 1px solid var(--line); }
  .tag[data-server="A"] { --tone: var(--blue); }
  .tag[data-server="B"] { --tone: var(--green); }
  @media (max-width: 30rem) {
    dl > div, li, .act { padding-inline: .9rem; }
    li { grid-template-columns: 5.5rem 1fr; }
    li > code { display: none; }
  }
`,
});

// Behind all constants.
if (import.meta.main) {
  const { values } = parseArgs({ options: { serve: { type: "string" } } });
  if (values.serve === undefined) await main();
  else await serve(values.serve);
}
