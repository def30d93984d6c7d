import { quote } from "../src/_quote.ts";
import { formatAttributes } from "./_attributes.ts";
import { bundleUrl, DATASTAR_VERSION, integrityOf } from "./_releases.ts";

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
   * Hashes of the script, without one of which the browser does not run it.
   *
   * @default {undefined} Of a release on the CDN the one that is known.
   */
  readonly integrity?: string | undefined;
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
 * @throws {TypeError} If the version is none, or there are both a version and a `src`.
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
  const { integrity = src === undefined ? integrityOf(release) : undefined } =
    options;
  const url = src === undefined ? bundleUrl(release) : String(src);
  const attributes = formatAttributes({
    type: "module",
    src: url,
    integrity,
    crossorigin: integrity !== undefined && isCrossOrigin(url)
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

/** Whether a URL may lead to another origin: it has a host of its own. */
function isCrossOrigin(url: string): boolean {
  return new URL(url, "https://page.invalid").host !== "page.invalid";
}
