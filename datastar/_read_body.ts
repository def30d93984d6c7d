/** How much room there is at first, in bytes; it doubles. */
const FIRST_BYTES = 1024;

/**
 * Reads a body up to a limit.
 *
 * @param body The body.
 * @param maxBytes The limit.
 * @param signal Cancels the body when it aborts.
 * @returns The bytes, or `undefined` if there are more: the rest is cancelled then.
 */
export async function readBody(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const reader = body.getReader();
  // Nobody is left to tell that it fails: the answer does not depend on the rest.
  const cancel = () => void reader.cancel().catch(() => {});
  signal?.addEventListener("abort", cancel);
  if (signal?.aborted) cancel();
  // Copied, since a chunk of one byte may keep a buffer of 64 KiB in memory.
  let bytes = new Uint8Array(Math.min(FIRST_BYTES, maxBytes));
  let length = 0;
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) return bytes.subarray(0, length);
      const needed = length + value.byteLength;
      if (needed > maxBytes) break;
      if (needed > bytes.length) {
        const larger = new Uint8Array(
          Math.min(Math.max(needed, bytes.length * 2), maxBytes),
        );
        larger.set(bytes.subarray(0, length));
        bytes = larger;
      }
      bytes.set(value, length);
      length = needed;
    }
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
  cancel();
  return undefined;
}
