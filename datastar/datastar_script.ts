import { quote } from "../src/_quote.ts";
import { formatAttributes } from "./_attributes.ts";
import { bundleUrl, DATASTAR_VERSION, integrityOf } from "./releases.ts";

/** Which script is loaded. */
export interface DatastarScriptOptions {
  /**
   * The release to load from the CDN.
   *
   * @default {DATASTAR_VERSION}
   */
  readonly version?: string | undefined;
  /**
   * Where the script is.
   *
   * @default {undefined} On the jsDelivr CDN.
   */
  readonly src?: string | URL | undefined;
  /**
   * Hashes of the script, without one of which the browser does not run it; `false`
   * to run whatever comes.
   *
   * @default {undefined} Of a release on the CDN the one that is known; with `src` none.
   */
  readonly integrity?: string | false | undefined;
  /**
   * What a content security policy asks for.
   *
   * @default {undefined} The element has none.
   */
  readonly nonce?: string | undefined;
}

const VERSION = /^\d+\.\d+\.\d+(?:-[\w.-]+)?$/;

/**
 * Writes the `script` element that loads Datastar into a page.
 *
 * @see [HTML, section 4.12.1](https://html.spec.whatwg.org/multipage/scripting.html#the-script-element)
 * and [Subresource Integrity](https://www.w3.org/TR/sri-2/)
 *
 * @example From the CDN, and only if it is what it should be
 * ```ts
 * import { datastarScript } from "@tidings/sse/datastar";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const page = `<!doctype html><title>Hello</title>${datastarScript()}`;
 * assertStringIncludes(page, 'integrity="sha384-');
 * ```
 *
 * @example From your own server, see {@linkcode serveDatastarScript}
 * ```ts
 * import { datastarScript } from "@tidings/sse/datastar";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   datastarScript({ src: "/datastar.js" }),
 *   '<script type="module" src="/datastar.js"></script>',
 * );
 * ```
 *
 * @param options Which script it is.
 * @returns The element, as HTML.
 * @throws {TypeError} If the version is none, or one whose hash is not known and not
 * given; if there are both a version and a `src`; if the integrity is no hash.
 * @throws {EventBuildError} If a value holds what an attribute cannot.
 */
export function datastarScript(options: DatastarScriptOptions = {}): string {
  const { version, src, nonce } = options;
  if (src !== undefined && version !== undefined) {
    throw new TypeError(
      `Cannot write script element: src says which file it is, got version ${
        quote(version)
      } too`,
    );
  }
  const release = checkVersion(version ?? DATASTAR_VERSION);
  const { integrity = src === undefined ? knownIntegrity(release) : false } =
    options;
  const url = src === undefined ? bundleUrl(release) : String(src);
  const attributes = formatAttributes({
    type: "module",
    src: url,
    integrity: integrity === false ? undefined : checkIntegrity(integrity),
    crossorigin: integrity !== false && isCrossOrigin(url)
      ? "anonymous"
      : undefined,
    nonce,
  });
  return `<script${attributes}></script>`;
}

function checkVersion(version: string): string {
  if (VERSION.test(version)) return version;
  throw new TypeError(
    `Cannot write script element: a version must be like 1.0.3, got ${
      quote(version)
    }`,
  );
}

function knownIntegrity(release: string): string {
  const integrity = integrityOf(release);
  if (integrity !== undefined) return integrity;
  throw new TypeError(
    `Cannot write script element: the integrity of a release must be known or given, got version ${
      quote(release)
    }`,
  );
}

/** Refuses what browsers ignore, and the script would run unchecked. */
function checkIntegrity(integrity: string): string {
  const isHash = /^sha(?:256|384|512)-[A-Za-z0-9+/]+={0,2}$/;
  if (integrity.split(/\s+/).every((hash) => isHash.test(hash))) {
    return integrity;
  }
  throw new TypeError(
    `Cannot write script element: integrity must be hashes like sha384-…, got ${
      quote(integrity)
    }`,
  );
}

/** Whether a URL may lead to another origin: it has a host of its own. */
function isCrossOrigin(url: string): boolean {
  const page = "https://page.invalid";
  return URL.canParse(url, page) && new URL(url, page).origin !== page;
}
