import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  eventStreamResponse,
  type EventStreamResponseOptions,
  type KeepAlive,
  type ServerSentEvent,
} from "../../server.ts";
import { textReader } from "../helpers/bodies.ts";
import { fakeClock } from "../helpers/clock.ts";
import { isPending, settle } from "../helpers/settle.ts";

/** A response whose events are given by hand, its opening read. */
async function open(keepAlive?: KeepAlive | false) {
  let source: ReadableStreamDefaultController<ServerSentEvent>;
  const stream = new ReadableStream<ServerSentEvent>({
    start(controller) {
      source = controller;
    },
  });
  const body = textReader(eventStreamResponse(stream, { keepAlive }));
  await body.read();
  return { body, source: source! };
}

Deno.test("eventStreamResponse sends a comment after each 8000 ms without traffic", async () => {
  using clock = fakeClock();
  const { body } = await open();
  for (let n = 0; n < 3; n++) {
    const read = body.read();
    await clock.tick(7999);
    assert(await isPending(read));
    await clock.tick(1);
    assertEquals(await read, ": \n\n");
  }
  await body.cancel();
});

for (const interval of [1, 250, 2 ** 31 - 1]) {
  Deno.test(`eventStreamResponse sends a comment after an interval of ${interval} ms`, async () => {
    using clock = fakeClock();
    const { body } = await open({ interval });
    const read = body.read();
    await clock.tick(interval - 1);
    assert(await isPending(read));
    await clock.tick(1);
    assertEquals(await read, ": \n\n");
    await body.cancel();
  });
}

for (
  const [interval, announced] of [[1000.5, 1001], [1.3, 2], [2, 2]]
) {
  Deno.test(`eventStreamResponse announces an interval of ${interval} ms as ${announced}`, async () => {
    const response = eventStreamResponse([], { keepAlive: { interval } });
    assertEquals(await response.text(), `: keep-alive ${announced}\n\n`);
  });
}

for (const keepAlive of [50, null, true, "8 s"]) {
  Deno.test(`eventStreamResponse refuses a keepAlive of ${Deno.inspect(keepAlive)}`, () => {
    const options: EventStreamResponseOptions = JSON.parse(
      JSON.stringify({ keepAlive }),
    );
    assertThrows(
      () => eventStreamResponse([], options),
      TypeError,
      "keepAlive must be an object or false, got",
    );
  });
}

Deno.test("eventStreamResponse begins to wait anew at each event", async () => {
  using clock = fakeClock();
  const { body, source } = await open();
  for (const data of ["a", "b", "c"]) {
    const read = body.read();
    await clock.tick(5000);
    source.enqueue({ data });
    assertEquals(await read, `data: ${data}\n\n`);
  }
  const read = body.read();
  await clock.tick(7999);
  assert(await isPending(read));
  await clock.tick(1);
  assertEquals(await read, ": \n\n");
  await body.cancel();
});

Deno.test("eventStreamResponse sends events between keep-alives", async () => {
  using clock = fakeClock();
  const { body, source } = await open();
  for (const data of ["a", "b"]) {
    const keepAlive = body.read();
    await clock.tick(8000);
    assertEquals(await keepAlive, ": \n\n");
    const event = body.read();
    source.enqueue({ data });
    assertEquals(await event, `data: ${data}\n\n`);
  }
  await body.cancel();
});

Deno.test("eventStreamResponse sends the comment that it is given to keep alive", async () => {
  using clock = fakeClock();
  const { body } = await open({ comment: "still here" });
  const read = body.read();
  await clock.tick(8000);
  assertEquals(await read, ": still here\n\n");
  await body.cancel();
});

Deno.test("eventStreamResponse sends the event that it is given to keep alive", async () => {
  using clock = fakeClock();
  const { body } = await open({ event: { event: "ping", data: "a\nb" } });
  const read = body.read();
  await clock.tick(8000);
  assertEquals(await read, "event: ping\ndata: a\ndata: b\n\n");
  await body.cancel();
});

Deno.test("eventStreamResponse runs no timer if keepAlive is false", async () => {
  using clock = fakeClock();
  const { body, source } = await open(false);
  const read = body.read();
  await settle();
  assertEquals(clock.timers, 0);
  await clock.tick(80_000);
  assert(await isPending(read));
  source.enqueue({ data: "a" });
  assertEquals(await read, "data: a\n\n");
  await body.cancel();
});

Deno.test("eventStreamResponse runs a timer while its reader waits for the first event", async () => {
  using clock = fakeClock();
  const { body } = await open();
  const read = body.read();
  await settle();
  assertEquals(clock.timers, 1);
  await body.cancel();
  assertEquals(await read, undefined);
  assertEquals(clock.timers, 0);
});

Deno.test("eventStreamResponse sends no keep-alive behind an opening that is not read", async () => {
  using clock = fakeClock();
  const source = new ReadableStream<ServerSentEvent>({});
  const body = textReader(eventStreamResponse(source));
  await clock.tick(80_000);
  assertEquals(await body.read(), ": keep-alive 8000\n\n");
  const read = body.read();
  assert(await isPending(read));
  await body.cancel();
});

Deno.test("eventStreamResponse does not pile up keep-alives for a reader that does not read", async () => {
  using clock = fakeClock();
  const { body, source } = await open();
  const read = body.read();
  await clock.tick(8000);
  assertEquals(await read, ": \n\n");
  await clock.tick(80_000);
  source.enqueue({ data: "a" });
  source.close();
  assertEquals(await body.rest(), "data: a\n\n");
});

Deno.test("eventStreamResponse sends no keep-alive behind an event that is not read", async () => {
  using clock = fakeClock();
  const { body, source } = await open();
  const read = body.read();
  await clock.tick(8000);
  assertEquals(await read, ": \n\n");
  // Asked for before the keep-alive, this one waits for the reader.
  source.enqueue({ data: "a" });
  await clock.tick(80_000);
  assertEquals(await body.read(), "data: a\n\n");
  source.close();
  assertEquals(await body.read(), undefined);
});

Deno.test("eventStreamResponse keeps a reader alive that comes back", async () => {
  using clock = fakeClock();
  const { body } = await open();
  const first = body.read();
  await clock.tick(8000);
  assertEquals(await first, ": \n\n");
  await clock.tick(12_000);
  const second = body.read();
  await clock.tick(8000);
  assertEquals(await second, ": \n\n");
  await body.cancel();
});

Deno.test("eventStreamResponse waits no longer for a system time that was set back", async () => {
  using clock = fakeClock();
  const { body } = await open();
  const read = body.read();
  await clock.tick(4000);
  clock.setSystemTime(Date.now() - 3_600_000);
  // What it had waited before may be lost, but no more than that.
  await clock.tick(16_000);
  assert(!await isPending(read));
  await body.cancel();
});
