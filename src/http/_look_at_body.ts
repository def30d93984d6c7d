import { isDeno, isWorkerd } from "../_runtime.ts";
import { type ChunkSource, chunkSource } from "../wire/_chunk_source.ts";
import { chunkStream } from "./_chunk_stream.ts";
import {
  contentCodings,
  createCodingProbe,
  signatureOf,
} from "./_content_coding.ts";
import { isEventStream } from "./_event_stream_request.ts";

/** A body whose start was looked at. */
export interface BodyLookedAt {
  /** All of its bytes. */
  readonly body: ReadableStream<Uint8Array>;
  /**
   * What has become of the coding that its headers name: `"unknown"` if they name
   * none, or one that no runtime decodes.
   */
  readonly coding: "coded" | "decoded" | "unknown";
}

/** As many bytes as the longest signature of a coding. */
const START_LENGTH = 4;

/**
 * Looks whether `fetch` has decoded the body of a response. Waits for its first
 * bytes if it names a coding, and for nothing otherwise.
 */
export async function lookAtBody(
  response: Response,
  body: ReadableStream<Uint8Array>,
): Promise<BodyLookedAt> {
  if (!mayBeDecoded(response)) return { body, coding: "unknown" };
  const chunks = { ...chunkSource(body), owner: response };
  const start: Uint8Array[] = [];
  for (let length = 0; length < START_LENGTH;) {
    const result = await chunks.read();
    if (result.done) break;
    length += result.value.length;
    // Empty ones could go on for ever.
    if (result.value.length > 0) start.push(result.value);
  }
  return {
    coding: isCoded(response, start) ? "coded" : "decoded",
    body: chunkStream(startingWith(start, chunks)),
  };
}

/** Chunks that were read before, and those behind them. */
function startingWith(start: Uint8Array[], chunks: ChunkSource): ChunkSource {
  return {
    ...chunks,
    read() {
      const value = start.shift();
      return value === undefined ? chunks.read() : Promise.resolve({ value });
    },
  };
}

/** Codings without a signature, and whether `fetch` leaves them where they are on this runtime. */
const WITHOUT_SIGNATURE: ReadonlyMap<string, boolean> = new Map([
  ["br", isDeno],
  ["deflate", isDeno || isWorkerd],
]);

/** The codings that some runtime decodes. */
const DECODED: ReadonlySet<string> = new Set([
  "gzip",
  "x-gzip",
  "zstd",
  ...WITHOUT_SIGNATURE.keys(),
]);

/** Whether a response names codings, all of which some runtime decodes. */
export function mayBeDecoded({ headers }: Response): boolean {
  const codings = contentCodings(headers);
  return codings.length > 0 && codings.every((coding) => DECODED.has(coding));
}

function isCoded(response: Response, start: readonly Uint8Array[]): boolean {
  const isCodedSoFar = createCodingProbe(response);
  const looksCoded = start.some((chunk) => isCodedSoFar(chunk));
  const isSure = !looksCoded || signatureOf(response) !== undefined ||
    // It was text before it was coded.
    isEventStream(response);
  if (isSure) return looksCoded;
  const outermost = contentCodings(response.headers).at(-1) ?? "";
  return WITHOUT_SIGNATURE.get(outermost) ?? true;
}
