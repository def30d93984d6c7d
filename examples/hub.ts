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
 * How the page looks, and the functions of its script that only show what they are
 * given, are in `_page.ts` and `_feed.ts`.
 *
 * @module
 */

import { jsonData } from "@tidings/sse";
import { EventHub, lastEventId } from "@tidings/sse/server";
import { FEED_SCRIPT, FEED_STYLE } from "./_feed.ts";
import { listen } from "./_listen.ts";
import { htmlPage, pageResponse } from "./_page.ts";

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
      if (pathname === "/") return pageResponse(PAGE);
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

const PAGE = htmlPage({
  title: "Harbour board",
  intro:
    `What you write here, all who listen to its channel have at once: open this page twice.
Stop the server and start it again, and the pages come back.`,
  main: `<div class="card">
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
<div class="card"><ol id="messages" data-empty="Nothing yet"></ol></div>`,
  script: FEED_SCRIPT + `
  const [channels, form, channel, text] = byId("channels", "form", "channel", "text");
  let source;
  let last = "";

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
      const { channel, text } = JSON.parse(data);
      addItem(tag(channel, { channel }), element("span", text),
        element("time", new Date().toLocaleTimeString("en-GB")));
    };
    source.addEventListener("stale", ({ lastEventId }) => {
      last = lastEventId;
      addSeam("The server has started anew: what was written meanwhile is lost");
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
      addSeam("This was not sent: " + text.value);
    }
  };
  listen();
`,
  style: FEED_STYLE + `
  time { color: var(--soft); font-variant-numeric: tabular-nums; }
  form, fieldset { display: flex; flex-wrap: wrap; gap: .6rem; padding: 1rem 1.25rem; }
  fieldset { margin: 0; border: 0; border-bottom: 1px solid var(--line); gap: .25rem 1.25rem; }
  legend { float: left; color: var(--soft); padding: 0; }
  #text { flex: 1 1 12rem; min-width: 0; }
  .tag[data-channel=berths] { --tone: var(--blue); }
  .tag[data-channel=pilots] { --tone: var(--green); }
  .tag[data-channel=weather] { --tone: var(--amber); }
  @media (max-width: 30rem) {
    legend { width: 100%; }
    li { grid-template-columns: 1fr auto; }
    li > :nth-child(2) { grid-area: 2 / 1 / 3 / 3; }
  }
`,
});

if (import.meta.main) {
  const board = createBoard();
  listen(board.handler, () => board.stop());
}
