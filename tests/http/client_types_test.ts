import { assertEquals } from "@std/assert";
import {
  connect,
  type ConnectOptions,
  type EventConnection,
  EventSource,
  type EventSourceErrorEvent,
  type EventSourceHandler,
} from "../../client.ts";
import {
  dataByEvent,
  jsonData,
  lineData,
  type ServerSentEvent,
  stringData,
} from "../../mod.ts";
import { eventStream, fakeFetch } from "../helpers/fake_fetch.ts";

/** Fails to compile unless both are the same type. */
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

function assertType<T extends true>(_?: T): void {}

const URL_ = "http://localhost/events";

interface Order {
  readonly amount: number;
}

Deno.test("types: connect gives text unless a codec says otherwise", () => {
  const events = connect(URL_);
  assertType<Equal<typeof events, EventConnection<ServerSentEvent>>>();
  const orders = connect(URL_, { data: jsonData<Order>() });
  assertType<Equal<typeof orders, EventConnection<ServerSentEvent<Order>>>>();
  const lines = connect(URL_, { data: lineData });
  assertType<Equal<typeof lines, EventConnection<ServerSentEvent<string[]>>>>();
});

Deno.test("types: connect narrows the data by the type of the event", async () => {
  const { fetch } = fakeFetch(
    eventStream('event: order\ndata: {"amount":2}\n\nevent: tick\ndata: x\n\n'),
  );
  const data = dataByEvent({ order: jsonData<Order>(), tick: stringData });
  const seen: unknown[] = [];
  for await (
    const event of connect(URL_, { fetch, data, reconnect: "never" })
  ) {
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
});

Deno.test("types: connect asks until with the raw text, whatever the codec is", () => {
  connect(URL_, {
    data: jsonData<Order>(),
    until(event) {
      assertType<Equal<typeof event, ServerSentEvent>>();
      return event.data === "[DONE]";
    },
  });
});

Deno.test("types: connect takes what fetch takes, and undefined for each option", () => {
  const options: ConnectOptions = {
    method: "POST",
    credentials: "include",
    redirect: "error",
    body: "question",
    headers: undefined,
    signal: undefined,
    fetch: undefined,
    reconnect: undefined,
    idleTimeout: undefined,
    onResponse: () => {},
  };
  connect(URL_, options);
  // Compiled, not called.
  void (() => {
    // @ts-expect-error an answer is one of two words
    connect(URL_, { onResponse: () => "again" });
    // @ts-expect-error a mode is one of three words
    connect(URL_, { reconnect: "sometimes" });
  });
});

Deno.test("types: EventSource knows the events of its listeners", () => {
  const source = new EventSource(URL_, { fetch: fakeFetch().fetch });
  source.close();
  source.addEventListener("open", (event) => {
    assertType<Equal<typeof event, Event>>();
  });
  source.addEventListener("message", (event) => {
    assertType<Equal<typeof event, MessageEvent>>();
  });
  source.addEventListener("error", (event) => {
    assertType<Equal<typeof event, EventSourceErrorEvent>>();
  });
  source.addEventListener("tick", (event) => {
    assertType<Equal<typeof event, MessageEvent>>();
  });
  source.addEventListener("tick", { handleEvent() {} });
  source.addEventListener("tick", null);
  assertType<Equal<typeof source.readyState, 0 | 1 | 2>>();
  assertType<
    Equal<typeof source.onmessage, EventSourceHandler<MessageEvent>>
  >();
  assertType<Equal<typeof EventSource.CLOSED, 2>>();
});
