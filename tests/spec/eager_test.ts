import { assertEquals } from "@std/assert";
import { EventDecoderStream, EventParser, EventStream } from "../../mod.ts";
import eager from "../vectors/eager_sample.json" with { type: "json" };

const vectors = [...eager.vectors, {
  // HTML 9.2.5: a CR is a line end by itself, whatever comes next.
  name: "a CR at the end of a chunk ends the blank line at once",
  steps: [
    { push_base64: btoa("data:x\r\n"), surfaced: [] },
    { push_base64: btoa("\r"), surfaced: ["x"] },
    { push_base64: btoa("\ndata:y\r\r"), surfaced: ["x", "y"] },
  ],
}];

for (const { name, steps } of vectors) {
  const chunks = steps.map((step) => Uint8Array.fromBase64(step.push_base64));
  // One of them is allowed to wait for the LF of a CR LF; none of ours does.
  const late = name === "crlf-bytewise-end";
  const surfaced = steps.map((step, i) =>
    late && i === 1 ? ["x"] : step.surfaced
  );

  Deno.test(`EventParser hands out events with the chunk that completes them: ${name}`, () => {
    const parser = new EventParser();
    const seen: unknown[] = [];
    for (const [i, chunk] of chunks.entries()) {
      seen.push(...parser.feed(chunk).map((event) => event.data));
      assertEquals(seen, surfaced[i]);
    }
  });

  for (
    const [way, pipe] of [
      [
        "EventDecoderStream",
        (bytes: ReadableStream<Uint8Array>) =>
          bytes.pipeThrough(new EventDecoderStream()),
      ],
      [
        "EventStream",
        (bytes: ReadableStream<Uint8Array>) =>
          new EventStream(bytes).toReadableStream(),
      ],
    ] as const
  ) {
    Deno.test(`${way} hands out events with the chunk that completes them: ${name}`, async () => {
      const { readable, writable } = new TransformStream<
        Uint8Array,
        Uint8Array
      >();
      const writer = writable.getWriter();
      const reader = pipe(readable).getReader();
      const seen: unknown[] = [];
      const writes: Promise<void>[] = [];
      for (const [i, chunk] of chunks.entries()) {
        writes.push(writer.write(chunk));
        // No more chunk is on its way: what is expected now must come by itself.
        while (seen.length < surfaced[i].length) {
          seen.push((await reader.read()).value?.data);
        }
        assertEquals(seen, surfaced[i]);
      }
      await reader.cancel();
      await Promise.allSettled(writes);
    });
  }
}
