import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  EventBuildError,
  type KeepAlive,
  KeepAliveStream,
  type ServerSentEvent,
} from "../../server.ts";
import { fakeClock } from "../helpers/clock.ts";
import { isPending, settle } from "../helpers/settle.ts";
import { collect, observedSource, streamOf } from "../helpers/streams.ts";

const ANNOUNCEMENT = { comments: ["keep-alive 8000"] };
const KEEP_ALIVE = { comments: [""] };

/** The two sides of a stream, and a reader that is past its announcement. */
async function open(options?: KeepAlive) {
  const { readable, writable } = new KeepAliveStream(options);
  const reader = readable.getReader();
  await reader.read();
  return { reader, writer: writable.getWriter() };
}

Deno.test("KeepAliveStream announces its interval before anything is written", async () => {
  using _clock = fakeClock();
  const { readable, writable } = new KeepAliveStream();
  const reader = readable.getReader();
  assertEquals((await reader.read()).value, ANNOUNCEMENT);
  await writable.abort();
});

Deno.test("KeepAliveStream announces an interval of its own", async () => {
  using _clock = fakeClock();
  const { readable } = new KeepAliveStream({ interval: 250 });
  const reader = readable.getReader();
  assertEquals((await reader.read()).value, { comments: ["keep-alive 250"] });
  await reader.cancel();
});

Deno.test("KeepAliveStream announces itself before the events, which it passes in order", async () => {
  using _clock = fakeClock();
  const events = [{ data: "a" }, { id: "2", data: "b" }, { comments: ["c"] }];
  const kept = streamOf<ServerSentEvent>(...events)
    .pipeThrough(new KeepAliveStream());
  assertEquals(await collect(kept), [ANNOUNCEMENT, ...events]);
});

Deno.test("KeepAliveStream announces itself to a stream without events", async () => {
  using _clock = fakeClock();
  const kept = streamOf<ServerSentEvent>().pipeThrough(new KeepAliveStream());
  assertEquals(await collect(kept), [ANNOUNCEMENT]);
});

Deno.test("KeepAliveStream sends a comment after each interval without an event", async () => {
  using clock = fakeClock();
  const { reader } = await open();
  for (let n = 0; n < 3; n++) {
    const read = reader.read();
    await clock.tick(7999);
    assert(await isPending(read));
    await clock.tick(1);
    assertEquals((await read).value, KEEP_ALIVE);
  }
  await reader.cancel();
});

Deno.test("KeepAliveStream begins to wait anew at each event", async () => {
  using clock = fakeClock();
  const { reader, writer } = await open();
  for (const data of ["a", "b", "c"]) {
    const read = reader.read();
    await clock.tick(5000);
    await writer.write({ data });
    assertEquals((await read).value, { data });
  }
  const read = reader.read();
  await clock.tick(7999);
  assert(await isPending(read));
  await clock.tick(1);
  assertEquals((await read).value, KEEP_ALIVE);
  await reader.cancel();
});

Deno.test("KeepAliveStream sends the comment that it is given", async () => {
  using clock = fakeClock();
  const { reader } = await open({ interval: 100, comment: "still here" });
  const read = reader.read();
  await clock.tick(100);
  assertEquals((await read).value, { comments: ["still here"] });
  await reader.cancel();
});

Deno.test("KeepAliveStream sends the event that it is given", async () => {
  using clock = fakeClock();
  const event = { event: "ping", data: "now" };
  const { reader } = await open({ event });
  const read = reader.read();
  await clock.tick(8000);
  assertEquals((await read).value, event);
  await reader.cancel();
});

Deno.test("KeepAliveStream waits no longer for a system time that was set back", async () => {
  using clock = fakeClock();
  const { reader } = await open();
  const read = reader.read();
  await clock.tick(4000);
  clock.setSystemTime(Date.now() - 3_600_000);
  // What it had waited before may be lost, but no more than that.
  await clock.tick(16_000);
  assert(!await isPending(read));
  await reader.cancel();
});

