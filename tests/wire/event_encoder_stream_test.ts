import { assertEquals, assertRejects } from "@std/assert";
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
