/**
 * Datastar: server-sent events that patch a page.
 *
 * @example Answer Datastar and plain browsers from one URL
 * ```ts
 * import { isDatastarRequest } from "@tidings/sse/datastar";
 * import { assertEquals } from "@std/assert";
 *
 * const request = new Request("https://example.com", {
 *   headers: { "datastar-request": "true" },
 * });
 * assertEquals(isDatastarRequest(request), true);
 * ```
 *
 * @module
 */

export { isDatastarRequest } from "./is_datastar_request.ts";
