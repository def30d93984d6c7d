import type { EventLogEntry } from "./event_log.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A text of Redis, however a client hands it out. */
export function textOf(reply: unknown): string {
  if (typeof reply === "string") return reply;
  if (reply instanceof Uint8Array) return decoder.decode(reply);
  return String(reply);
}

/**
 * The fields of a map: a flat array in RESP2, and in RESP3 whatever a client makes
 * of a map.
 */
export function fieldsOf(reply: unknown): Map<string, unknown> {
  if (reply instanceof Map) {
    return new Map(Array.from(reply, ([name, value]) => [textOf(name), value]));
  }
  const fields = new Map<string, unknown>();
  if (Array.isArray(reply)) {
    // Some clients make pairs of it.
    const flat = Array.isArray(reply[0]) ? reply.flat(1) : reply;
    for (let i = 0; i + 1 < flat.length; i += 2) {
      fields.set(textOf(flat[i]), flat[i + 1]);
    }
  } else if (typeof reply === "object" && reply !== null) {
    for (const [name, value] of Object.entries(reply)) fields.set(name, value);
  }
  return fields;
}

/** The entries that `XRANGE` gives, or `XREAD` for a stream. */
export function entriesOf(reply: unknown): EventLogEntry[] {
  if (!Array.isArray(reply)) return [];
  const entries: EventLogEntry[] = [];
  for (const item of reply) {
    // An entry that was deleted while it was read has no fields.
    if (Array.isArray(item) && item[1] !== null && item[1] !== undefined) {
      entries.push(entryOf(textOf(item[0]), fieldsOf(item[1])));
    }
  }
  return entries;
}

/** The entries that `XREAD` gives, of whatever stream: it reads one. */
export function readEntriesOf(reply: unknown): EventLogEntry[] {
  for (const entries of fieldsOf(reply).values()) return entriesOf(entries);
  return [];
}

/** The fields that an entry has beside those of other programs. */
const FIELD = {
  topic: "topic",
  event: "event",
  data: "data",
  retry: "retry",
  comments: "comments",
} as const;

/** The fields of an entry, as arguments of `XADD`. */
export function argumentsOf(
  { topic, event }: Omit<EventLogEntry, "id">,
): string[] {
  const { event: type, data, retry, comments } = event;
  const args = [FIELD.topic, topic];
  if (type !== undefined) args.push(FIELD.event, type);
  if (data !== undefined) args.push(FIELD.data, data);
  if (retry !== undefined) args.push(FIELD.retry, String(retry));
  // None has a line end.
  if (comments !== undefined && comments.length > 0) {
    args.push(FIELD.comments, comments.join("\n"));
  }
  return args;
}

function entryOf(id: string, fields: Map<string, unknown>): EventLogEntry {
  const get = (name: string) => {
    const value = fields.get(name);
    return value === undefined || value === null ? undefined : textOf(value);
  };
  const type = get(FIELD.event);
  const data = get(FIELD.data);
  const retry = get(FIELD.retry);
  const comments = get(FIELD.comments);
  return {
    id,
    topic: get(FIELD.topic) ?? "",
    event: {
      ...(type !== undefined && { event: type }),
      ...(data !== undefined && { data }),
      ...(retry !== undefined && { retry: Number(retry) }),
      ...(comments !== undefined && { comments: comments.split("\n") }),
    },
  };
}
