import { splitHeader } from "./_header_list.ts";

/** The media type of an event stream. */
export const EVENT_STREAM_TYPE = "text/event-stream";

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const ESSENCE = new RegExp(`^(${TOKEN})/(${TOKEN})$`);

/**
 * Whether a `Content-Type` header says that the body is an event stream.
 *
 * As in Fetch, "extract a MIME type": of several values the last that is valid
 * counts, without its parameters.
 */
export function isEventStreamType(contentType: string | null): boolean {
  if (contentType === null) return false;
  let essence: string | undefined;
  for (const value of splitHeader(contentType, ",")) {
    const [type] = splitHeader(value, ";");
    if (ESSENCE.test(type) && type !== "*/*") essence = type.toLowerCase();
  }
  return essence === EVENT_STREAM_TYPE;
}
