/** Joins byte arrays, `length` bytes in all; a single one is returned as it is. */
export function concatBytes(
  parts: readonly Uint8Array<ArrayBuffer>[],
  length: number = lengthOf(parts),
): Uint8Array<ArrayBuffer> {
  if (parts.length === 1) return parts[0];
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((length, part) => length + part.length, 0);
}
