import type { ServerSentEvent } from "../src/wire/event.ts";
import { scriptUrl } from "./_script_value.ts";
import { executeScript, type ExecuteScriptOptions } from "./execute_script.ts";

/**
 * Replaces the URL that the browser shows, without loading anything.
 *
 * @see [HTML, section 7.2.5](https://html.spec.whatwg.org/multipage/nav-history-apis.html#dom-history-replacestate)
 *
 * @example The page of a list
 * ```ts
 * import { replaceUrl } from "@tidings/sse/datastar";
 * import { assertStringIncludes } from "@std/assert";
 *
 * assertStringIncludes(replaceUrl("?page=2").data ?? "", 'replaceState({}, "", "?page=2")');
 * ```
 *
 * @param url The URL, relative to the page and of its origin.
 * @param options How the script is run that does it.
 * @returns The event.
 * @throws {EventBuildError} As of {@linkcode redirect}.
 */
export function replaceUrl(
  url: string | URL,
  options?: ExecuteScriptOptions,
): ServerSentEvent {
  const script = `window.history.replaceState({}, "", ${scriptUrl(url)})`;
  return executeScript(script, options);
}
