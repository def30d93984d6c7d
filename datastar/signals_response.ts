import { checkSwitch } from "./_data_lines.ts";
import {
  directResponse,
  type DirectResponseOptions,
} from "./direct_response.ts";
import { type SignalsSource, signalsText } from "./patch_signals.ts";

/** How the signals of a response are patched. */
export interface SignalsResponseOptions extends DirectResponseOptions {
  /**
   * Whether only signals are set that the page does not have.
   *
   * @default {false}
   */
  readonly onlyIfMissing?: boolean | undefined;
}

/**
 * Answers a Datastar request with signals, without an event stream: for one patch
 * it is less.
 *
 * @see [Datastar, response handling](https://data-star.dev/reference/actions#response-handling)
 *
 * @example
 * ```ts
 * import { signalsResponse } from "@tidings/sse/datastar";
 * import { assertEquals } from "@std/assert";
 *
 * const response = signalsResponse({ saved: true });
 * assertEquals(await response.json(), { saved: true });
 * ```
 *
 * @param signals The signals, as of {@linkcode patchSignals}.
 * @param options How they are patched.
 * @returns The response.
 * @throws {EventDataError} As of {@linkcode patchSignals}.
 * @throws {TypeError} If a header is none.
 */
export function signalsResponse(
  signals: SignalsSource,
  options: SignalsResponseOptions = {},
): Response {
  const { onlyIfMissing = false } = options;
  checkSwitch("onlyIfMissing", onlyIfMissing);
  return directResponse(signalsText(signals), {
    "content-type": "application/json; charset=utf-8",
    "datastar-only-if-missing": onlyIfMissing ? "true" : undefined,
  }, options);
}
