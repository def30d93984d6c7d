import type { Fetch } from "../src/http/fetch_event_stream.ts";
import { quote } from "../src/_quote.ts";
import { splitHeader } from "../src/http/_header_list.ts";
import {
  type DatastarFile,
  DatastarSourceError,
  keepFile,
  loadFile,
} from "./_datastar_file.ts";
import {
  bundleUrl,
  DATASTAR_VERSION,
  integrityOf,
  releaseOf,
} from "./releases.ts";

/** Where a file comes from: a URL, or a function that reads it. */
export type DatastarScriptSource =
  | string
  | URL
  | (() =>
    | Uint8Array
    | PromiseLike<Uint8Array>);

/** How the script is served. */
export interface ServeDatastarScriptOptions {
  /**
   * Where the script comes from: a URL, or a function that reads your own copy.
   *
   * @default {undefined} The pinned release on the jsDelivr CDN.
   */
  readonly source?: DatastarScriptSource | undefined;
  /**
   * The SHA-384 that the script must have, as `sha384-` and Base64; `false` to take
   * whatever a URL of yours gives.
   *
   * @default {undefined} From a URL the script must be a release whose hash is known;
   * what a function reads is taken as it is.
   */
  readonly integrity?: string | false | undefined;
  /**
   * Where the source map comes from, which is served at paths that end with `.map`.
   *
   * @default {undefined} From a URL, the same with `.map` behind it; a function has none.
   */
  readonly sourceMap?: DatastarScriptSource | undefined;
  /**
   * How a URL is fetched.
   *
   * @default {fetch}
   */
  readonly fetch?: Fetch | undefined;
  /**
   * Told why requests are answered with 502.
   *
   * @default {console.error}
   */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** Answers requests for the script. */
export type DatastarScriptHandler = (request: Request) => Promise<Response>;

/**
 * Makes a handler that serves Datastar's script from your own site, so that it
 * depends on nobody else while it runs.
 *
 * The script is fetched when it is asked for the first time, once for all requests,
 * checked, and kept; a failure is not kept. Its `ETag` is its hash. Where the path
 * has the version in it, as `/datastar-1.0.3.js`, browsers keep it for good;
 * elsewhere they ask whether it is the same. So what you serve at such a path must
 * not change.
 *
 * On Workers, where a request cannot wait for what another one fetches, each
 * fetches for itself until the first has the script.
 *
 * @see [Subresource Integrity](https://www.w3.org/TR/sri-2/),
 * [RFC 9110, section 13](https://www.rfc-editor.org/rfc/rfc9110#section-13) and
 * [RFC 8246](https://www.rfc-editor.org/rfc/rfc8246)
 *
 * @example
 * ```ts
 * import {
 *   DATASTAR_VERSION,
 *   datastarScript,
 *   serveDatastarScript,
 * } from "@tidings/sse/datastar";
 *
 * const script = serveDatastarScript();
 *
 * function handler(request: Request): Response | Promise<Response> {
 *   const { pathname } = new URL(request.url);
 *   if (pathname.startsWith("/datastar")) return script(request);
 *   const head = datastarScript({ src: `/datastar-${DATASTAR_VERSION}.js` });
 *   return new Response(`<!doctype html><title>Hello</title>${head}`, {
 *     headers: { "content-type": "text/html; charset=utf-8" },
 *   });
 * }
 * ```
 *
 * @example A copy of your own, as read from a file
 * ```ts
 * import { serveDatastarScript } from "@tidings/sse/datastar";
 * import { assertEquals } from "@std/assert";
 *
 * const copy = new TextEncoder().encode("// Datastar v1.0.3\n");
 * const script = serveDatastarScript({ source: () => copy });
 *
 * const response = await script(new Request("https://example.com/datastar.js"));
 * assertEquals(response.headers.get("content-type"), "text/javascript; charset=utf-8");
 * assertEquals(await response.text(), "// Datastar v1.0.3\n");
 * ```
 *
 * @param options Where the script comes from, and what it must be.
 * @returns The handler. It answers GET and HEAD; with 502 and a text if the script
 * cannot be had or is not what it must be, with 404 if there is no source map.
 * @throws {TypeError} If `integrity` is not a SHA-384, or a source is neither a URL
 * nor a function.
 */
export function serveDatastarScript(
  options: ServeDatastarScriptOptions = {},
): DatastarScriptHandler {
  const {
    source = bundleUrl(DATASTAR_VERSION),
    integrity,
    fetch = globalThis.fetch,
    onError = (error) => console.error(error),
    sourceMap = mapOf(source),
  } = options;
  if (integrity !== undefined && integrity !== false) checkIntegrity(integrity);
  checkSource(source);
  if (sourceMap !== undefined) checkSource(sourceMap);

  const script = keepFile(async () => {
    const file = await loadFile(source, fetch);
    checkFile(file.integrity, source, integrity);
    return file;
  }, onError);
  const map = sourceMap === undefined
    ? undefined
    : keepFile(() => loadFile(sourceMap, fetch), onError);

  return async (request) => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      return answer(405, "Use GET", { allow: "GET, HEAD" });
    }
    const { pathname } = new URL(request.url);
    const isMap = pathname.endsWith(".map");
    const load = isMap ? map : script;
    if (load === undefined) return answer(404, "There is no source map");
    let file: DatastarFile;
    try {
      file = await load();
    } catch (error) {
      const reason = error instanceof DatastarSourceError
        ? error.message
        : "Cannot serve Datastar: its source cannot be read";
      return answer(502, reason);
    }
    return serve(request, file, {
      "content-type": isMap
        ? "application/json; charset=utf-8"
        : "text/javascript; charset=utf-8",
      "cache-control": cacheControlOf(pathname, file),
    });
  };
}

