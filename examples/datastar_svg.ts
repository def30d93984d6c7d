// deno run --allow-net examples/datastar_svg.ts

/**
 * A chart of the wind that the server draws anew twice a second, as SVG: Datastar in
 * the browser puts it in its place.
 *
 * Every drawing goes one step further than the chart shows. While the next one is
 * awaited the page moves it by that step, and so it flows. The figures below it are
 * signals. Pausing asks for the events once more, with a signal that says so, and is
 * answered with 204: no stream, until it is asked for.
 *
 * The script comes from the CDN, checked, and is served from here. With
 * `--datastar-source FILE` or `URL` it comes from there, so that all of it runs
 * offline; a file needs `--allow-read`.
 *
 * @module
 */

import { parseArgs } from "node:util";
import {
  datastarScript,
  type DatastarScriptHandler,
  type EventSender,
  patchElements,
  patchSignals,
  readSignals,
  ReadSignalsError,
  serveDatastarScript,
} from "@tidings/sse/datastar";
import { eventStreamResponse } from "@tidings/sse/server";

/** Where wind is measured, and how strong it is there on average, in knots. */
const STATIONS = [
  { id: "lighthouse", name: "Lighthouse", mean: 27 },
  { id: "pier", name: "Pier", mean: 18 },
  { id: "marina", name: "Marina", mean: 9 },
] as const;

/** The winds of all stations, in their order, in knots. */
type Winds = readonly number[];

const WIDTH = 720;
const HEIGHT = 320;
const MAX_KNOTS = 40;
/** How many steps the chart shows. */
const STEPS = 60;
const STEP = WIDTH / STEPS;
/** Beyond the right edge: the step that moves in, and one to bend its curve. */
const AHEAD = 2;

/** What a server of the chart is made of. */
export interface ChartOptions {
  /**
   * What serves Datastar's script.
   *
   * @default {serveDatastarScript()}
   */
  readonly script?: DatastarScriptHandler;
  /**
   * After how long the wind is measured again, in milliseconds.
   *
   * @default {500}
   */
  readonly pace?: number;
}

/** A server of the chart. */
export interface Chart {
  /** Answers a request: `/` is the page, `/wind` its events. */
  handler(request: Request): Response | Promise<Response>;
  /** Tells the pages that the server stops, and ends their streams. */
  stop(): void;
}

/**
 * Makes a server of the chart, with weather of its own.
 *
 * @param options What it is made of.
 * @returns The server.
 */
export function createChart(options: ChartOptions = {}): Chart {
  const { script = serveDatastarScript(), pace = 500 } = options;
  const senders = new Set<EventSender>();
  const history: Winds[] = [STATIONS.map(({ mean }) => mean)];
  while (history.length <= STEPS + AHEAD) history.push(next(history.at(-1)));
  let timer: ReturnType<typeof setInterval> | undefined;
  let isStopping = false;

  /** The chart is replaced, not morphed: new elements start their movement. */
  const drawing = () =>
    patchElements(curves(history), { mode: "replace", namespace: "svg" });
  const figures = () => patchSignals({ _wind: windsById(history) });

  function measure(): void {
    history.push(next(history.at(-1)));
    history.shift();
    for (const event of [drawing(), figures()]) {
      for (const sender of senders) sender.send(event);
    }
  }

  /** Time goes by for those who look: without one there is no timer. */
  function join(sender: EventSender): void {
    sender.signal.addEventListener("abort", () => {
      senders.delete(sender);
      if (senders.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    });
    senders.add(sender);
    sender.send(patchSignals({ _state: "open" }));
    sender.send(drawing());
    sender.send(figures());
    timer ??= setInterval(measure, pace);
  }

  return {
    async handler(request) {
      if (isStopping) {
        return new Response("The server stops\n", { status: 503 });
      }
      const { pathname } = new URL(request.url);
      switch (`${request.method} ${pathname}`) {
        case "GET /":
          return html(page(history, pace));
        case "GET /wind":
          try {
            const { paused } = await readSignals(request, { maxBytes: 1024 });
            if (paused === true) return new Response(null, { status: 204 });
          } catch (error) {
            if (error instanceof ReadSignalsError) return error.toResponse();
            throw error;
          }
          return eventStreamResponse(join);
        case "GET /datastar.js":
        case "GET /datastar.js.map":
          return script(request);
        default:
          return new Response("Not found\n", { status: 404 });
      }
    },
    stop() {
      isStopping = true;
      for (const sender of senders) {
        sender.send(patchSignals({ _state: "stopped" }));
        sender.close();
      }
    },
  };
}

/** The wind a step later: a random walk that finds back to the average. */
function next(winds: Winds = []): Winds {
  return STATIONS.map(({ mean }, i) => {
    const { [i]: wind = mean } = winds;
    const gust = (Math.random() + Math.random() - 1) * 4;
    const moved = wind + (mean - wind) * 0.1 + gust;
    return Math.min(Math.max(moved, 1), MAX_KNOTS - 1);
  });
}

/** What the figures show: the wind at the right edge of the chart. */
function windsById(history: readonly Winds[]): Record<string, string> {
  const winds = history.at(-1 - AHEAD) ?? [];
  return Object.fromEntries(
    STATIONS.map(({ id }, i) => [id, (winds[i] ?? 0).toFixed(1)]),
  );
}

const place = (value: number) => value.toFixed(1);
const heightOf = (knots: number) => HEIGHT * (1 - knots / MAX_KNOTS);

/** Draws all curves, as elements that stand in the `svg` of the page. */
function curves(history: readonly Winds[]): string {
  const paths = STATIONS.map(({ id }, i) => {
    const line = curve(history.map((winds) => heightOf(winds[i] ?? 0)));
    return `<path class="area ${id}" d="${line}V${HEIGHT}H0Z"/>` +
      `<path class="${id}" d="${line}"/>`;
  });
  return `<g id="curves">${paths.join("")}</g>`;
}

/** A smooth curve through points that are a step apart, a Catmull-Rom spline. */
function curve(heights: readonly number[]): string {
  const at = (i: number) =>
    heights[Math.min(Math.max(i, 0), heights.length - 1)] ?? 0;
  let path = `M0 ${place(at(0))}`;
  for (let i = 0; i < heights.length - 1; i++) {
    const [x, from, to] = [i * STEP, at(i), at(i + 1)];
    path += `C${place(x + STEP / 3)} ${place(from + (to - at(i - 1)) / 6)}` +
      ` ${place(x + STEP * 2 / 3)} ${place(to - (at(i + 2) - from) / 6)}` +
      ` ${place(x + STEP)} ${place(to)}`;
  }
  return path;
}

/** The lines and numbers behind the curves. */
function scale(): string {
  let lines = "";
  for (let knots = 0; knots <= MAX_KNOTS; knots += 10) {
    const y = heightOf(knots);
    lines += `<line x2="${WIDTH}" y1="${y}" y2="${y}"/>` +
      `<text x="${WIDTH + 10}" y="${y}">${knots}</text>`;
  }
  return lines;
}

function html(text: string): Response {
  return new Response(text, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      // It shows how things stand now.
      "cache-control": "no-store",
    },
  });
}

