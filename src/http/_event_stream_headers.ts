type HeadersInit = ConstructorParameters<typeof Headers>[0];

const EVENT_STREAM_HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
};

/**
 * The headers of every event stream, with the caller's, which win.
 *
 * Without any of the caller's always the same object: thousands of lists of headers
 * would be made for a hub, only to be copied.
 */
export function eventStreamHeaders(
  init: HeadersInit | undefined,
): NonNullable<HeadersInit> {
  return init === undefined
    ? EVENT_STREAM_HEADERS
    : overrideHeaders(new Headers(EVENT_STREAM_HEADERS), init);
}

/** Replaces headers with the caller's. */
export function overrideHeaders(
  headers: Headers,
  init: HeadersInit | undefined,
): Headers {
  const own = new Headers(init);
  for (const [name] of own) headers.delete(name);
  // Appended, since there may be several cookies.
  for (const [name, value] of own) headers.append(name, value);
  return headers;
}
