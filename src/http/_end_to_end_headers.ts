/**
 * Headers that concern one connection only (RFC 9110, section 7.6.1), together
 * with those that a message framed anew must not keep.
 */
const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** The headers that an intermediary passes on: all but those of the connection, and those that `Connection` names. */
export function endToEndHeaders(headers: Headers): Headers {
  // Tokens only: a quote in it must not hide what follows.
  const named = (headers.get("connection") ?? "").split(",")
    .map((name) => name.trim());
  const kept = new Headers();
  // Appended one by one, since there may be several cookies.
  for (const [name, value] of headers) kept.append(name, value);
  for (const name of [...HOP_BY_HOP, ...named]) {
    if (isToken(name)) kept.delete(name);
  }
  return kept;
}

/** `Headers` refuse a name that is none, as `Connection` may hold. */
function isToken(name: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name);
}
