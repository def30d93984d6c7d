import { quote } from "../_quote.ts";
import { EventLogError, StreamClosedError } from "../errors.ts";
import { checkTimer } from "../http/_timer.ts";
import { compareIds, isEntryId, START } from "./_redis_id.ts";
import {
  argumentsOf,
  entriesOf,
  fieldsOf,
  readEntriesOf,
  textOf,
} from "./_redis_reply.ts";
import type {
  EventLog,
  EventLogEntry,
  EventLogListener,
  EventLogTail,
} from "./event_log.ts";

/** Sends a command to Redis, and gives its reply, as any client can. */
export type RedisCommand = (args: string[]) => Promise<unknown>;

/** Which Redis stream holds the events, and how it is reached. */
export interface RedisEventLogOptions {
  /**
   * Sends a command, on a connection that is not blocked. Let it fail rather than
   * queue while Redis is down: what is published then is to be an error.
   */
  readonly send: RedisCommand;
  /** Sends a command on a connection of its own, which waits for new entries. */
  readonly sendBlocking: RedisCommand;
  /** The key of the stream: one stream for each log. */
  readonly key: string;
  /**
   * About how many entries the stream keeps: Redis may keep some more. All processes
   * must say the same.
   *
   * @default {undefined} All of them.
   */
  readonly maxLen?: number | undefined;
  /**
   * How long a command may take, in milliseconds; it fails with a `TimeoutError` then.
   * An event of which it is not known in time whether it was appended is an error to
   * its publisher.
   *
   * @default {5000}
   */
  readonly timeout?: number | undefined;
}

/** How long a blocking read waits, in milliseconds. It is begun again then. */
const BLOCK = 5000;

/** How many entries are read at a time. */
const READ_ENTRIES = 512;

/** How long is waited before Redis is asked again that has failed: at first, and at most. */
const FIRST_DELAY = 100;
const LAST_DELAY = 5000;

const DEFAULT_TIMEOUT = 5000;

/**
 * Makes a log on a Redis stream, for any number of processes: the id of an event is
 * that of its entry.
 *
 * A process has one blocking read for each log, however many topics and subscribers.
 * When Redis is away it is asked again, and read on from the last entry that was
 * seen. That an event was published means that Redis has it; what of that survives a
 * crash depends on how Redis itself is set up (`appendonly`, `appendfsync`,
 * replication).
 *
 * @see [Redis streams](https://redis.io/docs/latest/develop/data-types/streams/)
 *
 * @example With node-redis
 * ```ts ignore
 * import { createClient } from "redis";
 * import { EventHub, redisEventLog } from "@tidings/sse/server";
 *
 * const client = createClient({ disableOfflineQueue: true });
 * const blocking = client.duplicate();
 * for (const each of [client, blocking]) {
 *   each.on("error", (error) => console.error(error));
 *   await each.connect();
 * }
 *
 * const hub = new EventHub({
 *   log: redisEventLog({
 *     send: (args) => client.sendCommand(args),
 *     sendBlocking: (args) => blocking.sendCommand(args),
 *     key: "events",
 *     maxLen: 100_000,
 *   }),
 * });
 * ```
 *
 * @example With ioredis, which must neither wait nor send anything again
 * ```ts ignore
 * import { Redis } from "ioredis";
 * import { EventHub, redisEventLog } from "@tidings/sse/server";
 *
 * const client = new Redis({
 *   enableOfflineQueue: false,
 *   autoResendUnfulfilledCommands: false,
 *   maxRetriesPerRequest: 0,
 * });
 * const blocking = client.duplicate();
 *
 * const hub = new EventHub({
 *   log: redisEventLog({
 *     send: ([name, ...args]) => client.call(name, ...args),
 *     sendBlocking: ([name, ...args]) => blocking.call(name, ...args),
 *     key: "events",
 *   }),
 * });
 * ```
 *
 * @param options Which stream, and how it is reached.
 * @returns The log. Closing it ends its blocking read at once; the connections are
 * yours to close.
 * @throws {TypeError} If the key is empty.
 * @throws {RangeError} If `maxLen` is no positive integer, or a timer cannot hold
 * `timeout`.
 */
