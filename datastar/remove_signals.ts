import { EventBuildError } from "../src/errors.ts";
import type { ServerSentEvent } from "../src/wire/event.ts";
import { patchSignals } from "./patch_signals.ts";
import type { DatastarEventOptions } from "./protocol.ts";

/**
 * Removes signals from the page.
 *
 * @see [Datastar, SSE events](https://data-star.dev/reference/sse_events#datastar-patch-signals)
 *
 * @example A signal, and one inside another
 * ```ts
 * import { removeSignals } from "@tidings/sse/datastar";
 * import { assertEquals } from "@std/assert";
 *
 * const event = removeSignals(["draft", "user.name"]);
 * assertEquals(event.data, 'signals {"draft":null,"user":{"name":null}}');
 * ```
 *
 * @param paths The signals to remove; dots lead to those inside others.
 * @param options The id and the reconnection time of the event.
 * @returns The event.
 * @throws {EventBuildError} If there is no path, or one has an empty name in it; if
 * the id or `retryDuration` cannot be written.
 */
export function removeSignals(
  paths: string | readonly string[],
  options: DatastarEventOptions = {},
): ServerSentEvent {
  const list = typeof paths === "string" ? [paths] : paths;
  if (!Array.isArray(list) || list.length === 0) {
    const reason = "there must be a path of a signal to remove";
    throw new EventBuildError(reason, "data", paths);
  }
  const patch = branch();
  for (const path of list) removePath(patch, path);
  const { eventId, retryDuration } = options;
  return patchSignals(patch, { eventId, retryDuration });
}

/** `null` removes a signal with all that is in it; a branch goes on inside. */
interface Branch {
  [name: string]: Branch | null;
}

/** Without a prototype, so that every name is its own. */
function branch(): Branch {
  return Object.create(null);
}

function removePath(patch: Branch, path: string): void {
  const names = typeof path === "string" ? path.split(".") : [""];
  if (names.includes("")) {
    const reason = "the path of a signal must be names with dots between them";
    throw new EventBuildError(reason, "data", path);
  }
  const last = names.pop();
  let parent = patch;
  for (const name of names) {
    const child = parent[name] === undefined
      ? parent[name] = branch()
      : parent[name];
    // What it is in is removed already.
    if (child === null) return;
    parent = child;
  }
  if (last !== undefined) parent[last] = null;
}
