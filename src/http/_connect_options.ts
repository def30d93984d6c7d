import { quote } from "../_quote.ts";
import type { ServerSentEvent } from "../wire/event.ts";
import type { ConnectOptions } from "./connect.ts";
import type { ReconnectMode } from "./reconnection.ts";

/** When a connection is opened again, with the default of its method. */
export function reconnectMode<T, E extends ServerSentEvent<T>>(
  { method = "GET", reconnect }: ConnectOptions<T, E>,
): ReconnectMode {
  switch (reconnect) {
    case undefined:
      return method.toUpperCase() === "GET" ? "always" : "never";
    case true:
    case "always":
      return "always";
    case false:
    case "never":
      return "never";
    case "on-error":
      return "on-error";
    default:
      throw new TypeError(
        `Cannot connect: reconnect must be always, on-error or never, got ${
          quote(reconnect)
        }`,
      );
  }
}

/**
 * Refuses a body that cannot be sent again.
 *
 * @throws {TypeError}
 */
export function checkBody(body: unknown, mode: ReconnectMode): void {
  if (mode === "never" || !isStream(body)) return;
  throw new TypeError(
    "Cannot connect: a body that is sent again must not be a stream, got one: give a function that makes it, or reconnect: false",
  );
}

/** Whether a body is one that is sent as it is read. */
export function isStream(body: unknown): boolean {
  return typeof body === "object" && body !== null &&
    ("getReader" in body || Symbol.asyncIterator in body);
}

/** The least that each may be: a timeout of 0 would be over before it began. */
const LEAST = [
  ["initialDelay", 0],
  ["maxDelay", 0],
  ["maxServerDelay", 0],
  ["maxRetries", 0],
  ["maxElapsed", 0],
  ["healthyAfter", 0],
  ["responseTimeout", 1],
  ["idleTimeout", 1],
] as const;

/**
 * Refuses a number that is none, or too small.
 *
 * @throws {RangeError}
 */
export function checkNumbers<T, E extends ServerSentEvent<T>>(
  options: ConnectOptions<T, E>,
): void {
  for (const [name, least] of LEAST) {
    const value = options[name];
    if (value === undefined || value >= least) continue;
    throw new RangeError(
      `Cannot connect: ${name} must be at least ${least}, got ${quote(value)}`,
    );
  }
}
