import { EventStreamResponseError } from "../errors.ts";
import {
  type ChunkResult,
  type ChunkSource,
  chunkSource,
} from "../wire/_chunk_source.ts";
import { chunkStream } from "./_chunk_stream.ts";

/**
 * The codings that a response names, in the order in which they were applied
 * (RFC 9110, section 8.4).
 *
 * They say nothing of the body that `fetch` hands out: it keeps the header whether
 * it has decoded the body or not. What it decodes differs, and cannot be asked:
 * nothing on Deno once a request has `Accept-Encoding`, no lists on Bun, no zstd on
 * Node 20, no deflate on workerd.
 */
export function contentCodings(headers: Headers): readonly string[] {
  return (headers.get("content-encoding") ?? "").toLowerCase().split(",")
    .map((coding) => coding.trim())
    .filter((coding) => coding !== "" && coding !== "identity");
}

/** Says that an event stream has a coding still. */
export function contentCodingError(
  response: Response,
): EventStreamResponseError {
  return new EventStreamResponseError(
    "its content coding must be one that fetch decodes",
    response.headers.get("content-encoding"),
    response,
  );
}

/** How bytes begin that have a coding, where it says so. */
const SIGNATURES: ReadonlyMap<string, readonly number[]> = new Map([
  ["gzip", [0x1f, 0x8b]],
  ["x-gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
]);

/** How bytes begin that have the coding that was applied last, if they say so. */
export function signatureOf(
  { headers }: Response,
): readonly number[] | undefined {
  return SIGNATURES.get(contentCodings(headers).at(-1) ?? "");
}

/**
 * Looks at the chunks of an event stream, from its start.
 *
 * @returns Whether they are coded still, by all that has been seen.
 */
export type CodingProbe = (chunk: Uint8Array) => boolean;

/** Makes what looks at the body of a response that names codings. */
export function createCodingProbe(response: Response): CodingProbe {
  const signature = signatureOf(response);
  return signature === undefined
    ? createTextProbe()
    : createSignatureProbe(signature);
}

function createSignatureProbe(signature: readonly number[]): CodingProbe {
  const start: number[] = [];
  return (chunk) => {
    start.push(...chunk.subarray(0, signature.length - start.length));
    return signature.every((byte, index) => start[index] === byte);
  };
}

/** How many bytes are looked at: a coding shows in the first few. */
const LOOKED_AT = 64;

/** How many characters must not be controls, which the data of an event may hold. */
const WITHOUT_CONTROLS = 4;

// deno-lint-ignore no-control-regex
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f]/;

/**
 * What has a coding is no text, whichever it is: it begins with control characters, or
 * with what is not UTF-8.
 */
function createTextProbe(): CodingProbe {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let seen = 0;
  let start = "";
  return (chunk) => {
    const bytes = chunk.subarray(0, LOOKED_AT - seen);
    seen += bytes.length;
    try {
      // There may be no more than a part of the last character.
      start += decoder.decode(bytes, { stream: true });
    } catch {
      return true;
    }
    return CONTROL.test(start.slice(0, WITHOUT_CONTROLS));
  };
}

/**
 * Refuses to read the body of an event stream that has a coding still: its bytes
 * would be taken for lines that nobody knows, and the stream for an empty one.
 *
 * @returns Its chunks, which fail with an `EventStreamResponseError` then.
 */
export function refuseCoded(
  response: Response,
  chunks: ChunkSource,
): ChunkSource {
  if (contentCodings(response.headers).length === 0) return chunks;
  const isCoded = createCodingProbe(response);
  return {
    ...chunks,
    async read(): Promise<ChunkResult> {
      const result = await chunks.read();
      if (result.done || !isCoded(result.value)) return result;
      const error = contentCodingError(response);
      // It is over either way.
      chunks.cancel(error).catch(() => {});
      throw error;
    },
  };
}

/**
 * What the events of a response are read from: the response itself, unless it names a
 * coding, or is an error, which `EventStream` refuses.
 */
export function sourceOf(
  response: Response,
): Response | ReadableStream<Uint8Array> {
  const { body, headers, ok } = response;
  const isPlain = contentCodings(headers).length === 0;
  if (body === null || (isPlain && ok)) return response;
  const chunks = { ...chunkSource(body), owner: response };
  return chunkStream(refuseCoded(response, chunks));
}
