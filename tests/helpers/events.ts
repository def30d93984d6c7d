import type { ServerSentEvent } from "../../mod.ts";

/** An event without the keys that are `undefined`, to compare with a literal. */
export function present<T>(event: ServerSentEvent<T>): ServerSentEvent<T> {
  return Object.fromEntries(
    Object.entries(event).filter(([, value]) => value !== undefined),
  );
}
