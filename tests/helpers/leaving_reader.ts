/**
 * Begins to read a body, and cancels it within the very call of `enqueue` that brings
 * its next chunk, as runtimes do whose client has gone.
 *
 * A promise that is resolved with a result asks that for a method `then`, which is the
 * only moment of a program's own in that call.
 *
 * @returns What the reader has read.
 */
export async function leaveAtNextChunk<R>(
  reader: ReadableStreamDefaultReader<R>,
): Promise<ReadableStreamReadResult<R>> {
  let left = false;
  Object.defineProperty(Object.prototype, "then", {
    configurable: true,
    get(this: unknown) {
      const isResult = typeof this === "object" && this !== null &&
        Object.hasOwn(this, "done");
      if (isResult && !left) {
        left = true;
        reader.cancel("left");
      }
      return undefined;
    },
  });
  try {
    return await reader.read();
  } finally {
    Reflect.deleteProperty(Object.prototype, "then");
  }
}
