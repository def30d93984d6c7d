import { checkOption } from "./_data_lines.ts";
import { EventBuildError } from "../src/errors.ts";
import type { ServerSentEvent } from "../src/wire/event.ts";
import { scriptValue } from "./_script_value.ts";
import { executeScript, type ExecuteScriptOptions } from "./execute_script.ts";

/** How a custom event is dispatched. */
export interface DispatchCustomEventOptions extends ExecuteScriptOptions {
  /**
   * A CSS selector of the elements to dispatch it at.
   *
   * @default {undefined} The document.
   */
  readonly selector?: string | undefined;
  /**
   * Whether it goes up through the parents.
   *
   * @default {true}
   */
  readonly bubbles?: boolean | undefined;
  /**
   * Whether a listener can cancel it.
   *
   * @default {true}
   */
  readonly cancelable?: boolean | undefined;
  /**
   * Whether it leaves shadow trees.
   *
   * @default {true}
   */
  readonly composed?: boolean | undefined;
}

/**
 * Dispatches a `CustomEvent` in the page, at every element that a selector finds
 * or at the document.
 *
 * @see [DOM, section 2.4](https://dom.spec.whatwg.org/#interface-customevent)
 *
 * @example
 * ```ts
 * import { dispatchCustomEvent } from "@tidings/sse/datastar";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const { data = "" } = dispatchCustomEvent("saved", { id: 7 }, { selector: "#form" });
 * assertStringIncludes(data, 'document.querySelectorAll("#form")');
 * assertStringIncludes(data, '"detail":{"id":7}');
 * ```
 *
 * @param name The type of the event.
 * @param detail What it carries; anything that JSON can hold.
 * @param options Where and how it is dispatched.
 * @returns The event.
 * @throws {EventDataError} If JSON cannot hold the detail.
 * @throws {EventBuildError} If the name is empty, or as of {@linkcode executeScript}.
 */
export function dispatchCustomEvent(
  name: string,
  detail: unknown = null,
  options: DispatchCustomEventOptions = {},
): ServerSentEvent {
  const { selector, bubbles = true, cancelable = true, composed = true } =
    options;
  if (typeof name !== "string" || name === "") {
    const reason = "a custom event must have a name";
    throw new EventBuildError(reason, "data", name);
  }
  const targets = selector === undefined
    ? "[document]"
    : `document.querySelectorAll(${
      scriptValue(checkOption("selector", selector))
    })`;
  const how = scriptValue({ bubbles, cancelable, composed });
  // By itself, since JSON leaves out of an object what it cannot hold.
  const init = `${how.slice(0, -1)},"detail":${scriptValue(detail)}}`;
  const dispatch = `dispatchEvent(new CustomEvent(${
    scriptValue(name)
  }, ${init}))`;
  const script = `for (const target of ${targets}) target.${dispatch}`;
  return executeScript(script, options);
}
