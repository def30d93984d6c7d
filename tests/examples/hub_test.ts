import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type EventStream, fetchEventStream } from "../../client.ts";
import { createBoard, type Message } from "../../examples/hub.ts";
import {
  createProxy,
  createServer,
  type Tick,
} from "../../examples/hub_redis.ts";
import { jsonData } from "../../mod.ts";
import { memoryEventLog } from "../../server.ts";
import { command, Run } from "../helpers/run.ts";
import { serve } from "../helpers/server.ts";

function open(
  handler: (request: Request) => Response | Promise<Response>,
  url: string,
  lastEventId?: string,
): Promise<EventStream<Message>> {
  return fetchEventStream(url, {
    data: jsonData<Message>(),
    lastEventId,
    fetch: async (input, init) => await handler(new Request(input, init)),
  });
}

function post(channel: unknown, text: unknown): Request {
  return new Request("http://localhost/messages", {
    method: "POST",
    body: JSON.stringify({ channel, text }),
  });
}

Deno.test("examples/hub.ts gives a message to those who listen to its channel", async () => {
  const { handler, stop } = createBoard();
  const events = "http://localhost/events";
  const all = await open(handler, `${events}?channel=berths&channel=pilots`);
  const one = await open(handler, `${events}?channel=pilots`);
  const none = await open(handler, events);
  const messages = [
    { channel: "berths", text: "Berth 4 is free" },
    { channel: "pilots", text: "<b>On my way</b>" },
  ];
  for (const { channel, text } of messages) {
    assertEquals((await handler(post(channel, text))).status, 204);
  }
  await stop();
  const told = await Array.fromAsync(all);
  assertEquals(told.map(({ data }) => data), messages);
  assertEquals(await Array.fromAsync(one, ({ data }) => data), [messages[1]]);
  assertEquals(await Array.fromAsync(none), []);
});

for (const place of ["header", "address"] as const) {
  Deno.test(`examples/hub.ts goes on behind the last event ID in the ${place}`, async () => {
    const { handler, stop } = createBoard();
    const events = "http://localhost/events?channel=weather";
    const before = await open(handler, events);
    for (const text of ["a", "b", "c"]) await handler(post("weather", text));
    const reading = before[Symbol.asyncIterator]();
    const id = (await reading.next()).value?.id ?? "";
    await before.cancel();
    const after = place === "header"
      ? await open(handler, events, id)
      : await open(handler, `${events}&last=${id}`);
    const resumed = after[Symbol.asyncIterator]();
    assertEquals((await resumed.next()).value?.data?.text, "b");
    assertEquals((await resumed.next()).value?.data?.text, "c");
    await stop();
    assertEquals((await resumed.next()).done, true);
    // Not at once, and not all together.
    const retry = after.reconnectionTime ?? 0;
    assertEquals(retry >= 1000 && retry < 3000, true, `${retry}`);
  });
}

for (
  const [channel, text] of [
    ["none", "a"],
    ["berths", ""],
    ["berths", 1],
    [undefined, "a"],
    ["berths", "x".repeat(501)],
  ]
) {
  Deno.test(`examples/hub.ts refuses ${String(text).slice(0, 9)} for ${channel}`, async () => {
    const { handler, stop } = createBoard();
    assertEquals((await handler(post(channel, text))).status, 400);
    await stop();
  });
}

Deno.test("examples/hub.ts has a page, and nothing elsewhere", async () => {
  const { handler, stop } = createBoard();
  const page = await handler(new Request("http://localhost/"));
  assertEquals(page.headers.get("content-type"), "text/html; charset=utf-8");
  assertStringIncludes(await page.text(), 'new EventSource("/events?"');
  const nothing = await handler(new Request("http://localhost/messages"));
  assertEquals(nothing.status, 404);
  await stop();
});

Deno.test("examples/hub.ts runs by its first line, and ends on Ctrl-C", async () => {
  await using run = new Run(...await command("hub.ts"));
  const address = await run.until(/http:\/\/127\.0\.0\.1:\d+\//);
  await using events = await fetchEventStream(
    `${address}events?channel=berths`,
  );
  run.interrupt();
  assertEquals(await Array.fromAsync(events), []);
  const { code, stderr } = await run.end();
  assertEquals(code, 0);
  assertMatch(stderr, /^Listening on \S+\n$/);
});

Deno.test("examples/hub_redis.ts says who feeds a page, and what both servers say", async () => {
  const log = memoryEventLog();
  const server = createServer("A", log);
  const response = server.handler(new Request("http://localhost/events"));
  await server.tick();
  await server.tick();
  await server.stop();
  const text = await response.text();
  assertMatch(
    text,
    /^event: server\nretry: 500\ndata: A\n\n: keep-alive 8000\n/,
  );
  const ticks = [...text.matchAll(/^data: (\{.*\})$/gm)].map(([, data]) => {
    const { server, number }: Tick = JSON.parse(data);
    return [server, number];
  });
  assertEquals(ticks, [["A", 1], ["A", 2]]);
});

Deno.test("examples/hub_redis.ts goes on with the server that answers", async () => {
  const log = memoryEventLog();
  const server = createServer("B", log);
  const gone = serve(() => new Response());
  await gone[Symbol.asyncDispose]();
  await using upstream = serve(server.handler);
  const ports = [gone.port, upstream.port];
  const killed: string[] = [];
  const proxy = createProxy(() => ports, (name) => killed.push(name));
  const ask = (path: string, method = "GET") =>
    proxy(new Request(`http://localhost${path}`, { method }));

  await using events = await fetchEventStream("http://localhost/events", {
    fetch: (input, init) => proxy(new Request(input, init)),
  });
  const reading = events[Symbol.asyncIterator]();
  const { value } = await reading.next();
  assertEquals([value?.event, value?.data], ["server", "B"]);
  await server.stop();
  await reading.next();

  assertEquals((await ask("/kill?server=B", "POST")).status, 204);
  assertEquals(killed, ["B"]);
  assertEquals((await ask("/kill?server=B")).status, 404);
  assertStringIncludes(await (await ask("/")).text(), 'EventSource("/events")');
  ports.length = 0;
  // So that the browser comes back, where a status would have it give up.
  assertEquals(await (await ask("/events")).text(), "retry: 500\n\n");
});
