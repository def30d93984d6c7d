import type { ServerSentEvent } from "../src/wire/event.ts";
import { scriptValue } from "./_script_value.ts";
import { executeScript, type ExecuteScriptOptions } from "./execute_script.ts";

/**
 * Writes to the browser's console.
 *
 * @example
 * ```ts
 * import { consoleLog } from "@tidings/sse/datastar";
 * import { assertStringIncludes } from "@std/assert";
 *
 * assertStringIncludes(consoleLog("saved").data ?? "", 'console.log("saved")');
 * ```
 *
 * @param value What to write: text, or anything that JSON can hold.
 * @param options How the script is run that does it.
 * @returns The event.
 * @throws {EventDataError} If JSON cannot hold it.
 * @throws {EventBuildError} As of {@linkcode executeScript}.
 */
export function consoleLog(
  value: unknown,
  options?: ExecuteScriptOptions,
): ServerSentEvent {
  return executeScript(`console.log(${scriptValue(value)})`, options);
}

/**
 * Writes an error to the browser's console.
 *
 * @example
 * ```ts
 * import { consoleError } from "@tidings/sse/datastar";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const event = consoleError(new RangeError("too much"));
 * assertStringIncludes(event.data ?? "", 'console.error("RangeError: too much")');
 * ```
 *
 * @param value What to write: text, anything that JSON can hold, or an error, of
 * which the browser is told the name and the message.
 * @param options How the script is run that does it.
 * @returns The event.
 * @throws {EventDataError} If JSON cannot hold it.
 * @throws {EventBuildError} As of {@linkcode executeScript}.
 */
export function consoleError(
  value: unknown,
  options?: ExecuteScriptOptions,
): ServerSentEvent {
  const shown = value instanceof Error ? String(value) : value;
  return executeScript(`console.error(${scriptValue(shown)})`, options);
}
