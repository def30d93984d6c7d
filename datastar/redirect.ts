import type { ServerSentEvent } from "../src/wire/event.ts";
import { scriptUrl } from "./_script_value.ts";
import { executeScript, type ExecuteScriptOptions } from "./execute_script.ts";

/**
 * Leads the browser to another page.
 *
 * It goes wherever the URL says: check one that comes from a request, lest your
 * site lead people to someone else's.
 *
 * @example After a login
 * ```ts
 * import { redirect } from "@tidings/sse/datastar";
 * import { assertStringIncludes } from "@std/assert";
 *
 * assertStringIncludes(redirect("/home").data ?? "", 'window.location.href = "/home"');
 * ```
 *
 * @param url Where to, relative to the page.
 * @param options How the script is run that does it.
 * @returns The event.
 * @throws {EventBuildError} If it is no URL, or one of `javascript:`, `vbscript:`,
 * `data:` or `blob:`, which would run in the page; or as of {@linkcode executeScript}.
 */
export function redirect(
  url: string | URL,
  options?: ExecuteScriptOptions,
): ServerSentEvent {
  // In a task of its own: the browser keeps an entry in its history, as after a click.
  const script = `setTimeout(() => window.location.href = ${scriptUrl(url)})`;
  return executeScript(script, options);
}
