import { JsonEventData } from "../src/data/json_data.ts";
import { EventDataError } from "../src/errors.ts";
import type { ServerSentEvent } from "../src/wire/event.ts";
import {
  checkSwitch,
  isTrue,
  readDataLines,
  textLines,
} from "./_data_lines.ts";
import { datastarEvent } from "./_datastar_event.ts";
import {
  isSignals,
  namesPrototype,
  parseJson,
  type Signals,
} from "./signals.ts";
import { type DatastarEventOptions, PATCH_SIGNALS } from "./protocol.ts";

/**
 * Signals to send: an object that JSON can hold, or the text of one. No promise, no
 * array, nor a `Map`.
 */
export type SignalsSource =
  | string
  | Readonly<Record<string, unknown>>
  | (object & {
    /** No promise: await it. */
    readonly then?: undefined;
    /** No list, and no map. */
    readonly [Symbol.iterator]?: undefined;
  });

/** How signals are patched. */
export interface PatchSignalsOptions extends DatastarEventOptions {
  /**
   * Whether only signals are set that the page does not have.
   *
   * @default {false}
   */
  readonly onlyIfMissing?: boolean | undefined;
}

/**
 * Patches signals: sets those that have a value, removes those that are `null`.
 *
 * @see [Datastar, SSE events](https://data-star.dev/reference/sse_events#datastar-patch-signals)
 * and [RFC 7396](https://www.rfc-editor.org/rfc/rfc7396), JSON Merge Patch.
 *
 * @example Set one, remove one
 * ```ts
 * import { patchSignals } from "@tidings/sse/datastar";
 * import { assertEquals } from "@std/assert";
 *
 * const event = patchSignals({ user: { name: "Ada" }, draft: null });
 * assertEquals(event.data, 'signals {"user":{"name":"Ada"},"draft":null}');
 * ```
 *
 * @param signals The signals, as an object or as the text of a JSON object, which
 * is sent line by line as it is. What `JSON.stringify` leaves out is left out.
 * @param options How they are patched.
 * @returns The event.
 * @throws {EventDataError} If it is no JSON object, or JSON cannot hold it: a number
 * that is not finite too, since as `null` it would remove its signal; if one is
 * named `__proto__`, on which the browser fails.
 * @throws {EventBuildError} If `onlyIfMissing` is no boolean, or the id or
 * `retryDuration` cannot be written.
 */
export function patchSignals(
  signals: SignalsSource,
  options: PatchSignalsOptions = {},
): ServerSentEvent {
  const data = writePatchSignals(signals, options.onlyIfMissing);
  return datastarEvent(PATCH_SIGNALS, data, options);
}

const json = /* @__PURE__ */ new JsonEventData<unknown>();

/**
 * Writes the data of an event that patches signals.
 *
 * @throws {EventDataError} As {@linkcode patchSignals}.
 */
export function writePatchSignals(
  signals: SignalsSource,
  onlyIfMissing = false,
): string {
  checkSwitch("onlyIfMissing", onlyIfMissing);
  const lines = textLines("signals", signalsText(signals));
  return onlyIfMissing ? `onlyIfMissing true\n${lines}` : lines;
}

/**
 * Writes signals as JSON: on one line, or a text as it is.
 *
 * @throws {EventDataError} As {@linkcode patchSignals}.
 */
export function signalsText(signals: SignalsSource): string {
  const text = typeof signals === "string"
    ? checkText(signals)
    : writeSignals(signals);
  let isRefused: boolean;
  try {
    isRefused = namesPrototype(text);
  } catch (cause) {
    throw unwritable("signals must not be nested so deeply", signals, cause);
  }
  if (isRefused) {
    throw unwritable("a signal must not be named __proto__", signals);
  }
  return text;
}

/** The browser runs as a script what is not JSON: such a text must never get there. */
function checkText(text: string): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unwritable("signals must be JSON", text, cause);
  }
  if (!isSignals(value)) {
    throw unwritable("signals must be a JSON object", text);
  }
  return text;
}

function writeSignals(signals: object): string {
  // Of which JSON keeps nothing: a promise is an `await` that was forgotten.
  if (isPromiseLike(signals) || isKeyed(signals)) {
    throw unwritable("signals must be a plain object", signals);
  }
  const text = json.writeData(signals, PATCH_SIGNALS);
  if (!text.startsWith("{")) {
    throw unwritable("signals must be a JSON object", signals);
  }
  if (text.includes("null")) refuseLostNumbers(signals);
  return text;
}

function isPromiseLike(signals: object): boolean {
  return typeof signals === "object" && signals !== null && "then" in signals &&
    typeof signals.then === "function";
}

function isKeyed(signals: object): boolean {
  return signals instanceof Map || signals instanceof Set ||
    signals instanceof Error;
}

function refuseLostNumbers(signals: object): void {
  JSON.stringify(signals, (_name, value: unknown) => {
    if (typeof value !== "number" || Number.isFinite(value)) return value;
    throw unwritable(`a signal must not be ${value}`, signals);
  });
}

function unwritable(reason: string, data: unknown, cause?: unknown) {
  return new EventDataError({
    act: "write",
    reason,
    event: PATCH_SIGNALS,
    data,
    cause,
  });
}

/** An event that patches signals, as it is read. */
export interface PatchSignalsData {
  /** Which event it is. */
  readonly type: "patch-signals";
  /** The signals; `null` removes one. */
  readonly signals: Signals;
  /** Whether only signals are set that the page does not have. */
  readonly onlyIfMissing: boolean;
}

/**
 * Reads the data of an event that patches signals.
 *
 * @throws {SyntaxError} If it holds no JSON object.
 */
export function readPatchSignals(lines: readonly string[]): PatchSignalsData {
  const texts = readDataLines(lines);
  const text = texts.get("signals");
  if (text === undefined) throw new SyntaxError("it must have signals");
  const signals = parseJson(text);
  if (!isSignals(signals)) {
    throw new SyntaxError("signals must be a JSON object");
  }
  return {
    type: "patch-signals",
    signals,
    onlyIfMissing: isTrue(texts.get("onlyIfMissing")),
  };
}
