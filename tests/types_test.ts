import { assertEquals } from "@std/assert";
import {
  dataByEvent,
  encodeEvent,
  type EventDataCodec,
  type EventDataRead,
  EventDecoderStream,
  EventEncoderStream,
  EventParser,
  EventStream,
  formatEvent,
  jsonData,
  lineData,
  type ServerSentEvent,
  stringData,
} from "../mod.ts";
import { fetchEventStream } from "../client.ts";
import { eventStreamResponse } from "../server.ts";
import * as z from "zod";

/** Fails to compile unless both are the same type. */
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

function assertType<T extends true>(_?: T): void {}

interface Order {
  readonly amount: number;
}

Deno.test("types: the event is text unless a codec says otherwise", () => {
  const parser = new EventParser();
  assertType<Equal<typeof parser, EventParser<string, ServerSentEvent>>>();
  const wire = new EventParser({ view: "wire" });
  assertType<Equal<typeof wire, EventParser<string, ServerSentEvent>>>();
  const orders = new EventParser({ data: jsonData<Order>() });
  assertType<
    Equal<typeof orders, EventParser<Order, ServerSentEvent<Order>>>
  >();
  const lines = new EventDecoderStream({ data: lineData });
  assertType<
    Equal<typeof lines.readable, ReadableStream<ServerSentEvent<string[]>>>
  >();
  const stream = new EventStream(new Response(""), { data: jsonData<Order>() });
  assertType<
    Equal<typeof stream, EventStream<Order, ServerSentEvent<Order>>>
  >();
});

Deno.test("types: a schema gives the type", () => {
  const codec = jsonData({ schema: z.object({ amount: z.number() }) });
  assertType<Equal<typeof codec, EventDataCodec<{ amount: number }>>>();
});

Deno.test("types: dataByEvent narrows the data by the type of the event", () => {
  const data = dataByEvent({ order: jsonData<Order>(), tick: stringData });
  const parser = new EventParser({ data });
  const seen: unknown[] = [];
  const chunk = new TextEncoder().encode(
    'event: order\ndata: {"amount":2}\n\nevent: tick\ndata: x\n\n',
  );
  for (const event of parser.feed(chunk)) {
    switch (event.event) {
      case "order":
        assertType<Equal<typeof event.data, Order | undefined>>();
        seen.push(event.data?.amount);
        break;
      case "tick":
        assertType<Equal<typeof event.data, string | undefined>>();
        seen.push(event.data?.length);
        break;
      default:
        event satisfies never;
    }
  }
  assertEquals(seen, [2, 1]);

  const decoder = new EventDecoderStream({ data });
  type Decoded = typeof decoder.readable extends ReadableStream<infer E> ? E
    : never;
  assertType<Equal<Decoded["event"], "order" | "tick">>();
});

Deno.test("types: dataByEvent takes message for an absent type", () => {
  const parser = new EventParser({
    data: dataByEvent({ message: stringData, order: jsonData<Order>() }),
  });
  for (const event of parser.feed(new Uint8Array())) {
    switch (event.event) {
      case undefined:
      case "message":
        assertType<Equal<typeof event.data, string | undefined>>();
        break;
      default:
        assertType<Equal<typeof event.data, Order | undefined>>();
    }
  }
});

Deno.test("types: dataByEvent with a fallback narrows to both", () => {
  const parser = new EventParser({
    data: dataByEvent({ order: jsonData<Order>(), tick: stringData }, lineData),
  });
  for (const event of parser.feed(new Uint8Array())) {
    if (event.event === "order") {
      assertType<Equal<typeof event.data, Order | string[] | undefined>>();
    }
  }
});

Deno.test("types: an event of a union is an event of its data", () => {
  const data = dataByEvent({ order: jsonData<Order>(), tick: stringData });
  const read: EventDataRead<Order | string> = data;
  const parser = new EventParser({ data: read });
  assertType<
    Equal<
      typeof parser,
      EventParser<Order | string, ServerSentEvent<Order | string>>
    >
  >();
});

Deno.test("types: data that is not text needs a codec", () => {
  const order: ServerSentEvent<Order> = { data: { amount: 1 } };
  const data = jsonData<Order>();
  // @ts-expect-error: no codec
  const unwritten = [() => formatEvent(order), () => encodeEvent(order)];
  // @ts-expect-error: no codec
  const response = () => eventStreamResponse([order]);
  // @ts-expect-error: the codec of something else
  const other = () => formatEvent(order, { data: lineData });
  assertEquals([...unwritten, response, other].length, 4);
  assertEquals(formatEvent(order, { data }), 'data: {"amount":1}\n\n');
});

Deno.test("types: what was read can be written", () => {
  const data = jsonData<Order>();
  new EventDecoderStream({ data }) satisfies TransformStream<
    Uint8Array,
    ServerSentEvent<Order>
  >;
  new EventEncoderStream({ data }) satisfies TransformStream<
    ServerSentEvent<Order>,
    Uint8Array
  >;
  const decoder = new EventDecoderStream({ data });
  const bytes = decoder.readable.pipeThrough(new EventEncoderStream({ data }));
  assertType<Equal<typeof bytes, ReadableStream<Uint8Array<ArrayBuffer>>>>();
  const encoded = encodeEvent({ data: "x" });
  assertType<Equal<typeof encoded, Uint8Array<ArrayBuffer>>>();
});

Deno.test("types: fetchEventStream takes the codec from its init", () => {
  const request = () =>
    fetchEventStream("https://example.com", { data: jsonData<Order>() });
  assertType<
    Equal<
      Awaited<ReturnType<typeof request>>,
      EventStream<Order, ServerSentEvent<Order>>
    >
  >();
});

Deno.test("types: events are readonly", () => {
  const [event] = new EventParser().feed(encodeEvent({ data: "x" }));
  // @ts-expect-error: readonly
  event.data = "y";
  assertEquals(event.data, "y");
});