export function redisEventLog(options: RedisEventLogOptions): EventLog {
  const { send, sendBlocking, key, maxLen, timeout = DEFAULT_TIMEOUT } =
    options;
  checkKey(key);
  checkMaxLen(maxLen);
  checkTimer("Cannot use Redis: timeout", timeout);
  /** Ends the log, and with it the tail. */
  const closing = new AbortController();
  const stopping = new AbortController();
  let isFollowed = false;
  let following: Promise<void> | undefined;
  /** The blocking connection, as Redis numbers it. */
  let blockingId: string | undefined;

  async function ask(...args: string[]): Promise<unknown> {
    return await inTime(send(args), timeout);
  }

  /** On the blocking connection; ends with the tail, whatever becomes of the reply. */
  function askBlocking(...args: string[]): Promise<unknown> {
    const { signal } = stopping;
    return inTime(orAborted(sendBlocking(args), signal), BLOCK + timeout);
  }

  async function info(): Promise<Map<string, unknown>> {
    try {
      return fieldsOf(await ask("XINFO", "STREAM", key));
    } catch (error) {
      // There is no stream before the first entry.
      if (/no such key/i.test(String(error))) return new Map();
      throw error;
    }
  }

  async function lastGenerated(): Promise<string> {
    return textOf((await info()).get("last-generated-id") ?? START);
  }

  async function readAfter(
    id: string,
    limit: number,
  ): Promise<EventLogEntry[] | undefined> {
    if (!isEntryId(id)) return undefined;
    // With the entry itself, whose being there says that nothing behind it is gone:
    // one command, so that nothing is trimmed between looking and reading.
    const count = String(limit + 1);
    const entries = entriesOf(
      await ask("XRANGE", key, id, "+", "COUNT", count),
    );
    if (entries.length > 0 && compareIds(entries[0].id, id) === 0) {
      return entries.slice(1);
    }
    const fields = await info();
    if (entries.length === 0) {
      const last = textOf(fields.get("last-generated-id") ?? START);
      return compareIds(last, id) === 0 ? [] : undefined;
    }
    // From before the first entry: complete if none was ever removed.
    const isComplete = compareIds(id, START) === 0 &&
      fields.has("entries-added") &&
      Number(fields.get("entries-added")) === Number(fields.get("length"));
    return isComplete ? entries.slice(0, limit) : undefined;
  }

  /** Whether entries behind `position` may have been trimmed before they were read. */
  function mayHaveGap(count: number): boolean {
    return count >= Math.min(READ_ENTRIES, maxLen ?? READ_ENTRIES);
  }

  /** Reads from an entry on, `undefined` if it is not there any more. */
  async function readFrom(
    id: string,
    limit: number,
  ): Promise<EventLogEntry[] | undefined> {
    const count = String(limit);
    const entries = entriesOf(
      await ask("XRANGE", key, id, "+", "COUNT", count),
    );
    return entries[0]?.id === id ? entries : undefined;
  }

  /** Ends the tail, and its blocking read at once. */
  async function stop(): Promise<void> {
    stopping.abort();
    if (following === undefined) return;
    if (blockingId !== undefined) {
      // Should that fail, the read ends by itself a little later.
      await ask("CLIENT", "UNBLOCK", blockingId).catch(() => {});
    }
    await following;
  }

  /** Follows the stream from its end, once Redis says where that is. */
  async function begin(listener: EventLogListener): Promise<EventLogTail> {
    let delay = FIRST_DELAY;
    while (!stopping.signal.aborted) {
      try {
        const position = await lastGenerated();
        following = follow(listener, position);
        return { position, stop: () => void stop().catch(() => {}) };
      } catch (error) {
        listener.error(error);
        await sleep(delay, stopping.signal);
        delay = Math.min(delay * 2, LAST_DELAY);
      }
    }
    throw new StreamClosedError("closed");
  }

  /** Reads on behind `position` until it is stopped. */
  async function follow(
    listener: EventLogListener,
    start: string,
  ): Promise<void> {
    let position = start;
    let delay = FIRST_DELAY;
    let mustCheck = false;
    /** The entry that comes next, behind a gap: there is none at `position` then. */
    let next: string | undefined;
    while (!stopping.signal.aborted) {
      try {
        blockingId ??= textOf(await askBlocking("CLIENT", "ID"));
        let entries = readEntriesOf(
          await askBlocking(
            ...["XREAD", "COUNT", String(READ_ENTRIES)],
            ...["BLOCK", mustCheck ? "1" : String(BLOCK)],
            ...["STREAMS", key, position],
          ),
        );
        if (stopping.signal.aborted) return;
        if (mustCheck || mayHaveGap(entries.length)) {
          const checked = next === undefined
            ? await readAfter(position, READ_ENTRIES)
            : await readFrom(next, READ_ENTRIES);
          if (checked === undefined) {
            next = await oldestEntry();
            position = await positionBefore(next);
            listener.gap(position, next);
            mustCheck = false;
            continue;
          }
          entries = checked;
        }
        mustCheck = false;
        delay = FIRST_DELAY;
        if (entries.length === 0) continue;
        next = undefined;
        position = entries[entries.length - 1].id;
        listener.entries(entries);
      } catch (error) {
        if (stopping.signal.aborted) return;
        listener.error(error);
        blockingId = undefined;
        mustCheck = true;
        await sleep(delay * (0.5 + Math.random() / 2), stopping.signal);
        delay = Math.min(delay * 2, LAST_DELAY);
      }
    }
  }

  async function oldestEntry(): Promise<string | undefined> {
    const [entry] = entriesOf(
      await ask("XRANGE", key, "-", "+", "COUNT", "1"),
    );
    return entry?.id;
  }

  /** Where to go on behind a gap: so that the oldest entry is read, if there is one. */
  async function positionBefore(oldest: string | undefined): Promise<string> {
    return oldest === undefined ? await lastGenerated() : previousId(oldest);
  }

  return {
    async append(entry) {
      if (closing.signal.aborted) throw new StreamClosedError("closed");
      const trim = maxLen === undefined ? [] : ["MAXLEN", "~", String(maxLen)];
      try {
        return textOf(
          await ask("XADD", key, ...trim, "*", ...argumentsOf(entry)),
        );
      } catch (cause) {
        throw new EventLogError(
          isRefusal(cause) ? "refused" : "unknown",
          cause,
        );
      }
    },
    readAfter,
    oldest: oldestEntry,
    async tail(listener) {
      if (isFollowed) {
        throw new TypeError(
          `Cannot follow log: it is followed already, got key ${quote(key)}`,
        );
      }
      // Before anything is awaited, lest two come at once.
      isFollowed = true;
      try {
        return await begin(listener);
      } catch (error) {
        isFollowed = false;
        throw error;
      }
    },
    compare: compareIds,
    async close() {
      closing.abort();
      await stop();
    },
  };
}

