/** Signals: a JSON object. */
export type Signals = Readonly<Record<string, unknown>>;

/** Keys that are looked at once a text has them, escaped or not. */
const SUSPECT = /__proto__|constructor|\\u/;

/**
 * Reads a JSON text from outside.
 *
 * What could reach a prototype when a program copies it elsewhere is left out:
 * keys named `__proto__`, and a `constructor` that holds a `prototype`.
 *
 * @throws {SyntaxError} If it is not JSON.
 */
export function parseJson(text: string): unknown {
  return SUSPECT.test(text)
    ? JSON.parse(text, withoutPrototypes)
    : JSON.parse(text);
}

/**
 * Whether a JSON text has a key `__proto__`, on which Datastar in the browser fails.
 *
 * @throws {SyntaxError} If it is not JSON.
 */
export function namesPrototype(text: string): boolean {
  if (!SUSPECT.test(text)) return false;
  let found = false;
  JSON.parse(text, (key, value: unknown) => {
    found ||= key === "__proto__";
    return value;
  });
  return found;
}

function withoutPrototypes(key: string, value: unknown): unknown {
  if (key === "__proto__") return undefined;
  const reaches = key === "constructor" && typeof value === "object" &&
    value !== null && Object.hasOwn(value, "prototype");
  return reaches ? undefined : value;
}

/** Whether a JSON value is an object, as signals are. */
export function isSignals(value: unknown): value is Signals {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
