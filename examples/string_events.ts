// deno run --allow-net examples/string_events.ts

/**
 * A page with a table that fills from events of text, by native `EventSource`.
 *
 * The events have several types, and some have data of several lines. The server
 * ends the stream after every six events: the browser comes back by itself, says
 * with `Last-Event-ID` what it has, and is sent the rest. Once it has everything
 * the answer is 204, at which an `EventSource` stops.
 *
 * How the page looks, and the functions of its script that only show what they are
 * given, are in `_page.ts` and `_table.ts`.
 *
 * @module
 */

import type { ServerSentEvent } from "@tidings/sse";
import { eventStreamResponse, lastEventId } from "@tidings/sse/server";
import { listen } from "./_listen.ts";
import { htmlPage, pageResponse } from "./_page.ts";
import { TABLE_SCRIPT, TABLE_STYLE, tableCard } from "./_table.ts";

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
      return pageResponse(PAGE);
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

const PAGE = htmlPage({
  title: "Harbour log",
  intro:
    `Events of several types, read by the browser’s own <code>EventSource</code>. The server
ends the stream after every ${EVENTS_PER_CONNECTION} events; the browser comes back with
<code>Last-Event-ID</code> and misses nothing.`,
  main: `<div class="card">
  <dl>
    <div><dt>Events</dt><dd><span id="received">0</span> <small>of ${LOG.length}</small></dd></div>
    <div><dt>Last event ID</dt><dd id="last-event-id">–</dd></div>
    <div><dt>Reconnections</dt><dd id="reconnections">0</dd></div>
  </dl>
  <div id="bar"></div>
</div>
${
    tableCard(
      "Events, the newest first",
      ["ID", "Type", "Data", "Received"],
      "Waiting for the first event",
    )
  }`,
  script: TABLE_SCRIPT + `
  const total = ${LOG.length};
  const [received, lastEventId, reconnections] =
    byId("received", "last-event-id", "reconnections");
  let count = 0;
  let connections = 0;

  function add({ type, data, lastEventId: id }) {
    const time = new Date().toLocaleTimeString("en-GB");
    addRow(id, tag(type, { type }), data, time);
    fill(++count / total);
    received.textContent = count;
    lastEventId.textContent = id;
  }

  const source = new EventSource("/events");
  for (const type of ["message", "arrival", "departure", "weather"]) {
    source.addEventListener(type, add);
  }
  source.onopen = () => {
    show("open");
    if (++connections === 1) return;
    addSeam("Reconnected, going on after event " + lastEventId.textContent);
    reconnections.textContent = connections - 1;
  };
  source.onerror = () => {
    // Closed is what an answer of 204 leaves, but also any other that is no stream.
    if (source.readyState === EventSource.CONNECTING) show("reconnecting");
    else show(count === total ? "complete" : "failed");
  };
`,
  style: TABLE_STYLE + `
  td:first-child, td:last-child { white-space: nowrap; }
  td:last-child { color: var(--soft); font-variant-numeric: tabular-nums; }
  th:last-child, td:last-child { text-align: right; }
  th:nth-child(1) { width: 4rem; }
  th:nth-child(2) { width: 9rem; }
  th:nth-child(4) { width: 7rem; }
  td:nth-child(3) { white-space: pre-line; }
  .tag[data-type=arrival] { --tone: var(--green); }
  .tag[data-type=departure] { --tone: var(--blue); }
  .tag[data-type=weather] { --tone: var(--amber); }
  @media (max-width: 36rem) {
    th, td { padding-inline: .75rem; }
    th:nth-child(n) { width: auto; }
    tr > :nth-child(4) { display: none; }
  }
`,
});

if (import.meta.main) {
  listen(handler);
}