/** The id right before another. */
function previousId(id: string): string {
  const [time = "0", number = "0"] = id.split("-");
  if (BigInt(number) > 0n) return `${time}-${BigInt(number) - 1n}`;
  return BigInt(time) > 0n
    ? `${BigInt(time) - 1n}-18446744073709551615`
    : START;
}

/** The codes in front of errors with which Redis refuses a command. */
const REFUSALS =
  /^(?:ERR|OOM|READONLY|WRONGTYPE|WRONGPASS|NOAUTH|NOPERM|MISCONF|LOADING|BUSY|MOVED|ASK|CLUSTERDOWN|CROSSSLOT|TRYAGAIN|MASTERDOWN|NOREPLICAS|EXECABORT) /;

/** An error that Redis itself has answered with, by its class or by the code in front: nothing was appended. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return /Reply|SimpleError|BlobError/.test(
    `${error.name} ${error.constructor.name}`,
  ) || REFUSALS.test(error.message);
}

/** Waits for a reply, unless the signal aborts. */
function orAborted<R>(reply: Promise<R>, signal: AbortSignal): Promise<R> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    const settled = () => signal.removeEventListener("abort", abort);
    reply.then((value) => {
      settled();
      resolve(value);
    }, (error) => {
      settled();
      reject(error);
    });
  });
}

async function inTime<R>(reply: Promise<R>, timeout: number): Promise<R> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new DOMException(
          `Cannot use Redis: it must answer within ${timeout} ms, got no answer`,
          "TimeoutError",
        ),
      );
    }, timeout);
  });
  try {
    return await Promise.race([reply, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits, unless the signal aborts. */
function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", done);
  });
}

function checkKey(key: unknown): void {
  if (typeof key === "string" && key !== "") return;
  throw new TypeError(
    `Cannot use Redis: the key must be a text that is not empty, got ${
      quote(key)
    }`,
  );
}

function checkMaxLen(maxLen: number | undefined): void {
  if (maxLen === undefined || (Number.isSafeInteger(maxLen) && maxLen > 0)) {
    return;
  }
  throw new RangeError(
    `Cannot use Redis: maxLen must be a positive integer, got ${quote(maxLen)}`,
  );
}
