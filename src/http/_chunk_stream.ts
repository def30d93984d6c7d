import type { ChunkSource } from "../wire/_chunk_source.ts";

/** The chunks of a source as a stream, which reads no more than is asked for. */
export function chunkStream(chunks: ChunkSource): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const result = await chunks.read();
      if (result.done) controller.close();
      else controller.enqueue(result.value);
    },
    cancel: (reason) => chunks.cancel(reason),
  }, { highWaterMark: 0 });
}
