import { concatBytes } from "../src/http/_concat_bytes.ts";

/**
 * Reads a body up to a limit.
 *
 * @returns The bytes, or `undefined` if there are more: the rest is cancelled then.
 */
export async function readBody(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const reader = body.getReader();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  while (true) {
    const { done, value } = await reader.read();
    if (done) return concatBytes(chunks, length);
    length += value.byteLength;
    if (length > maxBytes) break;
    chunks.push(value);
  }
  // Nobody is left to tell that it failed: the answer does not depend on the rest.
  reader.cancel().catch(() => {});
  return undefined;
}
