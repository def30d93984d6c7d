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

  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 8000 },
    createProxy(() => [...running.values()].map(({ port }) => port), kill),
  );
  Deno.addSignalListener("SIGINT", () => {
    for (const timer of timers) clearTimeout(timer);
    // Ctrl-C has told them; a signal that was sent to this process alone has not.
    for (const { child } of running.values()) child.kill("SIGINT");
    server.shutdown();
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
    if (pathname === "/") {
      return new Response(PAGE, {
        headers: { "content-type": "text/html; charset=utf-8" },
      });
    }
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

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Two servers, one Redis</title>
<link rel="icon" href="data:,">
<style>
  :root {
    color-scheme: light dark;
    --page: light-dark(#f5f6f7, #111316);
    --card: light-dark(#ffffff, #1a1d21);
    --line: light-dark(#e2e5e9, #2b3036);
    --text: light-dark(#1b1f24, #e6e9ec);
    --soft: light-dark(#5b636e, #9aa3ae);
    --blue: light-dark(#1d5fc4, #7db1ff);
    --green: light-dark(#1b7a43, #63d394);
    --amber: light-dark(#955b00, #f0b656);
    --red: light-dark(#b42525, #ff8f8a);
  }
  * { box-sizing: border-box; }
  body {
    margin: 0 auto; padding: 3rem 1.25rem 4rem; max-width: 46rem;
    font: 1rem/1.5 system-ui, sans-serif;
    color: var(--text); background: var(--page);
  }
  header { display: flex; align-items: center; justify-content: space-between; gap: 1rem; }
  h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; letter-spacing: -.02em; }
  p { margin: .75rem 0 1.75rem; color: var(--soft); }
  code { font: .9em ui-monospace, monospace; color: var(--text); }
  #status, .tag { --tone: var(--soft); color: var(--tone); white-space: nowrap; }
  #status::before, .tag::before {
    content: ""; display: inline-block; width: .5rem; height: .5rem; margin-right: .5rem;
    vertical-align: .08em; border-radius: 50%; background: currentColor;
  }
  #status {
    padding: .3rem .85rem; border-radius: 99rem; font-size: .875rem; font-weight: 600;
    background: color-mix(in srgb, var(--tone) 12%, var(--card));
    border: 1px solid color-mix(in srgb, var(--tone) 35%, transparent);
  }
  #status[data-state=open] { --tone: var(--green); }
  #status[data-state=reconnecting] { --tone: var(--amber); }
  #status[data-state=failed] { --tone: var(--red); }
  .card {
    background: var(--card); border: 1px solid var(--line);
    border-radius: .75rem; overflow: hidden;
  }
  .card + .card { margin-top: 1.25rem; }
  button, input, select {
    font: inherit; color: inherit; background: var(--page); border: 1px solid var(--line);
    border-radius: .5rem; padding: .45rem .8rem;
  }
  button { cursor: pointer; font-weight: 600; color: var(--blue); }
  button:disabled { cursor: default; opacity: .5; }
  :is(button, input, select):focus-visible { outline: 2px solid var(--blue); outline-offset: 1px; }
  ol { margin: 0; padding: 0; list-style: none; }
  li { display: grid; gap: .1rem 1rem; padding: .6rem 1.25rem; overflow-wrap: anywhere; }
  li + li { border-top: 1px solid var(--line); }
  li.seam {
    display: block; padding-block: .35rem; font-size: .8125rem; text-align: center;
    color: var(--amber); background: color-mix(in srgb, var(--amber) 8%, transparent);
  }
  ol:empty::after {
    content: attr(data-empty); display: block; padding: .9rem 1.25rem; color: var(--soft);
  }
  li > code { color: var(--soft); }
  dl { margin: 0; display: grid; grid-template-columns: repeat(3, 1fr); }
  dl > div { padding: .9rem 1.25rem 1.1rem; }
  dl > div + div { border-left: 1px solid var(--line); }
  dt { font-size: .8125rem; color: var(--soft); }
  dd { margin: 0; font-size: 1.5rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
  .act { padding: .9rem 1.25rem; border-top: 1px solid var(--line); }
  li { grid-template-columns: 6rem 1fr auto; }
  .tag[data-server="A"] { --tone: var(--blue); }
  .tag[data-server="B"] { --tone: var(--green); }
  @media (max-width: 30rem) {
    body { padding-top: 1.5rem; }
    dl > div, li, .act { padding-inline: .9rem; }
    li { grid-template-columns: 5.5rem 1fr; }
    li > code { display: none; }
  }
</style>
</head>
<body>
<header>
  <h1>Two servers, one Redis</h1>
  <span id="status" role="status" data-state="connecting">Connecting</span>
</header>
<p>Both servers say every second that they are there. One of them feeds this page; kill it,
and the other one goes on where it was.</p>
<div class="card">
  <dl>
    <div><dt>Fed by</dt><dd id="server">–</dd></div>
    <div><dt>Reconnections</dt><dd id="reconnections">0</dd></div>
    <div><dt>Mistakes</dt><dd id="wrong">0</dd></div>
  </dl>
  <div class="act"><button id="kill" disabled>Kill the server that feeds it</button></div>
</div>
<div class="card"><ol id="ticks" data-empty="Waiting for the first event"></ol></div>
<script type="module">
  const [status, server, reconnections, wrong, kill, ticks] =
    ["status", "server", "reconnections", "wrong", "kill", "ticks"]
      .map((id) => document.getElementById(id));
  const ROWS = 20;
  let connections = 0;
  let mistakes = 0;
  // The number of the last event, by the start of the server that said it.
  const numbers = new Map();

  function show(state) {
    status.dataset.state = state;
    status.textContent = state[0].toUpperCase() + state.slice(1);
  }

  // Only textContent: what comes over the network is text, never HTML.
  function add(className, ...parts) {
    const item = document.createElement("li");
    item.className = className;
    item.append(...parts);
    ticks.prepend(item);
    if (ticks.children.length > ROWS) ticks.lastChild.remove();
  }

  function element(name, content) {
    const made = document.createElement(name);
    made.textContent = content;
    return made;
  }

  const source = new EventSource("/events");
  source.addEventListener("server", ({ data }) => {
    server.textContent = data;
    kill.disabled = false;
    if (++connections === 1) return;
    reconnections.textContent = connections - 1;
    add("seam", "Reconnected: fed by " + data + " from here");
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
    const tag = element("span", "Server " + tick.server);
    tag.className = "tag";
    tag.dataset.server = tick.server;
    add("", tag, element("span", "event " + tick.number + " since its start"),
      element("code", lastEventId));
  };
  source.addEventListener("stale", () => {
    mistakes++;
    wrong.textContent = mistakes;
    add("seam", "Redis has no longer what this page has missed");
  });
  kill.onclick = () => fetch("/kill?server=" + server.textContent, { method: "POST" });
</script>
</body>
</html>
`;

// Behind all constants.
if (import.meta.main) {
  const { values } = parseArgs({ options: { serve: { type: "string" } } });
  if (values.serve === undefined) await main();
  else await serve(values.serve);
}
