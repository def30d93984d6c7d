import { decodeHeaderValue } from "./_header_value.ts";

/** Where else {@linkcode lastEventId} looks. */
export interface LastEventIdOptions {
  /**
   * The name of a query parameter to look at when there is no header: for a
   * page's first connection, since `EventSource` cannot set headers.
   *
   * @default {undefined} Only the header counts.
   */
  readonly query?: string | undefined;
}

/**
 * The last event ID that a client sends when it reconnects.
 *
 * The header holds UTF-8, which `Headers` hands out as Latin-1: it is decoded
 * again here, so that an id comes back as it was sent.
 *
 * @see [HTML, section 9.2.4](https://html.spec.whatwg.org/multipage/server-sent-events.html#the-last-event-id-header)
 *
 * @example Go on where the client left off
 * ```ts
 * import { lastEventId } from "@tidings/sse/server";
 * import { assertEquals } from "@std/assert";
 *
 * const request = new Request("https://example.com/events?from=41");
 * assertEquals(lastEventId(request), undefined);
 * assertEquals(lastEventId(request, { query: "from" }), "41");
 * ```
 *
 * @param request The request.
 * @param options Where else to look.
 * @returns The id, or `undefined` if the client sends none. It is the client's
 * word: anything can be in it.
 */
export function lastEventId(
  request: Request,
  options: LastEventIdOptions = {},
): string | undefined {
  const { query } = options;
  const header = request.headers.get("last-event-id");
  if (header !== null) return decodeHeaderValue(header);
  if (query === undefined) return undefined;
  return new URL(request.url).searchParams.get(query) ?? undefined;
}
