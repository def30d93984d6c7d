/** How much of an offending value an error message shows. */
const SHOWN_LENGTH = 40;

/**
 * Quotes a value for an error message, cut at 40 characters.
 *
 * Line ends and other control characters come out escaped, so that a message stays on one line.
 */
export function quote(value: unknown): string {
  if (typeof value !== "string") return describe(value);
  return value.length <= SHOWN_LENGTH
    ? JSON.stringify(value)
    : `${JSON.stringify(value.slice(0, SHOWN_LENGTH))}…`;
}

function describe(value: unknown): string {
  switch (typeof value) {
    case "object":
      return value === null
        ? "null"
        : Array.isArray(value)
        ? "an array"
        : "an object";
    case "function":
      return "a function";
    default:
      return String(value);
  }
}
