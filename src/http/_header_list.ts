/**
 * Splits a header value at a separator, but not inside quoted strings
 * (RFC 9110, section 5.6.1 and 5.6.4), and trims the parts.
 */
export function splitHeader(value: string, separator: "," | ";"): string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let i = 0; i < value.length; i++) {
    if (value[i] === '"') quoted = !quoted;
    else if (quoted && value[i] === "\\") i++;
    else if (!quoted && value[i] === separator) {
      parts.push(value.slice(start, i).trim());
      start = i + 1;
    }
  }
  parts.push(value.slice(start).trim());
  return parts;
}
