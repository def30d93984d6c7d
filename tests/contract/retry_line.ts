const LF = 0x0a;

/**
 * Adds a `retry` field behind the first line.
 *
 * It cannot come first: a byte order mark has to. The streams of the contract tests
 * that are opened again have their lines end in LF.
 */
export function retryLine(
  milliseconds: number,
): TransformStream<Uint8Array, Uint8Array> {
  let isAdded = false;
  return new TransformStream({
    transform(chunk, controller) {
      const end = chunk.indexOf(LF) + 1;
      if (isAdded || end === 0) return controller.enqueue(chunk);
      isAdded = true;
      const line = new TextEncoder().encode(`retry: ${milliseconds}\n`);
      for (const part of [chunk.subarray(0, end), line, chunk.subarray(end)]) {
        if (part.length > 0) controller.enqueue(part);
      }
    },
  });
}
