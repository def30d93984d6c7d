import { EventStreamTimeoutError, IncompleteStreamError } from "../errors.ts";
import { parseRetryAfter } from "./_retry_after.ts";
import { MAX_TIMER } from "./_timer.ts";

/**
 * When a connection that has ended is opened again.
 *
 * - `"always"`: when it breaks, and when the server ends it.
 * - `"on-error"`: when it breaks.
 * - `"never"`.
 */
export type ReconnectMode = "always" | "on-error" | "never";

/** How often and when a connection is opened again. */
export interface ReconnectionOptions {
  /**
   * How long to wait at least before the connection is opened again, in
   * milliseconds, unless the server says so itself with `retry`.
   *
   * @default {1000}
   */
  readonly initialDelay?: number | undefined;
  /**
   * How far the backoff grows, of which a random part is waited on top, in
   * milliseconds: it is `initialDelay` at first, and doubles with every attempt.
   *
   * @default {30000}
   */
  readonly maxDelay?: number | undefined;
  /**
   * How long a server may ask to wait, with `retry` or `Retry-After`, in
   * milliseconds. More is an `EventStreamTimeoutError`.
   *
   * @default {Infinity} However long; the longest that a timer can hold, 24 days, is waited.
   */
  readonly maxServerDelay?: number | undefined;
  /**
   * How often the connection is opened again without one that stayed healthy.
   *
   * @default {Infinity}
   */
  readonly maxRetries?: number | undefined;
  /**
   * How long it is tried without a connection that stayed healthy, in milliseconds;
   * an attempt that has begun by then is not cut short.
   *
   * @default {Infinity}
   */
  readonly maxElapsed?: number | undefined;
  /**
   * How long a connection must have been open to count as healthy, in milliseconds:
   * then the backoff begins anew. 0 is for servers that end their streams by design.
   *
   * @default {5000}
   */
  readonly healthyAfter?: number | undefined;
}

/** Where the time and the chance come from. */
export interface ReconnectionClock {
  /** A time that only goes on, in milliseconds. */
  now(): number;
  /** The date, in milliseconds since 1970. */
  date(): number;
  /** A random number from 0 to 1. */
  random(): number;
}

/** What a response means for the connection. */
export type ResponseVerdict = "open" | "stop" | "reconnect" | "fail";

/** How a connection, or an attempt to open one, has ended. */
export type ConnectionOutcome =
  | {
    /** The server has ended the stream. */
    readonly kind: "end";
  }
  | {
    /** The closing event has come, or the answer was 204. */
    readonly kind: "complete";
  }
  | {
    /** The network failed, the stream broke, or it was silent for too long. */
    readonly kind: "broken";
    readonly error: unknown;
  }
  | {
    /** The answer was one after which another is to be asked for. */
    readonly kind: "refused";
    readonly error: unknown;
    /** Its `Retry-After` header. */
    readonly retryAfter: string | null;
    /** Whether the program has mended the cause, as by a fresh token: the first time nothing is waited. */
    readonly mended: boolean;
  };

/** What to do next. */
export type ReconnectionDecision =
  | {
    readonly act: "wait";
    /** How long, in milliseconds. */
    readonly delay: number;
    /** How often the connection has been opened again without one that stayed healthy, this time included. */
    readonly attempt: number;
    /** What went wrong, `undefined` if the server has ended the stream. */
    readonly cause: unknown;
  }
  | { readonly act: "stop" }
  | { readonly act: "fail"; readonly error: unknown };

/** Decides whether and when a connection is opened again. It waits for nothing itself. */
export interface Reconnection {
  /**
   * Says that an attempt to open the connection begins.
   *
   * @returns How often it was opened again without one that stayed healthy.
   */
  connecting(): number;
  /** Says that the connection is open. */
  opened(): void;
  /** Decides what follows from an outcome. */
  next(
    outcome: ConnectionOutcome,
    reconnectionTime: number | undefined,
    lastEventId: string,
  ): ReconnectionDecision;
}

/** The statuses beside 5xx that say "later": timeout, too early, too many requests. */
const LATER = new Set([408, 425, 429]);

/** What the status of a response means, and whether it is an event stream. */
export function judgeResponse(
  status: number,
  isEventStream: boolean,
): ResponseVerdict {
  if (status === 200) return isEventStream ? "open" : "fail";
  if (status === 204) return "stop";
  return LATER.has(status) || (status >= 500 && status <= 599)
    ? "reconnect"
    : "fail";
}

/** What a connection goes by. */
export interface ConnectionRules {
  /** What the status of a response means, and whether it is an event stream. */
  judge(status: number, isEventStream: boolean): ResponseVerdict;
  /**
   * How long is waited after a connection that was open and has ended, in
   * milliseconds at least, with no backoff; `undefined` for the usual wait.
   */
  readonly leastAfterOpen: number | undefined;
}

