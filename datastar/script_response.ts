import { EventBuildError } from "../src/errors.ts";
import { attributeEntries } from "./_attributes.ts";
import {
  directResponse,
  type DirectResponseOptions,
} from "./direct_response.ts";
import type { ScriptAttributes } from "./execute_script.ts";

/** How the script of a response is run. */
export interface ScriptResponseOptions extends DirectResponseOptions {
  /**
   * Attributes of the element that it becomes.
   *
   * @default {{}}
   */
  readonly attributes?: ScriptAttributes | undefined;
}

/**
 * Answers a Datastar request with a script to run, without an event stream.
 *
 * Datastar 1.0.2 never takes such a request for finished: an indicator of it stays
 * on. {@linkcode executeScript} in a stream does not have that.
 *
 * @see [Datastar, response handling](https://data-star.dev/reference/actions#response-handling)
 *
 * @example
 * ```ts
 * import { scriptResponse } from "@tidings/sse/datastar";
 * import { assertEquals } from "@std/assert";
 *
 * const response = scriptResponse("alert('saved')", { attributes: { type: "module" } });
 * assertEquals(
 *   response.headers.get("datastar-script-attributes"),
 *   '{"type":"module"}',
 * );
 * ```
 *
 * @param script The script. It is code: values from elsewhere go through
 * `JSON.stringify` into it.
 * @param options How it is run.
 * @returns The response.
 * @throws {EventBuildError} If the script is not text, or an attribute is none.
 * @throws {TypeError} If a header is none.
 */
export function scriptResponse(
  script: string,
  options: ScriptResponseOptions = {},
): Response {
  if (typeof script !== "string") {
    throw new EventBuildError("a script must be text", "data", script);
  }
  const entries = attributeEntries(options.attributes ?? {})
    .map(([name, value]) => [name, value === true ? "" : value]);
  return directResponse(script, {
    "content-type": "text/javascript; charset=utf-8",
    "datastar-script-attributes": entries.length === 0
      ? undefined
      : asciiJson(Object.fromEntries(entries)),
  }, options);
}

/** Writes JSON in ASCII: the browser reads a header as Latin-1. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
