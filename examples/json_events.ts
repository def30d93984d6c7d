// deno run --allow-net examples/json_events.ts

/**
 * A page with a table that fills from events of JSON, by native `EventSource`.
 *
 * The data of every event is an order: `jsonData` writes it, and gives our own
 * client its type. The server ends the stream after every seven orders: whoever
 * reads comes back, says with `Last-Event-ID` what it has, and is sent the rest.
 * Once it has everything the answer is 204, at which an `EventSource` stops.
 *
 * @module
 */

import { jsonData, type ServerSentEvent } from "@tidings/sse";
import { eventStreamResponse, lastEventId } from "@tidings/sse/server";

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
      return new Response(PAGE, {
        headers: { "content-type": "text/html; charset=utf-8" },
      });
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

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Incoming orders</title>
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

  #status, .payment { --tone: var(--grey); color: var(--tone); white-space: nowrap; }
  #status::before, .payment::before {
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
  dl { margin: 0; display: grid; grid-template-columns: repeat(4, 1fr); }
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
  td { font-variant-numeric: tabular-nums; }
  td:first-child { color: var(--soft); }
  th:nth-child(n+3):nth-child(-n+5), td:nth-child(n+3):nth-child(-n+5) { text-align: right; }
  th:nth-child(1) { width: 4rem; }
  th:nth-child(3) { width: 6rem; }
  th:nth-child(4) { width: 7.5rem; }
  th:nth-child(5) { width: 8.5rem; }
  th:nth-child(6) { width: 10rem; }
  .payment[data-prepaid=true] { --tone: var(--green); }
  .card:has(tbody:empty)::after {
    content: "Waiting for the first order"; display: block;
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
    dl > div { padding-inline: .75rem; }
    th, td { padding-inline: .5rem; }
    th:first-child, td:first-child { padding-left: .75rem; }
    table { table-layout: auto; font-size: .875rem; }
    th:nth-child(n) { width: auto; }
    tr > :nth-child(4), tr > :nth-child(6) { display: none; }
    dl { grid-template-columns: repeat(2, 1fr); }
    dl > div:nth-child(3) { border-left: none; }
    dl > div:nth-child(n+3) { border-top: 1px solid var(--line); }
  }
  @media (prefers-reduced-motion: reduce) {
    *, ::before { animation: none !important; transition: none !important; }
  }
</style>
</head>
<body>
<header>
  <h1>Incoming orders</h1>
  <span id="status" role="status" data-state="connecting">Connecting</span>
</header>
<p>Events of JSON, read by the browser’s own <code>EventSource</code>. The server ends the
stream after every ${ORDERS_PER_CONNECTION} orders; the browser comes back with
<code>Last-Event-ID</code> and misses nothing.</p>
<div class="card">
  <dl>
    <div><dt>Orders</dt><dd><span id="received">0</span> <small>of ${ORDERS.length}</small></dd></div>
    <div><dt>Revenue</dt><dd id="revenue">–</dd></div>
    <div><dt>Last event ID</dt><dd id="last-event-id">–</dd></div>
    <div><dt>Reconnections</dt><dd id="reconnections">0</dd></div>
  </dl>
  <div id="bar"></div>
</div>
<div class="card">
  <table>
    <caption>Orders, the newest first</caption>
    <thead>
      <tr>
        <th scope="col">ID</th><th scope="col">Item</th><th scope="col">Quantity</th>
        <th scope="col">Unit price</th><th scope="col">Total</th><th scope="col">Payment</th>
      </tr>
    </thead>
    <tbody id="rows"></tbody>
  </table>
</div>
<script type="module">
  const total = ${ORDERS.length};
  const [status, received, revenue, lastEventId, reconnections, bar, rows] =
    ["status", "received", "revenue", "last-event-id", "reconnections", "bar", "rows"]
      .map((id) => document.getElementById(id));
  const number = new Intl.NumberFormat("en");
  const euro = new Intl.NumberFormat("en", { style: "currency", currency: "EUR" });
  let count = 0;
  let cents = 0;
  let connections = 0;

  function show(state) {
    status.dataset.state = state;
    status.textContent = state[0].toUpperCase() + state.slice(1);
  }

  // Only textContent: what comes over the network is text, never HTML.
  function addRow({ data, lastEventId: id }) {
    const { item, quantity, unitPrice, prepaid } = JSON.parse(data);
    const row = rows.insertRow(0);
    row.dataset.id = id;
    row.insertCell().textContent = id;
    row.insertCell().textContent = item;
    row.insertCell().textContent = number.format(quantity);
    row.insertCell().textContent = euro.format(unitPrice / 100);
    row.insertCell().textContent = euro.format(quantity * unitPrice / 100);
    const payment = row.insertCell().appendChild(document.createElement("span"));
    payment.className = "payment";
    payment.dataset.prepaid = prepaid;
    payment.textContent = prepaid ? "Prepaid" : "On delivery";

    received.textContent = ++count;
    revenue.textContent = euro.format((cents += quantity * unitPrice) / 100);
    lastEventId.textContent = id;
    bar.style.transform = "scaleX(" + count / total + ")";
  }

  function addSeam() {
    const row = rows.insertRow(0);
    row.className = "seam";
    const cell = row.insertCell();
    cell.colSpan = 6;
    cell.textContent = "Reconnected, going on after order " + lastEventId.textContent;
    reconnections.textContent = connections - 1;
  }

  const source = new EventSource("/events");
  source.addEventListener("order", addRow);
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