Deno.test("KeepAliveStream does not pile up keep-alives for a reader that does not read", async () => {
  using clock = fakeClock();
  const { reader, writer } = await open();
  await clock.tick(80_000);
  await writer.close();
  assertEquals(await reader.read(), { done: true, value: undefined });
});

Deno.test("KeepAliveStream does not pile up keep-alives for a reader that was never there", async () => {
  using clock = fakeClock();
  const { readable } = new KeepAliveStream();
  await clock.tick(80_000);
  const reader = readable.getReader();
  assertEquals((await reader.read()).value, ANNOUNCEMENT);
  const read = reader.read();
  assert(await isPending(read));
  await reader.cancel();
});

Deno.test("KeepAliveStream sends no keep-alive behind an event that is not read yet", async () => {
  using clock = fakeClock();
  const { reader, writer } = await open();
  const write = writer.write({ data: "a" });
  await clock.tick(80_000);
  assertEquals((await reader.read()).value, { data: "a" });
  await write;
  const read = reader.read();
  await writer.write({ data: "b" });
  assertEquals((await read).value, { data: "b" });
  await reader.cancel();
});

Deno.test("KeepAliveStream keeps a reader alive that comes back", async () => {
  using clock = fakeClock();
  const { reader } = await open();
  await clock.tick(12_000);
  const read = reader.read();
  await clock.tick(8000);
  assertEquals((await read).value, KEEP_ALIVE);
  await reader.cancel();
});

Deno.test("KeepAliveStream takes no event that nobody has asked for", async () => {
  using _clock = fakeClock();
  const { reader, writer } = await open();
  const first = writer.write({ data: "a" });
  assert(await isPending(first));
  assertEquals((await reader.read()).value, { data: "a" });
  await first;
  const second = writer.write({ data: "b" });
  assert(await isPending(second));
  // As a TransformStream does, so that nobody takes it for sent.
  const rejected = second.catch((reason) => reason);
  await reader.cancel("enough");
  assertEquals(await rejected, "enough");
});

for (const id of ["1", ""]) {
  Deno.test(`KeepAliveStream refuses an event with the id "${id}"`, () => {
    const error = assertThrows(
      () => new KeepAliveStream({ event: { data: "a", id } }),
      EventBuildError,
    );
    assertEquals(error.field, "id");
    assertEquals(error.value, id);
  });
}

// Its encoder would refuse it too, but only at the first silence.
for (const comment of ["a\nb", "a\rb", "\ud800"]) {
  Deno.test(`KeepAliveStream refuses the comment ${JSON.stringify(comment)}`, () => {
    const error = assertThrows(
      () => new KeepAliveStream({ comment }),
      EventBuildError,
    );
    assertEquals(error.field, "comments");
  });
}

for (
  const interval of [0, 0.5, -1, NaN, Infinity, -Infinity, 2 ** 31, 2 ** 53]
) {
  Deno.test(`KeepAliveStream refuses an interval of ${interval} ms`, () => {
    const error = assertThrows(
      () => new KeepAliveStream({ interval }),
      RangeError,
    );
    assert(error.message.endsWith(`got ${interval}`), error.message);
  });
}

for (const interval of [1, 2 ** 31 - 1]) {
  Deno.test(`KeepAliveStream waits for an interval of ${interval} ms`, async () => {
    using clock = fakeClock();
    const { reader } = await open({ interval });
    const read = reader.read();
    await clock.tick(interval - 1);
    assert(await isPending(read));
    await clock.tick(1);
    assertEquals((await read).value, KEEP_ALIVE);
    await reader.cancel();
  });
}

Deno.test("KeepAliveStream runs no timer before it is read", () => {
  using clock = fakeClock();
  new KeepAliveStream();
  assertEquals(clock.timers, 0);
});

Deno.test("KeepAliveStream clears its timer when it is closed", async () => {
  using clock = fakeClock();
  const { reader, writer } = await open();
  assertEquals(clock.timers, 1);
  await writer.close();
  assertEquals(clock.timers, 0);
  assertEquals((await reader.read()).done, true);
});

Deno.test("KeepAliveStream clears its timer when it is cancelled", async () => {
  using clock = fakeClock();
  const { reader } = await open();
  assertEquals(clock.timers, 1);
  await reader.cancel();
  assertEquals(clock.timers, 0);
});

