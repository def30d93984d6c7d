import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  EventBuildError,
  EventDecoderStream,
  EventEncoderStream,
  jsonData,
  type ServerSentEvent,
} from "../../mod.ts";
import { utf8 } from "../helpers/bytes.ts";
import { present } from "../helpers/events.ts";
import { collect, observedSource, streamOf } from "../helpers/streams.ts";

Deno.test("EventEncoderStream writes what EventDecoderStream reads, in the wire view", async () => {
  const events: ServerSentEvent[] = [
    { comments: ["hello"] },
    { event: "a", data: "1\n2", id: "x" },
    { id: "" },
    { retry: 10 },
  ];
  const read = await collect(
    streamOf(...events)
      .pipeThrough(new EventEncoderStream())
      .pipeThrough(new EventDecoderStream({ view: "wire" }))
      // One shape both ways: what was read can be written at once.
      .pipeThrough(new EventEncoderStream())
      .pipeThrough(new EventDecoderStream({ view: "wire" })),
  );
  assertEquals(
    read.map(({ lastEventId: _, ...event }) => present(event)),
    events,
  );
});

Deno.test("EventEncoderStream writes data with a codec", async () => {
  const bytes = streamOf({ data: [1] }, { data: [2] })
    .pipeThrough(new EventEncoderStream({ data: jsonData<number[]>() }));
  assertEquals(await new Response(bytes).text(), "data: [1]\n\ndata: [2]\n\n");
});

for (const view of ["dispatch", "wire"] as const) {
  Deno.test(`EventEncoderStream writes what was read of empty data with a codec, in the ${view} view`, async () => {
    const data = jsonData<number>();
    const text = "data: \n\ndata: 1\n\nevent: ping\nid: 7\ndata: \n\n";
    const bytes = streamOf(utf8(text))
      .pipeThrough(new EventDecoderStream({ data, view }))
      .pipeThrough(new EventEncoderStream({ data }));
    assertEquals(await new Response(bytes).text(), text);
  });
}

Deno.test("EventEncoderStream refuses what was read of no data, and has nothing left", async () => {
  const data = jsonData<number>();
  const bytes = streamOf(utf8(": hello\nretry: 5\n\n"))
    .pipeThrough(new EventDecoderStream({ data, view: "wire" }))
    .pipeThrough(
      new TransformStream<ServerSentEvent<number>, ServerSentEvent<number>>({
        transform({ comments: _, retry: __, ...event }, controller) {
          controller.enqueue(event);
        },
      }),
    )
    .pipeThrough(new EventEncoderStream({ data }));
  await assertRejects(() => new Response(bytes).text(), EventBuildError);
});

Deno.test("EventEncoderStream errors at an event that cannot be written, after those before it", async () => {
  const { stream, cancels, cancelled } = observedSource<ServerSentEvent>([
    { data: "1" },
    { id: "\n" },
    { data: "2" },
  ]);
  const reader = stream.pipeThrough(new EventEncoderStream()).getReader();
  const { value } = await reader.read();
  assertEquals(new TextDecoder().decode(value), "data: 1\n\n");
  const error = await assertRejects(() => reader.read(), EventBuildError);
  await cancelled;
  assertEquals(cancels, [error]);
});

Deno.test("EventEncoderStream cancels its source once when it is cancelled", async () => {
  const { stream, cancels } = observedSource([{ data: "1" }], "wait");
  const reader = stream.pipeThrough(new EventEncoderStream()).getReader();
  await reader.read();
  await reader.cancel("enough");
  assertEquals(cancels, ["enough"]);
});

Deno.test("EventEncoderStream passes on the error of its source", async () => {
  const error = new Error("source");
  const { stream } = observedSource([{ data: "1" }], { error });
  const reader = stream.pipeThrough(new EventEncoderStream()).getReader();
  await reader.read();
  assertEquals(await assertRejects(() => reader.read()), error);
});

