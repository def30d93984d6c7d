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
import { BUTTON_STYLE, serveScriptFrom } from "./_datastar.ts";
import { listen } from "./_listen.ts";
import { htmlPage, pageResponse } from "./_page.ts";

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
          // It shows how things stand now.
          return pageResponse(page(history, pace), {
            "cache-control": "no-store",
          });
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

/** By itself Datastar takes a stream that ends for complete; this one comes back. */
const COME_BACK = "{retry: 'always', retryInterval: 500, retryScaler: 1.5, " +
  "retryMaxWait: 5000, retryMaxCount: Infinity}";

const page = (history: readonly Winds[], pace: number) =>
  htmlPage({
    title: "Wind in the harbour",
    head: datastarScript({ src: "/datastar.js" }),
    bodyAttributes: `data-signals='${
      JSON.stringify({
        paused: false,
        _state: "connecting",
        _wind: windsById(history),
      })
    }'`,
    statusAttributes: `
    data-effect="$paused; @get('/wind', ${COME_BACK})"
    data-on:datastar-fetch="if (evt.detail.type === 'retrying' && $_state !== 'stopped') $_state = 'reconnecting'"
    data-attr:data-state="$paused ? 'paused' : $_state"
    data-text="$paused ? 'Paused' : {connecting: 'Connecting', open: 'Connected', reconnecting: 'Reconnecting', stopped: 'Server stopped'}[$_state]"`,
    intro:
      `The server draws these curves, and sends them as <code>datastar-patch-elements</code>
events of the namespace <code>svg</code>. The figures are signals.`,
    main: `<main>
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
</main>`,
    style: BUTTON_STYLE + `
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
  dl { border-top: 1px solid var(--line); }
  dt::before {
    content: ""; display: inline-block; width: .9rem; height: 3px; margin-right: .5rem;
    vertical-align: .25em; border-radius: 2px; background: var(--tone);
  }
  button { margin-top: 1.25rem; }
  @keyframes flow { to { transform: translateX(-${STEP}px); } }
  @media (max-width: 36rem) {
    figure { padding: 1rem .75rem .5rem; }
    #scale text { font-size: 22px; }
    dl > div { padding-inline: .75rem; }
    dt { white-space: nowrap; }
    dt::before { width: .6rem; margin-right: .3rem; }
    dd { font-size: 1.125rem; white-space: nowrap; }
    dd small { font-size: .875rem; }
  }
`,
  });

if (import.meta.main) {
  const { values } = parseArgs({
    args: Deno.args,
    options: { "datastar-source": { type: "string" } },
  });
  const chart = createChart({
    script: serveScriptFrom(values["datastar-source"]),
  });
  listen(chart.handler, () => chart.stop());
}
