/** The headers of every event stream, with the caller's, which win. */
export function eventStreamHeaders(
  init: ConstructorParameters<typeof Headers>[0] | undefined,
): Headers {
  const headers = new Headers({
    "content-type": "text/event-stream",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
  });
  return overrideHeaders(headers, init);
}

/** Replaces headers with the caller's. */
export function overrideHeaders(
  headers: Headers,
  init: ConstructorParameters<typeof Headers>[0] | undefined,
): Headers {
  const own = new Headers(init);
  for (const [name] of own) headers.delete(name);
  // Appended, since there may be several cookies.
  for (const [name, value] of own) headers.append(name, value);
  return headers;
}
