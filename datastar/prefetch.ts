import { EventBuildError } from "../src/errors.ts";
import type { ServerSentEvent } from "../src/wire/event.ts";
import { scriptUrl } from "./_script_value.ts";
import {
  executeScript,
  type ExecuteScriptOptions,
  type ScriptAttributes,
} from "./execute_script.ts";

/** How pages are fetched before they are asked for. */
export interface PrefetchOptions
  extends Omit<ExecuteScriptOptions, "attributes"> {
  /**
   * Attributes of the element; its type is given.
   *
   * @default {{}}
   */
  readonly attributes?: Omit<ScriptAttributes, "type"> | undefined;
}

/**
 * Has the browser fetch pages before they are asked for, where it knows
 * speculation rules.
 *
 * The element stays in the page unless `autoRemove` is true: with it the rules
 * would go.
 *
 * @see [HTML, section 7.6.1](https://html.spec.whatwg.org/multipage/speculative-loading.html#speculation-rules)
 *
 * @example
 * ```ts
 * import { prefetch } from "@tidings/sse/datastar";
 * import { assertStringIncludes } from "@std/assert";
 *
 * assertStringIncludes(prefetch(["/next", "/help"]).data ?? "", '"urls":["/next","/help"]');
 * ```
 *
 * @param urls The pages, relative to this one.
 * @param options How the script is run that does it.
 * @returns The event.
 * @throws {EventBuildError} If there is no URL, or as of {@linkcode redirect}.
 */
export function prefetch(
  urls: string | URL | readonly (string | URL)[],
  options: PrefetchOptions = {},
): ServerSentEvent {
  const list = typeof urls === "string" || urls instanceof URL ? [urls] : urls;
  if (list.length === 0) {
    throw new EventBuildError("there must be a URL", "data", urls);
  }
  const rules = `{"prefetch":[{"source":"list","urls":[${
    list.map(scriptUrl).join()
  }]}]}`;
  const { autoRemove = false, attributes } = options;
  return executeScript(rules, {
    ...options,
    autoRemove,
    attributes: { ...attributes, type: "speculationrules" },
  });
}
