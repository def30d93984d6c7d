import { splitHeader } from "./_header_list.ts";
import { EVENT_STREAM_TYPE } from "./media_type.ts";

/** The media ranges that an event stream is in, the most specific last. */
const RANGES = ["*/*", "text/*", EVENT_STREAM_TYPE];

/**
 * Whether a request accepts an event stream as its answer, by its `Accept` header.
 *
 * The most specific range that fits decides; one with `q=0` refuses. A request
 * without the header accepts everything.
 *
 * @see [RFC 9110, section 12.5.1](https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1)
 *
 * @example The same URL for a page and for its events
 * ```ts
 * import { acceptsEventStream } from "@tidings/sse/server";
 * import { assertEquals } from "@std/assert";
 *
 * const asks = (accept: string) =>
 *   acceptsEventStream(new Request("https://example.com", { headers: { accept } }));
 * assertEquals(asks("text/event-stream"), true);
 * assertEquals(asks("text/html, text/*;q=0"), false);
 * ```
 *
 * @param request The request.
 * @returns Whether an event stream is an acceptable answer.
 */
export function acceptsEventStream(request: Request): boolean {
  const accept = request.headers.get("accept");
  const values = splitHeader(accept ?? "", ",").filter((value) => value !== "");
  if (values.length === 0) return true;

  let specificity = -1;
  let quality = 0;
  for (const value of values) {
    const [range, ...parameters] = splitHeader(value.toLowerCase(), ";");
    const rank = RANGES.indexOf(range);
    if (rank < specificity || rank === -1) continue;
    const weight = weightOf(parameters);
    if (weight === undefined) continue;
    quality = rank === specificity ? Math.max(quality, weight) : weight;
    specificity = rank;
  }
  return quality > 0;
}

/**
 * The weight among the parameters of a media range, 1 if it names none.
 *
 * @returns `undefined` if a parameter asks for something that an event stream
 * is not: it has none but `charset`, which is always UTF-8.
 */
function weightOf(parameters: readonly string[]): number | undefined {
  let weight = 1;
  for (const parameter of parameters) {
    const [name, value = ""] = parameter.split("=", 2);
    if (name === "q") {
      const parsed = Number(value);
      if (value !== "" && parsed >= 0 && parsed <= 1) weight = parsed;
    } else if (parameter !== "" && !/^charset="?utf-8"?$/.test(parameter)) {
      return undefined;
    }
  }
  return weight;
}