/** The rules of `connect`. */
export const CONNECT_RULES: ConnectionRules = {
  judge: judgeResponse,
  leastAfterOpen: undefined,
};

/**
 * The rules of HTML, section 9.2.3: only one kind of response opens the connection,
 * and one that was open is opened again after the reconnection time. Its 0 would be
 * hundreds of requests a second.
 */
export const HTML_RULES: ConnectionRules = {
  judge: (status, isEventStream) =>
    status === 200 && isEventStream ? "open" : "fail",
  leastAfterOpen: 250,
};

/** What goes into a wait. */
interface WaitFor {
  /** What `Retry-After` asks for, in milliseconds, 0 if nothing. */
  readonly retryAfter: number;
  /** What `retry` asks for, in milliseconds. */
  readonly reconnectionTime: number | undefined;
  /** What went wrong, `undefined` if the server has ended the stream. */
  readonly cause: unknown;
  /** What the program is told if it is not waited. */
  readonly error: unknown;
  readonly mended: boolean;
}

/** Makes the state machine of a connection. */
export function createReconnection(
  mode: ReconnectMode,
  options: ReconnectionOptions,
  clock: ReconnectionClock,
  { leastAfterOpen }: ConnectionRules = CONNECT_RULES,
): Reconnection {
  const {
    initialDelay = 1000,
    maxDelay = 30_000,
    maxServerDelay = Infinity,
    maxRetries = Infinity,
    maxElapsed = Infinity,
    healthyAfter = 5000,
  } = options;
  /** Since when there has been no healthy connection. */
  let soughtSince: number | undefined;
  let openedAt: number | undefined;
  let retries = 0;
  /** Whether the program has mended something since then: the next time is waited for. */
  let hasMended = false;

  function begin(): void {
    retries = 0;
    soughtSince = undefined;
    hasMended = false;
  }

  /** Judges the connection that has ended, if there was one. */
  function forgetIfHealthy(): void {
    const isHealthy = openedAt !== undefined &&
      (leastAfterOpen !== undefined ||
        clock.now() - openedAt >= healthyAfter);
    openedAt = undefined;
    if (isHealthy) begin();
  }

  function delayOf(
    { retryAfter, reconnectionTime = initialDelay }: WaitFor,
    wasOpen: boolean,
  ): number {
    const least = Math.max(retryAfter, reconnectionTime);
    if (wasOpen && leastAfterOpen !== undefined) {
      return Math.max(least, leastAfterOpen);
    }
    // Doubling leaves the numbers after some 1000 times: Infinity is cut too.
    const backoff = Math.min(
      Math.max(initialDelay, 1) * 2 ** retries,
      maxDelay,
      MAX_TIMER,
    );
    return Math.ceil(least + clock.random() * backoff);
  }

  function wait(why: WaitFor, wasOpen: boolean): ReconnectionDecision {
    const { retryAfter, reconnectionTime = 0, cause, error, mended } = why;
    const asked = Math.max(retryAfter, reconnectionTime);
    if (asked > maxServerDelay) {
      const reason =
        `the server must not ask to wait longer than maxServerDelay, ${maxServerDelay} ms, got ${asked} ms`;
      const tooLong = new EventStreamTimeoutError(reason, asked, error);
      return { act: "fail", error: tooLong };
    }
    const isAtOnce = mended && !hasMended && retryAfter === 0;
    hasMended ||= mended;
    const delay = isAtOnce ? 0 : Math.min(delayOf(why, wasOpen), MAX_TIMER);
    const elapsed = clock.now() - (soughtSince ??= clock.now());
    if (retries >= maxRetries || elapsed + delay > maxElapsed) {
      return { act: "fail", error };
    }
    return { act: "wait", delay, attempt: ++retries, cause };
  }

  return {
    connecting() {
      forgetIfHealthy();
      soughtSince ??= clock.now();
      return retries;
    },
    opened() {
      openedAt = clock.now();
    },
    next(outcome, reconnectionTime, lastEventId) {
      const wasOpen = openedAt !== undefined;
      forgetIfHealthy();
      if (outcome.kind === "complete") return { act: "stop" };
      if (outcome.kind === "end") {
        if (mode !== "always") return { act: "stop" };
        const reason = "the server has ended it, and it is not opened again";
        return wait({
          retryAfter: 0,
          reconnectionTime,
          cause: undefined,
          error: new IncompleteStreamError(lastEventId, reason),
          mended: false,
        }, wasOpen);
      }
      const { error } = outcome;
      const { retryAfter, mended } = outcome.kind === "refused"
        ? outcome
        : { retryAfter: null, mended: false };
      // What the program has mended it wants to be tried, once.
      const isWanted = mode !== "never" || (mended && !hasMended);
      if (!isWanted) return { act: "fail", error };
      return wait({
        retryAfter: parseRetryAfter(retryAfter, clock.date()) ?? 0,
        reconnectionTime,
        cause: error,
        error,
        mended,
      }, wasOpen);
    },
  };
}
