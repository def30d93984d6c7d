// deno run --allow-net examples/datastar_hello.ts

/**
 * Types a greeting out in every page that is open, all of them in step: Datastar in
 * the browser, events from here.
 *
 * There is one animation, and the server has it. A page posts its signals to start
 * it over, and is told of it as all others are; one that comes later, or comes back,
 * is first told how things stand. Ctrl-C tells the pages, which wait until a server
 * is there again.
 *
 * The script comes from the CDN, checked, and is served from here. With
 * `--datastar-source FILE` or `URL` it comes from there, so that all of it runs
 * offline; a file needs `--allow-read`.
 *
 * With `--dev` a page loads itself anew when the server was restarted, which
 * `deno run --watch` does whenever its code has changed. It has two streams then, and
 * of HTTP/1.1 connections browsers have six: three windows at most are in sight.
 *
 * @module
 */

import { parseArgs } from "node:util";
import {
  datastarScript,
  type DatastarScriptHandler,
  type EventSender,
  executeScript,
  patchElements,
  patchSignals,
  readSignals,
  ReadSignalsError,
  serveDatastarScript,
  type ServerSentEvent,
} from "@tidings/sse/datastar";
import { eventStreamResponse } from "@tidings/sse/server";
import { BUTTON_STYLE, serveScriptFrom } from "./_datastar.ts";
import { listen } from "./_listen.ts";
import { htmlPage, pageResponse } from "./_page.ts";

/** What is typed out. It goes into the page as it is: nothing that HTML has a use for. */
export const TEXT = "Hello, Datastar!";

/** Between which delays a letter may be typed, in milliseconds. */
export const MIN_DELAY = 20;
export const MAX_DELAY = 2000;

/** What a server of the greeting is made of. */
export interface HelloOptions {
  /**
   * What serves Datastar's script.
   *
   * @default {serveDatastarScript()}
   */
  readonly script?: DatastarScriptHandler;
  /**
   * Whether pages load themselves anew when the server was restarted.
   *
   * @default {false}
   */
  readonly dev?: boolean;
}

/** A server of the greeting. */
export interface Hello {
  /** Answers a request: `/` is the page, `/hello` its events, `/start` starts it over. */
  handler(request: Request): Response | Promise<Response>;
  /** Tells the pages that the server stops, and ends their streams. */
  stop(): void;
}

/**
 * Makes a server of the greeting, with an animation of its own.
 *
 * @param options What it is made of.
 * @returns The server.
 */
export function createHello(options: HelloOptions = {}): Hello {
  const { script = serveDatastarScript(), dev = false } = options;
  /** Tells this start of the server from any other. */
  const start = crypto.randomUUID();
  const stopping = new AbortController();
  const senders = new Set<EventSender>();
  let delay = 150;
  let typed = TEXT.length;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const isRunning = () => typed < TEXT.length;

  function sendAll(event: ServerSentEvent): void {
    for (const sender of senders) sender.send(event);
  }

  /** Signals that begin with `_` are not sent back with requests. */
  const signals = () => patchSignals({ delay, _running: isRunning() });
  const frame = () => patchElements(message(typed) + progress(typed));

  function wait(): void {
    timer = setTimeout(typeLetter, delay);
  }

  function typeLetter(): void {
    typed++;
    sendAll(frame());
    if (isRunning()) wait();
    else sendAll(signals());
  }

  /** Starts over, from no letter at all. */
  function startOver(): void {
    clearTimeout(timer);
    typed = 0;
    sendAll(signals());
    sendAll(frame());
    // It may have been stopped while a request was read.
    if (!stopping.signal.aborted) wait();
  }

  return {
    async handler(request) {
      const { pathname, searchParams } = new URL(request.url);
      if (stopping.signal.aborted) {
        return new Response("The server stops\n", { status: 503 });
      }
      switch (`${request.method} ${pathname}`) {
        case "GET /":
          return pageResponse(
            page({ typed, delay, start: dev ? start : undefined }),
            // It shows how things stand now.
            { "cache-control": "no-store" },
          );
        case "GET /hello":
          return eventStreamResponse((sender) => {
            sender.signal.addEventListener("abort", () => {
              senders.delete(sender);
            });
            senders.add(sender);
            sender.send(patchSignals({ _state: "open" }));
            sender.send(signals());
            sender.send(frame());
          });
        case "POST /start":
          try {
            delay = await readDelay(request);
          } catch (error) {
            if (error instanceof ReadSignalsError) return error.toResponse();
            throw error;
          }
          startOver();
          return new Response(null, { status: 204 });
        case "GET /hotreload": {
          // The page says by which start it was served, so each is told once.
          const isOld = searchParams.get("start") !== start;
          return eventStreamResponse((sender) => {
            if (isOld) sender.send(executeScript("location.reload()"));
          }, { signal: stopping.signal });
        }
        case "GET /datastar.js":
        case "GET /datastar.js.map":
          return script(request);
        default:
          return new Response("Not found\n", { status: 404 });
      }
    },
    stop() {
      clearTimeout(timer);
      stopping.abort();
      for (const sender of senders) {
        sender.send(patchSignals({ _state: "stopped" }));
        sender.close();
      }
    },
  };
}

