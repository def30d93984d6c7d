import { concatBytes } from "../src/http/_concat_bytes.ts";

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
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) return concatBytes(chunks, length);
      length += value.byteLength;
      if (length > maxBytes) break;
      chunks.push(value);
    }
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
  cancel();
  return undefined;
}