Deno.test("KeepAliveStream clears its timer when it is aborted", async () => {
  using clock = fakeClock();
  const { reader, writer } = await open();
  assertEquals(clock.timers, 1);
  const reason = new Error("aborted");
  await writer.abort(reason);
  assertEquals(clock.timers, 0);
  assertEquals(await assertRejects(() => reader.read()), reason);
});

Deno.test("KeepAliveStream clears its timer when it is aborted while a write waits", async () => {
  using clock = fakeClock();
  const { reader, writer } = await open();
  const write = writer.write({ data: "a" });
  await settle();
  const reason = new Error("aborted");
  await writer.abort(reason);
  await Promise.allSettled([write]);
  assertEquals(clock.timers, 0);
  assertEquals(await assertRejects(() => reader.read()), reason);
});

Deno.test("KeepAliveStream clears its timer when its source errors", async () => {
  using clock = fakeClock();
  const failure = new Error("source");
  const { stream } = observedSource<ServerSentEvent>([], { error: failure });
  const reader = stream.pipeThrough(new KeepAliveStream()).getReader();
  const error = await assertRejects(async () => {
    while (!(await reader.read()).done);
  });
  assertEquals(error, failure);
  assertEquals(clock.timers, 0);
});

Deno.test("KeepAliveStream clears its timer when the pipe to it is aborted", async () => {
  using clock = fakeClock();
  const { stream, cancels } = observedSource<ServerSentEvent>([], "wait");
  const controller = new AbortController();
  const { signal } = controller;
  const reader = stream.pipeThrough(new KeepAliveStream(), { signal })
    .getReader();
  await reader.read();
  assertEquals(clock.timers, 1);
  const reason = new Error("pipe");
  controller.abort(reason);
  assertEquals(await assertRejects(() => reader.read()), reason);
  assertEquals(clock.timers, 0);
  assertEquals(cancels, [reason]);
});

Deno.test("KeepAliveStream cancels its source once, with the reason", async () => {
  using _clock = fakeClock();
  const { stream, cancels } = observedSource<ServerSentEvent>(
    [{ data: "a" }],
    "wait",
  );
  const reader = stream.pipeThrough(new KeepAliveStream()).getReader();
  await reader.read();
  await reader.cancel("left");
  await settle();
  assertEquals(cancels, ["left"]);
});

Deno.test("KeepAliveStream lets go of a write that waits when it is cancelled", async () => {
  using _clock = fakeClock();
  const { reader, writer } = await open();
  const write = writer.write({ data: "a" });
  await settle();
  await reader.cancel(new Error("left"));
  await Promise.allSettled([write]);
  assertEquals(
    (await assertRejects(() => writer.closed, Error)).message,
    "left",
  );
});

for (const count of [1, 2, 3]) {
  Deno.test(`KeepAliveStream errors when the events before the error were read, ${count} of them`, async () => {
    using _clock = fakeClock();
    const failure = new Error("source");
    const events = [{ data: "a" }, { data: "b" }, { data: "c" }]
      .slice(0, count);
    const { stream } = observedSource<ServerSentEvent>(events, {
      error: failure,
    });
    const reader = stream.pipeThrough(new KeepAliveStream()).getReader();
    for (const expected of [ANNOUNCEMENT, ...events]) {
      // A reader that takes its time: an error that could be early would be by now.
      await settle();
      assertEquals((await reader.read()).value, expected);
    }
    await settle();
    assertEquals(await assertRejects(() => reader.read()), failure);
  });
}

Deno.test("KeepAliveStream takes no event for a reader that has read its announcement only", async () => {
  using _clock = fakeClock();
  const { readable, writable } = new KeepAliveStream();
  const write = writable.getWriter().write({ data: "a" });
  await settle();
  const reader = readable.getReader();
  assertEquals((await reader.read()).value, ANNOUNCEMENT);
  assert(await isPending(write));
  assertEquals((await reader.read()).value, { data: "a" });
  await write;
  await reader.cancel();
});
