import {
  directResponse,
  type DirectResponseOptions,
} from "./direct_response.ts";
import {
  checkPatchElements,
  type PatchElementsParsing,
  type PatchElementsTarget,
} from "./patch_elements.ts";

/** Where the elements of a response go, and how. */
export type HtmlResponseOptions =
  & DirectResponseOptions
  & PatchElementsTarget
  & PatchElementsParsing
  & {
    /**
     * Whether to use the View Transition API, where the browser has it.
     *
     * @default {false}
     */
    readonly useViewTransition?: boolean | undefined;
  };

/**
 * Answers a Datastar request with elements, without an event stream: for one patch
 * it is less.
 *
 * @see [Datastar, response handling](https://data-star.dev/reference/actions#response-handling)
 *
 * @example
 * ```ts
 * import { htmlResponse } from "@tidings/sse/datastar";
 * import { assertEquals } from "@std/assert";
 *
 * const response = htmlResponse("<li>Tea</li>", { mode: "append", selector: "#list" });
 * assertEquals(response.headers.get("content-type"), "text/html; charset=utf-8");
 * assertEquals(response.headers.get("datastar-mode"), "append");
 * ```
 *
 * @param elements Complete elements as HTML, as of {@linkcode patchElements}.
 * @param options Where they go, and how.
 * @returns The response.
 * @throws {EventBuildError} As of {@linkcode patchElements}.
 * @throws {TypeError} If a header is none.
 */
export function htmlResponse(
  elements: string,
  options: HtmlResponseOptions = {},
): Response {
  const { selector, mode, namespace, useViewTransition } = options;
  // Refuses what would be refused as an event.
  checkPatchElements({
    elements,
    selector,
    mode,
    namespace,
    useViewTransition,
  });
  return directResponse(elements, {
    "content-type": "text/html; charset=utf-8",
    "datastar-selector": selector === undefined
      ? undefined
      : asciiSelector(selector),
    "datastar-mode": mode === "outer" ? undefined : mode,
    "datastar-namespace": namespace === "html" ? undefined : namespace,
    "datastar-use-view-transition": useViewTransition ? "true" : undefined,
  }, options);
}

/** Writes what is not ASCII as CSS escapes: the browser reads a header as Latin-1. */
function asciiSelector(selector: string): string {
  return selector.replace(
    /\\[^\u{80}-\u{10ffff}]|\\?([\u{80}-\u{10ffff}])/gu,
    (found, character?: string) =>
      character === undefined
        ? found
        : `\\${character.codePointAt(0)?.toString(16)} `,
  );
}
