import { quote } from "../_quote.ts";

/**
 * Refuses a topic that is not text, such as the `null` of a search parameter that is
 * not there.
 *
 * @throws {TypeError} If it is not.
 */
export function checkTopic(act: string, topic: unknown): void {
  if (typeof topic === "string") return;
  throw new TypeError(`${act}: a topic must be text, got ${quote(topic)}`);
}
