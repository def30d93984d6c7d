// deno run --allow-net examples/string_events.ts

/**
 * A page with a table that fills from events of text, by native `EventSource`.
 *
 * The events have several types, and some have data of several lines. The server
 * ends the stream after every six events: the browser comes back by itself, says
 * with `Last-Event-ID` what it has, and is sent the rest. Once it has everything
 * the answer is 204, at which an `EventSource` stops.
 *
 * @module
 */

import type { ServerSentEvent } from "@tidings/sse";
import { eventStreamResponse, lastEventId } from "@tidings/sse/server";

/** What there is to tell. The id of an entry is its number, counted from 1. */
export const LOG: readonly ServerSentEvent[] = [
  { data: "The harbour office is open.\nGood morning to all ships." },
  { event: "weather", data: "Wind north-east 4, later 5\nVisibility good" },
  { event: "arrival", data: "Ærø, ferry\nBerth 2, 180 passengers" },
  { event: "departure", data: "Świt, trawler\nBound for Ustka" },
  { data: "The crane at berth 7 is back in service." },
  { event: "arrival", data: "Göteborg Star, container ship\nBerth 7" },
  { data: 'Pilot to "Małgorzata": <b>please</b> wait outside the pier.' },
  { event: "departure", data: "Ærø, ferry\nBound for Søby" },
  { event: "weather", data: "Gale warning\nWind north-east 8 from 16:00" },
  { event: "arrival", data: "Małgorzata, tanker\nBerth 4" },
  { event: "arrival", data: "Kvitøy, pilot boat\nBerth 1" },
  { data: "Lost at berth 2: one red umbrella." },
  {
    event: "departure",
    data: "Göteborg Star, container ship\nBound for Πειραιάς",
  },
  { data: "Berths 4 to 6: double your lines, please." },
  { event: "weather", data: "Wind north-east 8, gusts of 10\nSea rough" },
  { event: "arrival", data: "Świt, trawler, seeking shelter\nBerth 5" },
  { data: "All small craft are in. ⚓" },
  { data: "The harbour office closes.\nGood night to all ships." },
];

/** After how many events the server ends the stream. */
const EVENTS_PER_CONNECTION = 6;

/**
 * Answers a request: `/` is the page, `/events` its events.
 *
 * @param request The request.
 * @param pace How long an event is waited for on average, in milliseconds.
 * @returns The response.
 */
export function handler(request: Request, pace = 400): Response {
  switch (new URL(request.url).pathname) {
    case "/":
      return new Response(PAGE, {
        headers: { "content-type": "text/html; charset=utf-8" },
      });
    case "/events": {
      const seen = entriesSeen(request);
      if (seen === LOG.length) return new Response(null, { status: 204 });
      return eventStreamResponse(entriesAfter(seen, pace), { retry: 1000 });
    }
    default:
      return new Response("Not found\n", { status: 404 });
  }
}

/** How many entries the client has. It may say anything: nonsense counts as none. */
function entriesSeen(request: Request): number {
  const seen = Number(lastEventId(request) ?? 0);
  return Number.isInteger(seen) && seen >= 0 && seen <= LOG.length ? seen : 0;
}