/** The chunks of a stream of bytes, as text. */
async function chunksOf(
  bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<string[]> {
  return await collect(bytes.pipeThrough(new TextDecoderStream()));
}

Deno.test("EventEncoderStream joins events that are ready together", async () => {
  const events = Array.from({ length: 40 }, (_, n) => ({ data: `${n}` }));
  const chunks = await chunksOf(
    streamOf(...events).pipeThrough(new EventEncoderStream()),
  );
  const texts = events.map((it) => `data: ${it.data}\n\n`);
  assertEquals(chunks, [
    texts.slice(0, 32).join(""),
    texts.slice(32).join(""),
  ]);
});

Deno.test("EventEncoderStream joins events that come through other streams", async () => {
  async function* events() {
    for (const data of ["1", "2", "3"]) yield await Promise.resolve({ data });
  }
  const stream = ReadableStream.from(events())
    .pipeThrough(new TransformStream<ServerSentEvent, ServerSentEvent>())
    .pipeThrough(new EventEncoderStream());
  assertEquals(await chunksOf(stream), [
    "data: 1\n\ndata: 2\n\ndata: 3\n\n",
  ]);
});

Deno.test("EventEncoderStream hands out chunks of about 16 KiB, and each once it is wanted", async () => {
  const event = { data: "x".repeat(1000) };
  const { stream, pulls, cancels } = observedSource(
    Array.from({ length: 1000 }, () => event),
  );
  const reader = stream.pipeThrough(new EventEncoderStream()).getReader();
  for (let chunk = 1; chunk <= 5; chunk++) {
    const { value } = await reader.read();
    assertEquals(value?.length, 17 * 1008);
    // Each of the two sides of the pipe may hold an event.
    assert(pulls() <= 17 * chunk + 2, `${pulls()} events were asked for`);
  }
  await reader.cancel("enough");
  assertEquals(cancels, ["enough"]);
});

Deno.test("EventEncoderStream lets no event wait for one that is still to come", async () => {
  const encoder = new EventEncoderStream();
  const writer = encoder.writable.getWriter();
  const reader = encoder.readable.getReader();
  for (const data of ["1", "2", "3"]) {
    const written = writer.write({ data });
    const { value } = await reader.read();
    assertEquals(new TextDecoder().decode(value), `data: ${data}\n\n`);
    await written;
  }
  await Promise.all([writer.close(), reader.closed]);
});

for (
  const [how, end] of [
    ["before it ends", "close"],
    ["before the error of its source", { error: new Error("source") }],
  ] as const
) {
  Deno.test(`EventEncoderStream hands out what is ready ${how}`, async () => {
    const { stream } = observedSource([{ data: "1" }, { data: "2" }], end);
    const reader = stream.pipeThrough(new EventEncoderStream()).getReader();
    const { value } = await reader.read();
    const text = new TextDecoder().decode(value);
    assertEquals(text, "data: 1\n\ndata: 2\n\n");
    if (end === "close") assertEquals((await reader.read()).done, true);
    else assertEquals(await assertRejects(() => reader.read()), end.error);
  });
}

Deno.test("EventEncoderStream hands out what was written before it is aborted", async () => {
  const encoder = new EventEncoderStream();
  const writer = encoder.writable.getWriter();
  const reader = encoder.readable.getReader();
  const read = reader.read();
  await writer.write({ data: "1" });
  const reason = new Error("aborted");
  await writer.abort(reason);
  const { value } = await read;
  assertEquals(new TextDecoder().decode(value), "data: 1\n\n");
  assertEquals(await assertRejects(() => reader.read()), reason);
});

Deno.test("EventEncoderStream drops what is ready once its reader has left", async () => {
  const encoder = new EventEncoderStream();
  const writer = encoder.writable.getWriter();
  const reader = encoder.readable.getReader();
  const read = reader.read();
  await writer.write({ data: "1" });
  await reader.cancel("enough");
  assertEquals((await read).done, true);
  assertEquals(await writer.write({ data: "2" }).catch(String), "enough");
  assertEquals(await writer.closed.catch(String), "enough");
});

for (const length of [1, 20_000]) {
  Deno.test(`EventEncoderStream errors both sides if ${length} letters cannot be encoded`, async () => {
    const { encode } = TextEncoder.prototype;
    const error = new RangeError("no memory");
    TextEncoder.prototype.encode = () => {
      throw error;
    };
    try {
      const encoder = new EventEncoderStream();
      const writer = encoder.writable.getWriter();
      const reader = encoder.readable.getReader();
      const read = reader.read();
      writer.write({ data: "x".repeat(length) });
      assertEquals(await assertRejects(() => read), error);
      assertEquals(await assertRejects(() => writer.closed), error);
    } finally {
      TextEncoder.prototype.encode = encode;
    }
  });
}

Deno.test("EventEncoderStream rejects a write that waits when it is aborted", async () => {
  const encoder = new EventEncoderStream();
  const writer = encoder.writable.getWriter();
  const written = writer.write({ data: "1" });
  const reason = new Error("aborted");
  await Promise.all([
    assertRejects(() => written, Error, "aborted"),
    writer.abort(reason),
  ]);
  const reader = encoder.readable.getReader();
  assertEquals(await assertRejects(() => reader.read()), reason);
});
