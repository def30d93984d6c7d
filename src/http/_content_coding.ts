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

/** How many bytes are looked at: a coding shows in the first few. */
const LOOKED_AT = 64;

/** How many characters must not be controls, which the data of an event may hold. */
const WITHOUT_CONTROLS = 4;

// deno-lint-ignore no-control-regex
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f]/;

/**
 * Makes what looks at the chunks of a body from its start, and says whether it is
 * text so far. What has a coding is not, whichever it is: it begins with control
 * characters, or with what is not UTF-8.
 */
export function createTextProbe(): (chunk: Uint8Array) => boolean {
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
      return false;
    }
    return !CONTROL.test(start.slice(0, WITHOUT_CONTROLS));
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
  const isText = createTextProbe();
  return {
    ...chunks,
    async read(): Promise<ChunkResult> {
      const result = await chunks.read();
      if (result.done || isText(result.value)) return result;
      const error = contentCodingError(response);
      // It is over either way.
      chunks.cancel(error).catch(() => {});
      throw error;
    },
  };
}

/** What the events of a response are read from: the response itself if it names no coding. */
export function sourceOf(
  response: Response,
): Response | ReadableStream<Uint8Array> {
  return contentCodings(response.headers).length === 0
    ? response
    : chunkStream(refuseCoded(response, chunkSource(response)));
}