async function* entriesAfter(
  seen: number,
  pace: number,
): AsyncGenerator<ServerSentEvent> {
  const entries = LOG.slice(seen, seen + EVENTS_PER_CONNECTION);
  for (const [index, entry] of entries.entries()) {
    const delay = pace * (0.5 + Math.random());
    await new Promise((resolve) => setTimeout(resolve, delay));
    yield { ...entry, id: String(seen + index + 1) };
  }
}

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Harbour log</title>
<link rel="icon" href="data:,">
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

  #status, .type { --tone: var(--grey); color: var(--tone); white-space: nowrap; }
  #status::before, .type::before {
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
  #status[data-state=reconnecting] { --tone: var(--amber); }
  #status[data-state=complete] { --tone: var(--blue); }
  #status[data-state=failed] { --tone: var(--red); }
  #status:is([data-state=connecting], [data-state=reconnecting])::before {
    animation: pulse 1s ease-in-out infinite alternate;
  }

  .card {
    background: var(--card); border: 1px solid var(--line);
    border-radius: .75rem; overflow: hidden;
  }
  dl { margin: 0; display: grid; grid-template-columns: repeat(3, 1fr); }
  dl > div { padding: .9rem 1.25rem 1.1rem; }
  dl > div + div { border-left: 1px solid var(--line); }
  dt { font-size: .8125rem; color: var(--soft); }
  dd { margin: 0; font-size: 1.5rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
  dd small { font-size: 1rem; color: var(--soft); }
  #bar {
    height: 3px; background: var(--blue);
    transform: scaleX(0); transform-origin: left; transition: transform .4s ease-out;
  }

  .card + .card { margin-top: 1.25rem; min-height: 16rem; }
  table { width: 100%; border-collapse: collapse; table-layout: fixed; }
  caption { position: absolute; clip-path: inset(50%); }
  th, td { padding: .6rem 1.25rem; text-align: left; vertical-align: top; }
  th { font-size: .8125rem; font-weight: 500; color: var(--soft); }
  td { border-top: 1px solid var(--line); }
  td:first-child, td:last-child {
    color: var(--soft); font-variant-numeric: tabular-nums; white-space: nowrap;
  }
  th:last-child, td:last-child { text-align: right; }
  th:nth-child(1) { width: 4rem; }
  th:nth-child(2) { width: 9rem; }
  th:nth-child(4) { width: 7rem; }
  td:nth-child(3) { white-space: pre-line; }
  .type[data-type=arrival] { --tone: var(--green); }
  .type[data-type=departure] { --tone: var(--blue); }
  .type[data-type=weather] { --tone: var(--amber); }
  .card:has(tbody:empty)::after {
    content: "Waiting for the first event"; display: block;
    padding: .6rem 1.25rem; border-top: 1px solid var(--line); color: var(--soft);
  }
  tbody tr { animation: arrive .9s ease-out; }
  tbody .seam td {
    padding-block: .35rem; font-size: .8125rem; text-align: center; color: var(--amber);
    background: color-mix(in srgb, var(--amber) 8%, transparent);
  }
  @keyframes arrive {
    from { opacity: 0; background: color-mix(in srgb, var(--blue) 16%, transparent); }
    30% { opacity: 1; }
  }
  @keyframes pulse { to { opacity: .25; } }
  @media (max-width: 36rem) {
    body { padding-top: 1.5rem; }
    th, td, dl > div { padding-inline: .75rem; }
    table { table-layout: auto; }
    th:nth-child(n) { width: auto; }
    tr > :nth-child(4) { display: none; }
  }
  @media (prefers-reduced-motion: reduce) {
    *, ::before { animation: none !important; transition: none !important; }
  }
</style>
</head>
<body>
<header>
  <h1>Harbour log</h1>
  <span id="status" role="status" data-state="connecting">Connecting</span>
</header>
<p>Events of several types, read by the browser’s own <code>EventSource</code>. The server
ends the stream after every ${EVENTS_PER_CONNECTION} events; the browser comes back with
<code>Last-Event-ID</code> and misses nothing.</p>
<div class="card">
  <dl>
    <div><dt>Events</dt><dd><span id="received">0</span> <small>of ${LOG.length}</small></dd></div>
    <div><dt>Last event ID</dt><dd id="last-event-id">–</dd></div>
    <div><dt>Reconnections</dt><dd id="reconnections">0</dd></div>
  </dl>
  <div id="bar"></div>
</div>
<div class="card">
  <table>
    <caption>Events, the newest first</caption>
    <thead>
      <tr>
        <th scope="col">ID</th><th scope="col">Type</th>
        <th scope="col">Data</th><th scope="col">Received</th>
      </tr>
    </thead>
    <tbody id="rows"></tbody>
  </table>
</div>
<script type="module">
  const total = ${LOG.length};
  const [status, received, lastEventId, reconnections, bar, rows] =
    ["status", "received", "last-event-id", "reconnections", "bar", "rows"]
      .map((id) => document.getElementById(id));
  let count = 0;
  let connections = 0;

  function show(state) {
    status.dataset.state = state;
    status.textContent = state[0].toUpperCase() + state.slice(1);
  }

  // Only textContent: what comes over the network is text, never HTML.
  function addRow({ type, data, lastEventId: id }) {
    const row = rows.insertRow(0);
    row.dataset.id = id;
    row.insertCell().textContent = id;
    const tag = row.insertCell().appendChild(document.createElement("span"));
    tag.className = "type";
    tag.dataset.type = tag.textContent = type;
    row.insertCell().textContent = data;
    row.insertCell().textContent = new Date().toLocaleTimeString("en-GB");

    received.textContent = ++count;
    lastEventId.textContent = id;
    bar.style.transform = "scaleX(" + count / total + ")";
  }

  function addSeam() {
    const row = rows.insertRow(0);
    row.className = "seam";
    const cell = row.insertCell();
    cell.colSpan = 4;
    cell.textContent = "Reconnected, going on after event " + lastEventId.textContent;
    reconnections.textContent = connections - 1;
  }

  const source = new EventSource("/events");
  for (const type of ["message", "arrival", "departure", "weather"]) {
    source.addEventListener(type, addRow);
  }
  source.onopen = () => {
    show("open");
    if (++connections > 1) addSeam();
  };
  source.onerror = () => {
    // Closed is what an answer of 204 leaves, but also any other that is no stream.
    if (source.readyState === EventSource.CONNECTING) show("reconnecting");
    else show(count === total ? "complete" : "failed");
  };
</script>
</body>
</html>
`;

if (import.meta.main) {
  Deno.serve(
    { hostname: "127.0.0.1", port: 8000 },
    (request) => handler(request),
  );
}