/** Reads the delay that a page asks for, and brings it within bounds. */
async function readDelay(request: Request): Promise<number> {
  const { delay } = await readSignals(request, { maxBytes: 1024 });
  if (typeof delay !== "number") {
    const reason = "delay must be a number of milliseconds";
    throw new ReadSignalsError(400, reason, delay);
  }
  return Math.min(Math.max(Math.round(delay), MIN_DELAY), MAX_DELAY);
}

/** The element with the letters: those that are typed, and those to come. */
function message(typed: number): string {
  return `<p id="message"><span>${TEXT.slice(0, typed)}</span>` +
    `<span class="rest" aria-hidden="true">${TEXT.slice(typed)}</span></p>`;
}

function progress(typed: number): string {
  const percent = Math.round(typed / TEXT.length * 100);
  return `<div id="progress" role="progressbar" aria-label="Typed" aria-valuenow="${percent}">` +
    `<div style="width: ${percent}%"></div></div>`;
}

/** What a page shows when it is loaded. */
interface PageState {
  readonly typed: number;
  readonly delay: number;
  /** Which start of the server it waits for the end of. */
  readonly start: string | undefined;
}

/** By itself Datastar takes a stream that ends for complete; this one comes back. */
const COME_BACK = "{retry: 'always', retryInterval: 500, retryScaler: 1.5, " +
  "retryMaxWait: 5000, retryMaxCount: Infinity}";

const page = ({ typed, delay, start }: PageState) =>
  htmlPage({
    title: TEXT,
    heading: "Hello in step",
    head: datastarScript({ src: "/datastar.js" }),
    bodyAttributes: `data-signals='{"delay": ${delay}, "_running": ${
      typed < TEXT.length
    }, "_state": "connecting"}'`,
    statusAttributes: `
    data-init="@get('/hello', ${COME_BACK})"
    data-on:datastar-fetch="if (evt.detail.el === el && evt.detail.type === 'retrying' && $_state !== 'stopped') $_state = 'reconnecting'"
    data-attr:data-state="$_state"
    data-text="{connecting: 'Connecting', open: 'Connected', reconnecting: 'Reconnecting', stopped: 'Server stopped'}[$_state]"`,
    intro: `The server types, and sends every letter to all who watch as a
<code>datastar-patch-elements</code> event. Open this page in another window, and start it
in either.`,
    main: `<main class="card">
  ${message(typed)}
  ${progress(typed)}
  <form data-on:submit="@post('/start')">
    <div>
      <label for="delay">Milliseconds per letter</label>
      <input id="delay" type="number" min="${MIN_DELAY}" max="${MAX_DELAY}" step="any"
        inputmode="numeric" aria-describedby="bounds" data-bind:delay>
    </div>
    <button data-text="$_running ? 'Start over' : 'Start'">Start</button>
    <p id="bounds">From ${MIN_DELAY} to ${MAX_DELAY}, for everybody</p>
  </form>
</main>
${
      start === undefined ? "" : `<div hidden
  data-init="@get('/hotreload?start=${start}', ${COME_BACK})"></div>`
    }`,
    style: BUTTON_STYLE + `
  :root { --edge: light-dark(#868e98, #6f7883); }
  #message {
    margin: 0; padding: clamp(2.5rem, 12vw, 6rem) 0; text-align: center;
    font-size: clamp(1.5rem, 9.3vw, 5.5rem); font-weight: 750; line-height: 1.2;
    letter-spacing: -.03em; white-space: pre;
  }
  /* As wide as the whole text, so that letters keep their colour. */
  #message > span:first-child {
    color: transparent; background: 0 0 / 8.4em 100% no-repeat text linear-gradient(100deg in oklch,
      var(--blue) 10%, var(--violet) 45%, var(--red) 70%, var(--amber) 95%);
  }
  .rest { color: var(--line); }
  #progress { height: 4px; background: var(--line); }
  #progress > div { height: 100%; background: var(--blue); transition: width .15s linear; }
  form {
    display: flex; flex-wrap: wrap; align-items: end; gap: 1rem; padding: 1.25rem;
  }
  label { display: block; margin-bottom: .3rem; font-size: .8125rem; color: var(--soft); }
  input {
    height: 2.5rem; width: 9rem; padding: 0 .85rem; border: 1px solid var(--edge);
    border-radius: .5rem; font: inherit; font-variant-numeric: tabular-nums;
    color: var(--text); background: var(--page);
  }
  #bounds { margin: 0 0 .5rem; font-size: .875rem; color: var(--soft); }
  @media (max-width: 36rem) {
    form > * { flex: 1 1 8rem; }
    input { width: 100%; }
    #bounds { flex-basis: 100%; margin: 0; }
  }
`,
  });

if (import.meta.main) {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      "datastar-source": { type: "string" },
      "dev": { type: "boolean" },
    },
  });
  const hello = createHello({
    script: serveScriptFrom(values["datastar-source"]),
    dev: values.dev,
  });
  listen(hello.handler, () => hello.stop());
}
