// deno run --allow-net --unstable-no-legacy-abort examples/proxy.ts
//
// A proxy that watches a live stream of orders and takes the card numbers out:
// the shop below it sends them, whoever reads from the proxy does not see them.
import { EventStream, jsonData } from "@tidings/sse";
import { eventStreamResponse, proxyEventStream } from "@tidings/sse/server";

/** An order, as the shop sends it. */
export interface Order {
  readonly item: string;
  readonly amount: number;
  readonly card?: string;
}

const orders: readonly Order[] = [
  { item: "Tea, Earl Grey", amount: 32.5, card: "4111 1111 1111 1111" },
  { item: "Oak chair", amount: 129, card: "5500 0000 0000 0004" },
  { item: "Ink, midnight blue", amount: 12.9, card: "3400 000000 00009" },
];

/** The shop: a stream of orders with their card numbers. */
export function shop(): Response {
  const events = orders.map((data, i) => ({
    event: "order",
    id: String(i + 1),
    data,
  }));
  return eventStreamResponse(events, { data: jsonData<Order>() });
}

/** The proxy in front of a shop: counts the orders, and redacts the cards. */
export function proxy(
  request: Request,
  upstream: string,
  watch: (order: Order) => void,
): Promise<Response> {
  return proxyEventStream<Order>(request, upstream, {
    data: jsonData<Order>(),
    transform(event) {
      if (event.data === undefined) return event; // keep-alives, ids
      watch(event.data);
      const { card: _, ...order } = event.data;
      return { ...event, data: order };
    },
    onError: (error) => console.error("the shop is not well:", error),
  });
}

if (import.meta.main) {
  const quiet = { hostname: "127.0.0.1", onListen() {} };
  const origin = Deno.serve({ ...quiet, port: 0 }, shop);
  const upstream = `http://127.0.0.1:${origin.addr.port}/`;
  const front = Deno.serve(
    { ...quiet, port: 0 },
    (request) =>
      proxy(request, upstream, ({ item, card }) => {
        console.log(`the proxy sees   ${item}, paid with ${card}`);
      }),
  );

  const response = await fetch(`http://127.0.0.1:${front.addr.port}/`);
  const events = new EventStream(response, { data: jsonData<Order>() });
  for await (const { data } of events) {
    console.log(`the client sees  ${data?.item}, paid with ${data?.card}`);
  }
  await front.shutdown();
  await origin.shutdown();
}
