// deno run --allow-net examples/hub.ts

/**
 * A board with three channels: what one page writes, all others have at once.
 *
 * Channels are topics of a hub. A page chooses which it listens to, and says with
 * the last event ID what it has: that of its address when it chooses others, that of
 * its header when the browser has come back by itself. Ctrl-C tells the pages to come
 * back a little later, and not all at once; the log of the board is in memory, so a
 * server that was started anew cannot tell what they have missed, and says so.
 *
 * @module
 */

import { jsonData } from "@tidings/sse";
import { EventHub, lastEventId } from "@tidings/sse/server";

/** The channels of the board. */
export const CHANNELS = ["berths", "pilots", "weather"] as const;

/** What stands on the board. */
export interface Message {
  readonly channel: string;
  readonly text: string;
}

/** How long a message may be, in characters. */
const MAX_LENGTH = 500;

/** A board. */
export interface Board {
  /** Answers a request: `/` is the page, `/events` its events, `/messages` takes new ones. */
  readonly handler: (request: Request) => Response | Promise<Response>;
  /** Tells the pages to come back, and ends their streams. */
  stop(): Promise<void>;
}

/**
 * Makes a board.
 *
 * @returns The board, with nothing on it.
 */
export function createBoard(): Board {
  const hub = new EventHub<Message>({
    data: jsonData(),
    // Who has not read so much yet is disconnected. The browser comes back, and is
    // sent what it has missed: nothing is lost, and nobody else waits.
    slowPolicy: "disconnect",
    maxQueuedBytes: 64 * 1024,
    onSlowSubscriber: ({ queuedBytes }) =>
      console.warn("A page has left %d bytes unread", queuedBytes),
  });

  function subscribe(request: Request): Response {
    const { searchParams } = new URL(request.url);
    return hub.subscribe(request, {
      topics: searchParams.getAll("channel"),
      lastEventId: lastEventId(request, { query: "last" }),
    });
  }

  async function publish(request: Request): Promise<Response> {
    const message = await readMessage(request);
    if (message === undefined) {
      const text = `A channel, and a text of up to ${MAX_LENGTH} characters\n`;
      return new Response(text, { status: 400 });
    }
    await hub.publish({ data: message }, { topic: message.channel });
    return new Response(null, { status: 204 });
  }

  return {
    handler(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/") {
        return new Response(PAGE, {
          headers: { "content-type": "text/html; charset=utf-8" },
        });
      }
      if (pathname === "/events") return subscribe(request);
      if (pathname === "/messages" && request.method === "POST") {
        return publish(request);
      }
      return new Response("Not found\n", { status: 404 });
    },
    stop: () => hub.close({ retry: 1000, spread: 2000 }),
  };
}

/** Reads a message; `undefined` if it is none. */
async function readMessage(request: Request): Promise<Message | undefined> {
  try {
    const { channel, text } = await request.json();
    const isMessage = CHANNELS.includes(channel) && typeof text === "string" &&
      text !== "" && text.length <= MAX_LENGTH;
    return isMessage ? { channel, text } : undefined;
  } catch {
    return undefined;
  }
}

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Harbour board</title>
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
  time { color: var(--soft); font-variant-numeric: tabular-nums; }
  form, fieldset { display: flex; flex-wrap: wrap; gap: .6rem; padding: 1rem 1.25rem; }
  fieldset { margin: 0; border: 0; border-bottom: 1px solid var(--line); gap: .25rem 1.25rem; }
  legend { float: left; color: var(--soft); padding: 0; }
  #text { flex: 1 1 12rem; min-width: 0; }
  li { grid-template-columns: 6rem 1fr auto; }
  .tag[data-channel=berths] { --tone: var(--blue); }
  .tag[data-channel=pilots] { --tone: var(--green); }
  .tag[data-channel=weather] { --tone: var(--amber); }
  @media (max-width: 30rem) {
    body { padding-top: 1.5rem; }
    legend { width: 100%; }
    li { grid-template-columns: 1fr auto; }
    li > :nth-child(2) { grid-area: 2 / 1 / 3 / 3; }
  }
</style>
</head>
<body>
<header>
  <h1>Harbour board</h1>
  <span id="status" role="status" data-state="connecting">Connecting</span>
</header>
<p>What you write here, all who listen to its channel have at once: open this page twice.
Stop the server and start it again, and the pages come back.</p>
<div class="card">
  <fieldset id="channels">
    <legend>Listen to</legend>
    ${
  CHANNELS.map((name) =>
    `<label><input type="checkbox" value="${name}" checked> ${name}</label>`
  ).join("\n    ")
}
  </fieldset>
  <form id="form">
    <select id="channel" aria-label="Channel">
      ${CHANNELS.map((name) => `<option>${name}</option>`).join("\n      ")}
    </select>
    <input id="text" aria-label="Message" placeholder="Message" maxlength="${MAX_LENGTH}" required autocomplete="off">
    <button>Send</button>
  </form>
</div>
<div class="card"><ol id="messages" data-empty="Nothing yet"></ol></div>
<script type="module">
  const [status, channels, form, channel, text, messages] =
    ["status", "channels", "form", "channel", "text", "messages"]
      .map((id) => document.getElementById(id));
  let source;
  let last = "";

  function show(state) {
    status.dataset.state = state;
    status.textContent = state[0].toUpperCase() + state.slice(1);
  }

  // Only textContent: what comes over the network is text, never HTML.
  function add(className, ...parts) {
    const item = document.createElement("li");
    item.className = className;
    item.append(...parts);
    messages.prepend(item);
  }

  function element(name, content) {
    const made = document.createElement(name);
    made.textContent = content;
    return made;
  }

  function listen() {
    source?.close();
    const query = new URLSearchParams();
    for (const box of channels.querySelectorAll(":checked")) query.append("channel", box.value);
    if (last !== "") query.append("last", last);
    source = new EventSource("/events?" + query);
    source.onopen = () => show("open");
    source.onerror = ({ target }) =>
      show(target.readyState === EventSource.CLOSED ? "failed" : "reconnecting");
    source.onmessage = ({ data, lastEventId }) => {
      last = lastEventId;
      const message = JSON.parse(data);
      const tag = element("span", message.channel);
      tag.className = "tag";
      tag.dataset.channel = message.channel;
      add("", tag, element("span", message.text),
        element("time", new Date().toLocaleTimeString("en-GB")));
    };
    source.addEventListener("stale", ({ lastEventId }) => {
      last = lastEventId;
      add("seam", "The server has started anew: what was written meanwhile is lost");
    });
  }

  channels.onchange = listen;
  form.onsubmit = async (event) => {
    event.preventDefault();
    try {
      const response = await fetch("/messages", {
        method: "POST",
        body: JSON.stringify({ channel: channel.value, text: text.value }),
      });
      if (!response.ok) throw new Error(await response.text());
      text.value = "";
    } catch {
      add("seam", "This was not sent: " + text.value);
    }
  };
  listen();
</script>
</body>
</html>
`;

if (import.meta.main) {
  const board = createBoard();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 8000 },
    board.handler,
  );
  const stop = async () => {
    // A second Ctrl-C does not wait.
    Deno.removeSignalListener("SIGINT", stop);
    await board.stop();
    await server.shutdown();
  };
  Deno.addSignalListener("SIGINT", stop);
}
