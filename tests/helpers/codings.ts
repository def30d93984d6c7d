import { Buffer } from "node:buffer";
import {
  brotliCompressSync,
  brotliDecompressSync,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateSync,
  zstdCompressSync,
  zstdDecompressSync,
} from "node:zlib";
import { serve, type TestServer } from "./server.ts";

type Code = (bytes: Uint8Array) => Uint8Array;

/** Content codings, each with its encoder and its decoder. */
const CODECS: Readonly<Record<string, readonly [Code, Code]>> = {
  gzip: [gzipSync, gunzipSync],
  "x-gzip": [gzipSync, gunzipSync],
  deflate: [deflateSync, inflateSync],
  br: [brotliCompressSync, brotliDecompressSync],
  zstd: [zstdCompressSync, zstdDecompressSync],
};

/** Values of `Content-Encoding` that name what some runtime decodes. */
export const CODINGS: readonly string[] = [
  ...Object.keys(CODECS),
  "GZIP",
  "gzip, br",
  "br, gzip",
  "gzip, identity",
];

/** Applies the codings of a header. */
export function encode(bytes: Uint8Array, header: string): Uint8Array {
  return codecsOf(header).reduce((coded, [encoder]) => encoder(coded), bytes);
}

/** Takes off the codings of a header. */
export function decode(bytes: Uint8Array, header: string): Uint8Array {
  const decoded = codecsOf(header).reverse()
    .reduce((coded, [, decoder]) => decoder(coded), bytes);
  // Not a `Buffer`, which is not equal to what it holds.
  return new Uint8Array(Buffer.from(decoded));
}

function codecsOf(header: string): (readonly [Code, Code])[] {
  return header.toLowerCase().split(", ").filter((name) => name !== "identity")
    .map((name) => CODECS[name]);
}

/** A server that codes its answers as the path says, whatever the client accepts. */
export function serveCoded(
  bytes: Uint8Array,
  contentType: string,
): TestServer {
  return serve(({ url }) => {
    const coding = decodeURIComponent(new URL(url).pathname.slice(1));
    const coded = encode(bytes, coding);
    return new Response(new Uint8Array(coded), {
      headers: {
        "content-type": contentType,
        "content-encoding": coding,
        "content-length": String(coded.length),
      },
    });
  });
}
