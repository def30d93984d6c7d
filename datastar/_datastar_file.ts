import type { Fetch } from "../src/http/fetch_event_stream.ts";
import { quote } from "../src/_quote.ts";
import { isWorkerd } from "../src/_runtime.ts";
import { readBody } from "./_read_body.ts";
import { DATASTAR_VERSION, releaseOf } from "./releases.ts";
import type { DatastarScriptSource } from "./serve_datastar_script.ts";

/** A file that has been read, and what is known of it. */
export interface DatastarFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly integrity: string;
  readonly version: string;
}

/** Why there is nothing to serve, in words that a client may read. */
export class DatastarSourceError extends Error {
  override readonly name = "DatastarSourceError";
  constructor(reason: string, value: unknown, cause?: unknown) {
    super(
      `Cannot serve Datastar: ${reason}, got ${quote(value)}`,
      cause === undefined ? undefined : { cause },
    );
  }
}

/**
 * Keeps what was loaded, and lets those who ask meanwhile wait for the same; forgets
 * failures, of which `onError` is told.
 */
export function keepFile(
  load: () => Promise<DatastarFile>,
  onError: (error: unknown) => void,
): () => Promise<DatastarFile> {
  let kept: DatastarFile | undefined;
  let loading: Promise<DatastarFile> | undefined;
  async function tryLoad(): Promise<DatastarFile> {
    try {
      return await load();
    } catch (error) {
      onError(error);
      throw error;
    }
  }
  return async () => {
    if (kept !== undefined) return kept;
    const promise = isWorkerd ? tryLoad() : loading ??= tryLoad();
    try {
      return kept = await promise;
    } finally {
      if (loading === promise) loading = undefined;
    }
  };
}

/** The bundle has some 34 kB, its source map some 190 kB. */
const MAX_BYTES = 8 * 1024 * 1024;

/** How long a source may take, in milliseconds. */
const TIMEOUT = 10_000;

async function read(
  source: DatastarScriptSource,
  fetch: Fetch,
): Promise<Uint8Array<ArrayBuffer>> {
  const timeout = new AbortController();
  const { signal } = timeout;
  let timer: ReturnType<typeof setTimeout> | undefined;
  // Raced, since a source may not look at the signal.
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const reason = `its source must be read within ${TIMEOUT} ms`;
      const error = new DatastarSourceError(reason, "no end of it");
      reject(error);
      timeout.abort(error);
    }, TIMEOUT);
  });
  try {
    const reading = typeof source === "function"
      ? source()
      : readUrl(source, fetch, signal);
    return ownBytes(await Promise.race([reading, tooLate]));
  } finally {
    clearTimeout(timer);
  }
}

/** A copy: whoever gave the bytes may change them, but not what their hash stands for. */
function ownBytes(bytes: unknown): Uint8Array<ArrayBuffer> {
  if (bytes instanceof Uint8Array && bytes.length > 0) {
    return new Uint8Array(bytes);
  }
  const reason = "its source must give a Uint8Array that is not empty";
  throw new DatastarSourceError(reason, bytes);
}

async function readUrl(
  url: string | URL,
  fetch: Fetch,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url, { signal });
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    const reason = "its source must answer with status 200";
    throw new DatastarSourceError(reason, response.status);
  }
  const bytes = await readBody(response.body, MAX_BYTES, signal);
  if (bytes !== undefined) return bytes;
  const reason = `its source must not have more than ${MAX_BYTES} bytes`;
  throw new DatastarSourceError(reason, "more");
}

/** Reads a file, and hashes it. */
export async function loadFile(
  source: DatastarScriptSource,
  fetch: Fetch,
): Promise<DatastarFile> {
  const bytes = await read(source, fetch);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-384", bytes));
  const integrity = `sha384-${btoa(String.fromCharCode(...hash))}`;
  return { bytes, integrity, version: versionOf(bytes, integrity) };
}

/** The release that the bytes are, or say that they are, or are taken to be. */
function versionOf(bytes: Uint8Array, integrity: string): string {
  const start = new TextDecoder().decode(bytes.subarray(0, 64));
  return releaseOf(integrity) ??
    /^\/\/ Datastar v(\d+\.\d+\.\d+[\w.-]*)/.exec(start)?.[1] ??
    DATASTAR_VERSION;
}
