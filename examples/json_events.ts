// deno run --allow-net examples/json_events.ts

/**
 * A page with a table that fills from events of JSON, by native `EventSource`.
 *
 * The data of every event is an order: `jsonData` writes it, and gives our own
 * client its type. The server ends the stream after every seven orders: whoever
 * reads comes back, says with `Last-Event-ID` what it has, and is sent the rest.
 * Once it has everything the answer is 204, at which an `EventSource` stops.
 *
 * How the page looks, and the functions of its script that only show what they are
 * given, are in `_page.ts` and `_table.ts`.
 *
 * @module
 */

import { jsonData, type ServerSentEvent } from "@tidings/sse";
import { eventStreamResponse, lastEventId } from "@tidings/sse/server";
import { listen } from "./_listen.ts";
import { htmlPage, pageResponse } from "./_page.ts";
import { TABLE_SCRIPT, TABLE_STYLE, tableCard } from "./_table.ts";

/** The data of an event. */
export interface Order {
  /** What was ordered. */
  readonly item: string;
  /** How many of it. */
  readonly quantity: number;
  /** What one costs, in cents. */
  readonly unitPrice: number;
  /** Whether it is paid for; if not, it is on delivery. */
  readonly prepaid: boolean;
}

/** How an order is written to an event and read from one. */
export const orderData = jsonData<Order>();

/** What was ordered. The id of an event is the number of its order, from 1. */
export const ORDERS: readonly Order[] = [
  { item: "Fountain pen", quantity: 1, unitPrice: 4_850, prepaid: true },
  { item: "Ink, midnight blue", quantity: 3, unitPrice: 1_290, prepaid: true },
  { item: "Desk lamp", quantity: 2, unitPrice: 7_900, prepaid: false },
  { item: 'Monitor 27"', quantity: 4, unitPrice: 31_900, prepaid: false },
  { item: "Notebook, A5", quantity: 12, unitPrice: 890, prepaid: true },
  { item: "Standing desk", quantity: 1, unitPrice: 64_900, prepaid: true },
  { item: "Café table", quantity: 6, unitPrice: 18_950, prepaid: false },
  { item: "Oak chair", quantity: 24, unitPrice: 12_900, prepaid: false },
  { item: "Cable, USB-C < 2 m", quantity: 10, unitPrice: 990, prepaid: true },
  { item: "Headphones", quantity: 3, unitPrice: 22_900, prepaid: true },
  {
    item: "Sticker “<b>Bold</b>”",
    quantity: 100,
    unitPrice: 35,
    prepaid: true,
  },
  {
    item: "Mechanical keyboard",
    quantity: 2,
    unitPrice: 14_900,
    prepaid: true,
  },
  { item: "Wrist rest", quantity: 2, unitPrice: 2_450, prepaid: false },
  { item: "Acoustic panel", quantity: 36, unitPrice: 3_400, prepaid: false },
  { item: "Whiteboard", quantity: 1, unitPrice: 15_900, prepaid: true },
  { item: "Marker, black", quantity: 20, unitPrice: 180, prepaid: true },
  { item: "Docking station", quantity: 5, unitPrice: 19_900, prepaid: true },
  { item: "Laptop sleeve 15″", quantity: 5, unitPrice: 3_990, prepaid: false },
  { item: "Portable SSD 2 TB", quantity: 2, unitPrice: 17_990, prepaid: true },
  { item: "Conference phone", quantity: 1, unitPrice: 42_900, prepaid: false },
  {
    item: "Tea, Earl Grey, 1 kg",
    quantity: 4,
    unitPrice: 3_250,
    prepaid: true,
  },
];

/** After how many orders the server ends the stream. */
const ORDERS_PER_CONNECTION = 7;

/**
 * Answers a request: `/` is the page, `/events` its events.
 *
 * @param request The request.
 * @param pace How long an order is waited for on average, in milliseconds.
 * @returns The response.
 */
export function handler(request: Request, pace = 400): Response {
  switch (new URL(request.url).pathname) {
    case "/":
      return pageResponse(PAGE);
    case "/events": {
      const seen = ordersSeen(request);
      if (seen === ORDERS.length) return new Response(null, { status: 204 });
      return eventStreamResponse(ordersAfter(seen, pace), {
        data: orderData,
        retry: 1000,
      });
    }
    default:
      return new Response("Not found\n", { status: 404 });
  }
}

