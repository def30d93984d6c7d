import type { ServerSentEvent } from "../src/wire/event.ts";
import {
  patchElements,
  type PatchElementsTransition,
} from "./patch_elements.ts";
import type { DatastarEventOptions } from "./protocol.ts";

/** How elements are removed. */
export type RemoveElementsOptions =
  & DatastarEventOptions
  & PatchElementsTransition;

/**
 * Removes elements from the page.
 *
 * @see [Datastar, SSE events](https://data-star.dev/reference/sse_events#datastar-patch-elements)
 *
 * @example Two at once
 * ```ts
 * import { removeElements } from "@tidings/sse/datastar";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(removeElements("#draft, .hint").data, "selector #draft, .hint\nmode remove");
 * ```
 *
 * @param selector A CSS selector of the elements to remove.
 * @param options How they are removed.
 * @returns The event.
 * @throws {EventBuildError} If the selector is empty or holds a line end, or the id
 * or `retryDuration` cannot be written.
 */
export function removeElements(
  selector: string,
  options: RemoveElementsOptions = {},
): ServerSentEvent {
  return patchElements("", { ...options, selector, mode: "remove" });
}
