/**
 * Whether a request comes from Datastar in the browser: it then has the header
 * `datastar-request: true`.
 *
 * @example Two kinds of requests
 * ```ts
 * import { isDatastarRequest } from "@tidings/sse/datastar";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(isDatastarRequest(new Request("https://example.com")), false);
 * ```
 *
 * @param request The request.
 * @returns Whether Datastar sent it.
 */
export function isDatastarRequest(request: Request): boolean {
  return request.headers.get("datastar-request") === "true";
}
