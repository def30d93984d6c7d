let holdText: boolean | undefined;

/**
 * Whether `Headers` hold text that goes over the network as UTF-8, as those of
 * workerd do. Fetch has them refuse what is beyond Latin-1.
 */
function headersHoldText(): boolean {
  if (holdText !== undefined) return holdText;
  try {
    new Headers([["x", "\u0100"]]);
    holdText = true;
  } catch {
    holdText = false;
  }
  return holdText;
}

/**
 * Hands text to `Headers` as UTF-8: they take and give a code unit per byte
 * (Fetch, "isomorphic encode"), which is Latin-1 to whoever looks at it.
 */
export function encodeHeaderValue(text: string): string {
  if (headersHoldText()) return text;
  let value = "";
  for (const byte of new TextEncoder().encode(text)) {
    value += String.fromCharCode(byte);
  }
  return value;
}

/** Reads the bytes of a header as UTF-8. */
export function decodeHeaderValue(value: string): string {
  if (headersHoldText()) return value;
  const bytes = new Uint8Array(value.length);
  for (let i = 0; i < value.length; i++) {
    const byte = value.charCodeAt(i);
    // A framework that has decoded it already leaves nothing to do.
    if (byte > 0xff) return value;
    bytes[i] = byte;
  }
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