function checkFile(
  actual: string,
  source: DatastarScriptSource,
  integrity: string | false | undefined,
): void {
  if (integrity === false) return;
  const expected = integrity ?? expectedOf(source);
  if (expected !== undefined) {
    if (actual === expected) return;
    const reason =
      `its source must have the hash ${expected}, it has ${actual}`;
    throw new DatastarSourceError(reason, "another");
  }
  if (typeof source === "function" || releaseOf(actual) !== undefined) return;
  const reason =
    `its source must be a known release, or the option integrity its hash, ${actual}`;
  throw new DatastarSourceError(reason, "neither");
}

/** The hash that the pinned file must have. */
function expectedOf(source: DatastarScriptSource): string | undefined {
  return String(source) === bundleUrl(DATASTAR_VERSION)
    ? integrityOf(DATASTAR_VERSION)
    : undefined;
}

function checkIntegrity(integrity: string): void {
  if (/^sha384-[A-Za-z0-9+/]{64}$/.test(integrity)) return;
  throw new TypeError(
    `Cannot serve Datastar: integrity must be sha384- and Base64, got ${
      quote(integrity)
    }`,
  );
}

function checkSource(source: unknown): void {
  if (typeof source === "function" || URL.canParse(String(source))) return;
  throw new TypeError(
    `Cannot serve Datastar: a source must be a URL or a function, got ${
      quote(source)
    }`,
  );
}

function mapOf(source: DatastarScriptSource): string | undefined {
  if (typeof source === "function") return undefined;
  const url = String(source);
  // Behind the path, should there be a query.
  return url.replace(/(?=[?#]|$)/, ".map");
}

/** Whether a path carries the version of the file, and so names these bytes for ever. */
function cacheControlOf(pathname: string, { version }: DatastarFile): string {
  const at = pathname.indexOf(version);
  const isWhole = at !== -1 && !/\d\.?$/.test(pathname.slice(0, at)) &&
    !/^(?:\.?\d|[\w-])/.test(pathname.slice(at + version.length));
  return isWhole ? "public, max-age=31536000, immutable" : "no-cache";
}

function serve(
  request: Request,
  { bytes, integrity }: DatastarFile,
  headers: Readonly<Record<string, string>>,
): Response {
  const etag = `"${integrity}"`;
  const all = { ...headers, etag, "x-content-type-options": "nosniff" };
  if (matches(request.headers.get("if-none-match"), etag)) {
    return new Response(null, { status: 304, headers: all });
  }
  return new Response(request.method === "HEAD" ? null : bytes, {
    headers: { ...all, "content-length": String(bytes.byteLength) },
  });
}

/** The weak comparison of RFC 9110, section 13.1.2. */
function matches(ifNoneMatch: string | null, etag: string): boolean {
  if (ifNoneMatch === null) return false;
  return ifNoneMatch.trim() === "*" ||
    splitHeader(ifNoneMatch, ",").some((tag) =>
      tag.replace(/^W\//, "") === etag
    );
}

function answer(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(`${text}\n`, {
    status,
    headers: {
      ...headers,
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
  });
}