/** How many orders the client has. It may say anything: nonsense counts as none. */
function ordersSeen(request: Request): number {
  const seen = Number(lastEventId(request) ?? 0);
  return Number.isInteger(seen) && seen >= 0 && seen <= ORDERS.length
    ? seen
    : 0;
}

async function* ordersAfter(
  seen: number,
  pace: number,
): AsyncGenerator<ServerSentEvent<Order>> {
  const orders = ORDERS.slice(seen, seen + ORDERS_PER_CONNECTION);
  for (const [index, order] of orders.entries()) {
    const delay = pace * (0.5 + Math.random());
    await new Promise((resolve) => setTimeout(resolve, delay));
    yield { event: "order", id: String(seen + index + 1), data: order };
  }
}

const PAGE = htmlPage({
  title: "Incoming orders",
  intro:
    `Events of JSON, read by the browser’s own <code>EventSource</code>. The server ends the
stream after every ${ORDERS_PER_CONNECTION} orders; the browser comes back with
<code>Last-Event-ID</code> and misses nothing.`,
  main: `<div class="card">
  <dl>
    <div><dt>Orders</dt><dd><span id="received">0</span> <small>of ${ORDERS.length}</small></dd></div>
    <div><dt>Revenue</dt><dd id="revenue">–</dd></div>
    <div><dt>Last event ID</dt><dd id="last-event-id">–</dd></div>
    <div><dt>Reconnections</dt><dd id="reconnections">0</dd></div>
  </dl>
  <div id="bar"></div>
</div>
${
    tableCard(
      "Orders, the newest first",
      ["ID", "Item", "Quantity", "Unit price", "Total", "Payment"],
      "Waiting for the first order",
    )
  }`,
  script: TABLE_SCRIPT + `
  const total = ${ORDERS.length};
  const [received, revenue, lastEventId, reconnections] =
    byId("received", "revenue", "last-event-id", "reconnections");
  const number = new Intl.NumberFormat("en");
  const euro = new Intl.NumberFormat("en", { style: "currency", currency: "EUR" });
  let count = 0;
  let cents = 0;
  let connections = 0;

  function add({ data, lastEventId: id }) {
    const { item, quantity, unitPrice, prepaid } = JSON.parse(data);
    addRow(
      id, item, number.format(quantity), euro.format(unitPrice / 100),
      euro.format(quantity * unitPrice / 100),
      tag(prepaid ? "Prepaid" : "On delivery", { prepaid }),
    );
    fill(++count / total);
    received.textContent = count;
    revenue.textContent = euro.format((cents += quantity * unitPrice) / 100);
    lastEventId.textContent = id;
  }

  const source = new EventSource("/events");
  source.addEventListener("order", add);
  source.onopen = () => {
    show("open");
    if (++connections === 1) return;
    addSeam("Reconnected, going on after order " + lastEventId.textContent);
    reconnections.textContent = connections - 1;
  };
  source.onerror = () => {
    // Closed is what an answer of 204 leaves, but also any other that is no stream.
    if (source.readyState === EventSource.CONNECTING) show("reconnecting");
    else show(count === total ? "complete" : "failed");
  };
`,
  style: TABLE_STYLE + `
  dl { grid-template-columns: repeat(4, 1fr); }
  td { font-variant-numeric: tabular-nums; }
  th:nth-child(n+3):nth-child(-n+5), td:nth-child(n+3):nth-child(-n+5) { text-align: right; }
  th:nth-child(1) { width: 4rem; }
  th:nth-child(3) { width: 6rem; }
  th:nth-child(4) { width: 7.5rem; }
  th:nth-child(5) { width: 8.5rem; }
  th:nth-child(6) { width: 10rem; }
  .tag[data-prepaid=true] { --tone: var(--green); }
  @media (max-width: 36rem) {
    th, td { padding-inline: .5rem; }
    th:first-child, td:first-child { padding-left: .75rem; }
    table { font-size: .875rem; }
    th:nth-child(n) { width: auto; }
    tr > :nth-child(4), tr > :nth-child(6) { display: none; }
    dl { grid-template-columns: repeat(2, 1fr); }
    dl > div:nth-child(3) { border-left: none; }
    dl > div:nth-child(n+3) { border-top: 1px solid var(--line); }
  }
`,
});

if (import.meta.main) {
  listen(handler);
}
