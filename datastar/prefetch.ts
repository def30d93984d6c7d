import { EventBuildError } from "../src/errors.ts";
import type { ServerSentEvent } from "../src/wire/event.ts";
import { scriptUrl } from "./_script_value.ts";
import { attributeNames } from "./_attributes.ts";
import { executeScript, type ExecuteScriptOptions } from "./execute_script.ts";

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
  options: ExecuteScriptOptions = {},
): ServerSentEvent {
  const list = typeof urls === "string" || urls instanceof URL ? [urls] : urls;
  if (!Array.isArray(list) || list.length === 0) {
    throw new EventBuildError("there must be a URL", "data", urls);
  }
  const rules = `{"prefetch":[{"source":"list","urls":[${
    list.map(scriptUrl).join()
  }]}]}`;
  const { autoRemove = false, attributes = {} } = options;
  if (attributeNames(attributes).includes("type")) {
    const reason = "the type of the element is speculationrules";
    throw new EventBuildError(reason, "data", attributes);
  }
  return executeScript(rules, {
    ...options,
    autoRemove,
    attributes: Array.isArray(attributes)
      ? ["type=speculationrules", ...attributes]
      : { type: "speculationrules", ...attributes },
  });
}
