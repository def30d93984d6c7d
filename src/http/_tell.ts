/**
 * Tells a listener of the program. What it throws is nobody's to catch here: it
 * becomes an unhandled rejection, and breaks nothing of the stream.
 *
 * @returns What the listener returns, `undefined` if it throws.
 */
export function tell<V, R>(
  listener: (value: V) => R,
  value: V,
): R | undefined {
  try {
    return listener(value);
  } catch (thrown) {
    Promise.reject(thrown);
    return undefined;
  }
}
