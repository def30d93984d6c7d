import type { NewEventLogEntry } from "./event_log.ts";

/** How much text the topic and the event of an entry hold, in code units. */
export function textLength({ topic, event }: NewEventLogEntry): number {
  const { event: type = "", data = "", comments = [] } = event;
  let length = topic.length + type.length + data.length;
  for (const comment of comments) length += comment.length;
  return length;
}
