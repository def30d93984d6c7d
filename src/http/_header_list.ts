/**
 * Splits a header value at a separator, but not inside quoted strings
 * (RFC 9110, section 5.6.1 and 5.6.4), and removes the white space around the
 * parts: spaces and tabs, not what `trim()` takes for white space.
 */
export function splitHeader(value: string, separator: "," | ";"): string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let i = 0; i < value.length; i++) {
    if (value[i] === '"') quoted = !quoted;
    else if (quoted && value[i] === "\\") i++;
    else if (!quoted && value[i] === separator) {
      parts.push(trimOptionalWhiteSpace(value.slice(start, i)));
      start = i + 1;
    }
  }
  parts.push(trimOptionalWhiteSpace(value.slice(start)));
  return parts;
}

function trimOptionalWhiteSpace(text: string): string {
  return text.replace(/^[\t ]+|[\t ]+$/g, "");
}
