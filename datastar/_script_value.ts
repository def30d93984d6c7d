import { JsonEventData } from "../src/data/json_data.ts";
import { EventBuildError, EventDataError } from "../src/errors.ts";
import { namesPrototype } from "./signals.ts";

const json = /* @__PURE__ */ new JsonEventData<unknown>();

/**
 * Writes a value as an expression of JavaScript.
 *
 * @throws {EventDataError} If JSON cannot hold it, or something in it is named
 * `__proto__`.
 */
export function scriptValue(value: unknown): string {
  const text = json.writeData(value, undefined);
  // As a script, unlike as JSON, it would set the prototype.
  if (namesPrototype(text)) {
    const reason = "a name must not be __proto__";
    throw new EventDataError({ act: "write", reason, data: value });
  }
  return text;
}

/** URLs that run as a script or show what is in them, under the page's name. */
const ACTIVE = new Set(["javascript:", "vbscript:", "data:", "blob:"]);

/**
 * Writes a URL, relative ones too, as an expression of JavaScript.
 *
 * @throws {EventBuildError} If it is none, or one that would run as a script.
 */
export function scriptUrl(url: string | URL): string {
  const text = String(url);
  let protocol: string;
  try {
    // Parsed, since the browser ignores spaces and line ends that hide a scheme.
    protocol = new URL(text, "https://page.invalid").protocol;
  } catch {
    throw new EventBuildError("a URL must be one", "data", text);
  }
  if (ACTIVE.has(protocol)) {
    const reason = `a URL must not start with ${protocol}`;
    throw new EventBuildError(reason, "data", text);
  }
  return scriptValue(text);
}