/** By itself Datastar takes a stream that ends for complete; this one comes back. */
const COME_BACK = "{retry: 'always', retryInterval: 500, retryScaler: 1.5, " +
  "retryMaxWait: 5000, retryMaxCount: Infinity}";

const page = (history: readonly Winds[], pace: number) =>
  `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Wind in the harbour</title>
<link rel="icon" href="data:,">
${datastarScript({ src: "/datastar.js" })}
<style>
  :root {
    color-scheme: light dark;
    --page: light-dark(#f5f6f7, #111316);
    --card: light-dark(#ffffff, #1a1d21);
    --line: light-dark(#e2e5e9, #2b3036);
    --text: light-dark(#1b1f24, #e6e9ec);
    --soft: light-dark(#5b636e, #9aa3ae);
    --grey: light-dark(#5b636e, #9aa3ae);
    --blue: light-dark(#1d5fc4, #7db1ff);
    --green: light-dark(#1b7a43, #63d394);
    --amber: light-dark(#955b00, #f0b656);
    --red: light-dark(#b42525, #ff8f8a);
    --violet: light-dark(#8a2fc0, #cf9bff);
  }
  * { box-sizing: border-box; }
  body {
    margin: 0 auto; padding: 3rem 1.25rem 4rem; max-width: 54rem;
    font: 1rem/1.5 system-ui, sans-serif;
    color: var(--text); background: var(--page);
  }
  header { display: flex; align-items: center; justify-content: space-between; gap: 1rem; }
  h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; letter-spacing: -.02em; }
  p { margin: .75rem 0 1.75rem; max-width: 40rem; color: var(--soft); }
  code { font: .9em ui-monospace, monospace; color: var(--text); white-space: nowrap; }

  #status { --tone: var(--grey); color: var(--tone); white-space: nowrap; }
  #status::before {
    content: ""; display: inline-block; width: .5rem; height: .5rem; margin-right: .5rem;
    vertical-align: .08em; border-radius: 50%; background: currentColor;
  }
  #status {
    padding: .3rem .85rem; border-radius: 99rem; font-size: .875rem; font-weight: 600;
    background: color-mix(in srgb, var(--tone) 12%, var(--card));
    border: 1px solid color-mix(in srgb, var(--tone) 35%, transparent);
    transition: color .2s, background-color .2s, border-color .2s;
  }
  #status[data-state=open] { --tone: var(--green); }
  #status[data-state=paused] { --tone: var(--blue); }
  #status[data-state=reconnecting] { --tone: var(--amber); }
  #status[data-state=stopped] { --tone: var(--red); }
  #status:is([data-state=connecting], [data-state=reconnecting])::before {
    animation: pulse 1s ease-in-out infinite alternate;
  }

  .card {
    background: var(--card); border: 1px solid var(--line);
    border-radius: .75rem; overflow: hidden;
  }
  figure { margin: 0; padding: 1.5rem 1.25rem .75rem; }
  figcaption { display: flex; justify-content: space-between; font-size: .8125rem; color: var(--soft); }
  svg { display: block; width: 100%; height: auto; overflow: visible; }
  #scale line { stroke: var(--line); }
  #scale text { font-size: 13px; fill: var(--soft); dominant-baseline: middle; }
  #curves { animation: flow ${pace}ms linear forwards; }
  #curves path {
    fill: none; stroke: var(--tone); stroke-width: 2.5; vector-effect: non-scaling-stroke;
    stroke-linejoin: round;
  }
  #curves path.area { fill: var(--tone); fill-opacity: .08; stroke: none; }
  .lighthouse { --tone: var(--violet); }
  .pier { --tone: var(--blue); }
  .marina { --tone: var(--green); }

  dl { margin: 0; display: grid; grid-template-columns: repeat(3, 1fr); border-top: 1px solid var(--line); }
  dl > div { padding: .9rem 1.25rem 1.1rem; }
  dl > div + div { border-left: 1px solid var(--line); }
  dt { font-size: .8125rem; color: var(--soft); }
  dt::before {
    content: ""; display: inline-block; width: .9rem; height: 3px; margin-right: .5rem;
    vertical-align: .25em; border-radius: 2px; background: var(--tone);
  }
  dd { margin: 0; font-size: 1.5rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
  dd small { font-size: 1rem; color: var(--soft); }
  button {
    margin-top: 1.25rem; height: 2.5rem; min-width: 7.5rem; padding: 0 .85rem;
    border: none; border-radius: .5rem; font: inherit; font-weight: 600; cursor: pointer;
    color: var(--card); background: var(--blue);
  }
  button:hover { background: color-mix(in srgb, var(--blue) 85%, var(--text)); }
  :focus-visible { outline: 2px solid var(--blue); outline-offset: 2px; }
  @keyframes flow { to { transform: translateX(-${STEP}px); } }
  @keyframes pulse { to { opacity: .25; } }
  @media (max-width: 36rem) {
    body { padding-top: 1.5rem; }
    h1 { font-size: 1.5rem; }
    figure { padding: 1rem .75rem .5rem; }
    #scale text { font-size: 22px; }
    dl > div { padding-inline: .75rem; }
    dt { white-space: nowrap; }
    dt::before { width: .6rem; margin-right: .3rem; }
    dd { font-size: 1.125rem; white-space: nowrap; }
    dd small { font-size: .875rem; }
  }
  @media (prefers-reduced-motion: reduce) {
    *, ::before { animation: none !important; transition: none !important; }
  }
</style>
</head>
<body data-signals='${
    JSON.stringify({
      paused: false,
      _state: "connecting",
      _wind: windsById(history),
    })
  }'>
<header>
  <h1>Wind in the harbour</h1>
  <span id="status" role="status" data-state="connecting"
    data-effect="$paused; @get('/wind', ${COME_BACK})"
    data-on:datastar-fetch="if (evt.detail.type === 'retrying' && $_state !== 'stopped') $_state = 'reconnecting'"
    data-attr:data-state="$paused ? 'paused' : $_state"
    data-text="$paused ? 'Paused' : {connecting: 'Connecting', open: 'Connected', reconnecting: 'Reconnecting', stopped: 'Server stopped'}[$_state]"
  >Connecting</span>
</header>
<p>The server draws these curves, and sends them as <code>datastar-patch-elements</code>
events of the namespace <code>svg</code>. The figures are signals.</p>
<main>
  <div class="card">
    <figure>
      <svg viewBox="0 -8 ${WIDTH + 36} ${
    HEIGHT + 20
  }" role="img" aria-label="Wind of the last ${
    STEPS * pace / 1000
  } seconds, in knots">
        <clipPath id="frame"><rect width="${WIDTH}" height="${HEIGHT}"/></clipPath>
        <g id="scale">${scale()}</g>
        <g clip-path="url(#frame)">${curves(history)}</g>
      </svg>
      <figcaption><span>${
    STEPS * pace / 1000
  } seconds ago</span><span>Now, in knots</span></figcaption>
    </figure>
    <dl>
${
    STATIONS.map(({ id, name }) =>
      `      <div class="${id}"><dt>${name}</dt><dd><span id="${id}" data-text="$_wind.${id}">–</span> <small>kn</small></dd></div>`
    ).join("\n")
  }
    </dl>
  </div>
  <button data-on:click="$paused = !$paused; $_state = 'connecting'" data-text="$paused ? 'Go on' : 'Pause'">Pause</button>
</main>
</body>
</html>
`;

if (import.meta.main) {
  const { values } = parseArgs({
    args: Deno.args,
    options: { "datastar-source": { type: "string" } },
  });
  const chart = createChart({
    script: serveDatastarScript({
      source: sourceOf(values["datastar-source"]),
    }),
  });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 8000 },
    chart.handler,
  );
  const stop = () => {
    // A second Ctrl-C does not wait.
    Deno.removeSignalListener("SIGINT", stop);
    chart.stop();
    server.shutdown();
  };
  Deno.addSignalListener("SIGINT", stop);
}

/** What is a URL is fetched; anything else is the name of a file. */
function sourceOf(text: string | undefined) {
  if (text === undefined || /^https?:/.test(text)) return text;
  return () => Deno.readFile(text);
}
