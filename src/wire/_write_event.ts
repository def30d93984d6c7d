import { EventBuildError } from "../errors.ts";
import type { EventEncoderOptions } from "./format_event.ts";
import type { ServerSentEvent } from "./event.ts";

/** Writes an event as text; under every public way to write one. */
export function writeEvent<T>(
  event: ServerSentEvent<T>,
  options: EventEncoderOptions<T> = {},
): string {
  if (typeof event !== "object" || event === null) {
    throw new EventBuildError("it must be an object", undefined, event);
  }
  const { event: type, data, id, retry, comments } = event;
  let text = "";
  if (comments !== undefined) text += formatComments(comments);
  if (type !== undefined && type !== "") {
    text += `event: ${checkLine("event", type)}\n`;
  }
  if (id !== undefined) text += `id: ${checkId(id)}\n`;
  if (retry !== undefined) text += `retry: ${checkRetry(retry)}\n`;
  if (data !== undefined) {
    const value = options.data === undefined
      ? data
      : options.data.writeData(data, type === "" ? undefined : type);
    text += formatData(value);
  }
  if (text === "") {
    throw new EventBuildError(
      "it must have a field or a comment",
      undefined,
      event,
    );
  }
  return text + "\n";
}

function formatComments(comments: readonly string[]): string {
  if (!Array.isArray(comments)) {
    throw new EventBuildError(
      "comments must be an array",
      "comments",
      comments,
    );
  }
  let text = "";
  for (const comment of comments) {
    text += `: ${checkLine("comments", comment)}\n`;
  }
  return text;
}

const LINE_END = /\r\n|\r|\n/g;
const LINE_FEED = /\n/g;

function formatData(data: unknown): string {
  if (typeof data !== "string") {
    throw new EventBuildError(
      "data must be a string or have a codec",
      "data",
      data,
    );
  }
  if (data.includes("\r")) {
    return `data: ${data.replace(LINE_END, "\ndata: ")}\n`;
  }
  return data.includes("\n")
    ? `data: ${data.replace(LINE_FEED, "\ndata: ")}\n`
    : `data: ${data}\n`;
}

/** Refuses what would end the line, or could not be read back as it is. */
function checkLine(field: "event" | "id" | "comments", value: unknown): string {
  if (typeof value !== "string") {
    throw new EventBuildError(`${field} must be text`, field, value);
  }
  if (value.includes("\n") || value.includes("\r")) {
    throw new EventBuildError(
      `${field} must not contain a line end`,
      field,
      value,
    );
  }
  if (!value.isWellFormed()) {
    throw new EventBuildError(
      `${field} must not contain a lone surrogate`,
      field,
      value,
    );
  }
  return value;
}

function checkId(id: unknown): string {
  const line = checkLine("id", id);
  if (line.includes("\0")) {
    throw new EventBuildError("id must not contain NUL", "id", id);
  }
  return line;
}

function checkRetry(retry: unknown): number {
  if (typeof retry === "number" && Number.isSafeInteger(retry) && retry >= 0) {
    return retry;
  }
  throw new EventBuildError(
    "retry must be an integer from 0 to Number.MAX_SAFE_INTEGER",
    "retry",
    retry,
  );
}
