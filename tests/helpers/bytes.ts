/** The UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Cuts bytes into chunks, the sizes of which come one after the other. */
export function cut(
  bytes: Uint8Array<ArrayBuffer>,
  nextSize: () => number,
): Uint8Array<ArrayBuffer>[] {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = start + Math.max(1, nextSize());
    // Copied, so that no chunk can reach into its neighbour.
    chunks.push(bytes.slice(start, end));
    start = end;
  }
  return chunks;
}

/** Ways to cut the same bytes: whole, by 1, 2 and 3 bytes, and at random from a seed. */
export function chunkings(
  bytes: Uint8Array<ArrayBuffer>,
): { readonly name: string; readonly chunks: Uint8Array<ArrayBuffer>[] }[] {
  return [
    { name: "whole", chunks: cut(bytes, () => Infinity) },
    ...[1, 2, 3].map((size) => ({
      name: `in chunks of ${size}`,
      chunks: cut(bytes, () => size),
    })),
    ...[1, 2, 3].map((seed) => ({
      name: `in random chunks of seed ${seed}`,
      chunks: cut(bytes, randomSizes(seed)),
    })),
  ];
}

/** Small sizes and, one time in eight, ones of several lines. */
function randomSizes(seed: number): () => number {
  let state = seed;
  const random = (below: number) => {
    // Numerical Recipes' linear congruential generator.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
  return () => random(8) === 0 ? 100 + random(200) : 1 + random(9);
}
