import { overrideHeaders } from "../src/http/_event_stream_headers.ts";

/** The init of a direct response, without what it sets itself. */
export interface DirectResponseOptions {
  /**
   * Headers to add, or to replace those of the response with.
   *
   * @default {{}}
   */
  readonly headers?: ConstructorParameters<typeof Headers>[0] | undefined;
}

/** Makes a response that Datastar in the browser reads without an event stream. */
export function directResponse(
  body: string,
  own: Readonly<Record<string, string | undefined>>,
  options: DirectResponseOptions,
): Response {
  const headers = new Headers({
    "cache-control": "no-cache",
    "x-content-type-options": "nosniff",
  });
  for (const [name, value] of Object.entries(own)) {
    if (value !== undefined) headers.set(name, value);
  }
  return new Response(body, {
    headers: overrideHeaders(headers, options.headers),
  });
}
