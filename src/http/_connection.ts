import { quote } from "../_quote.ts";
import { EventStreamResponseError, IncompleteStreamError } from "../errors.ts";
import { resolveMaxEventSize } from "../wire/_event_reader.ts";
import { serialIterator } from "../wire/_serial_iterator.ts";
import type { ServerSentEvent } from "../wire/event.ts";
import { checkBody, checkNumbers, reconnectMode } from "./_connect_options.ts";
import { discard } from "./_event_stream_request.ts";
import { decodeHeaderValue } from "./_header_value.ts";
import { createInterrupt, Interrupted } from "./_interrupt.ts";
import {
  type OpenedEventStream,
  openEventStream,
} from "./_open_event_stream.ts";
import type {
  ConnectOptions,
  EventConnection,
  ReconnectNotice,
} from "./connect.ts";
import {
  CONNECT_RULES,
  type ConnectionOutcome,
  type ConnectionRules,
  createReconnection,
} from "./reconnection.ts";

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 2;

/** Under {@linkcode connect}, for who needs another word on what a status means. */
export function createConnection<T, E extends ServerSentEvent<T>>(
  url: string | URL,
  options: ConnectOptions<T, E>,
  rules: ConnectionRules = CONNECT_RULES,
): EventConnection<E> {
  const { signal, onOpen, onReconnect, onCheckpoint } = options;
  const mode = reconnectMode(options);
  checkBody(options.body, mode);
  checkNumbers(options);
  resolveMaxEventSize(options);
  const resolvedUrl = resolveUrl(url, options);
  const headers = typeof options.headers === "function"
    ? options.headers
    : new Headers(options.headers);
  const reconnection = createReconnection(mode, options, {
    now: () => performance.now(),
    date: () => Date.now(),
    random: () => Math.random(),
  }, rules);
  const interrupt = createInterrupt();

  let readyState: 0 | 1 | 2 = CONNECTING;
  let isTaken = false;
  let lastEventId = options.lastEventId ?? takeLastEventId(headers);
  let checkpoint = lastEventId;
  let reconnectionTime: number | undefined;
  let controller: AbortController | undefined;
  let stream: OpenedEventStream<T, E> | undefined;
  /** What has come and was not handed out yet. */
  let batch: readonly E[] = [];
  let index = 0;

  /** Lets go of the request or the stream that is there, and keeps its place. */
  function drop(reason?: unknown): Promise<void> {
    const dropped = stream;
    if (dropped !== undefined) {
      lastEventId = dropped.events.lastEventId;
      reconnectionTime = dropped.events.reconnectionTime ?? reconnectionTime;
    }
    stream = undefined;
    batch = [];
    index = 0;
    const cancelled = dropped?.events.cancel(reason);
    controller?.abort(reason);
    controller = undefined;
    if (readyState === OPEN) readyState = CONNECTING;
    return cancelled ?? Promise.resolve();
  }

  function close(reason?: unknown): Promise<void> {
    if (readyState === CLOSED) return Promise.resolve();
    const dropped = drop(reason);
    readyState = CLOSED;
    signal?.removeEventListener("abort", onAbort);
    interrupt.fire();
    return dropped;
  }

  function onAbort(): void {
    // Whoever waits, or asks next, is told the reason. What the source says to
    // being cancelled comes second.
    drop(signal?.reason).catch(() => {});
    interrupt.fire();
  }

  /** Waits for a connection that is opened again. */
  async function wait(
    { attempt, delay, cause }: ReconnectNotice,
  ): Promise<void> {
    try {
      await interrupt.race(async () => {
        await onReconnect?.({ attempt, delay, cause });
      });
    } finally {
      discardOf(cause);
    }
    // In a race of its own: `onReconnect` may settle when the wait is over already.
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      await interrupt.race(() =>
        new Promise<void>((resolve) => {
          timer = setTimeout(resolve, delay);
        })
      );
    } finally {
      clearTimeout(timer);
    }
  }

  /** Opens a stream. */
  async function open(): Promise<ConnectionOutcome | undefined> {
    const attempt = reconnection.connecting();
    const own = controller = new AbortController();
    const opening = openEventStream({
      url: resolvedUrl,
      options: { ...options, headers },
      attempt: { attempt, lastEventId },
      judge: rules.judge,
      controller,
      interrupt,
    });
    // It may have been dropped while the promises on the way here settled.
    const opened = await opening.catch((error) => {
      if (error instanceof Interrupted) throw error;
      if (controller !== own) {
        discardOf(error);
        throw new Interrupted();
      }
      // The response in the error is the program's to read.
      controller = undefined;
      throw error;
    });
    if (controller !== own) {
      if (opened.kind === "open") opened.events.cancel().catch(() => {});
      if (opened.kind === "refused") discardOf(opened.error);
      throw new Interrupted();
    }
    if (opened.kind !== "open") {
      controller = undefined;
      return opened;
    }
    stream = opened;
    readyState = OPEN;
    reconnection.opened();
    if (onOpen !== undefined) {
      await interrupt.race(async () => await onOpen(opened.response));
    }
    return undefined;
  }

  /** Reads events from the stream, or learns how it has ended. */
  async function read(
    { chunks, events }: OpenedEventStream<T, E>,
  ): Promise<E[] | ConnectionOutcome> {
    try {
      const batch = await interrupt.race(() => events.nextBatch());
      if (batch.length > 0) return batch;
      return { kind: events.complete ? "complete" : "end" };
    } catch (error) {
      const isBroken = error instanceof IncompleteStreamError ||
        (chunks.failure !== undefined && chunks.failure.error === error);
      if (isBroken) return { kind: "broken", error };
      throw error;
    }
  }

  /** Waits as an outcome asks for, or ends the connection. */
  async function settle(outcome: ConnectionOutcome): Promise<void> {
    drop().catch(() => {});
    const decision = reconnection.next(outcome, reconnectionTime, lastEventId);
    switch (decision.act) {
      case "fail":
        throw decision.error;
      case "stop":
        await close();
        return;
      case "wait":
        await wait(decision);
    }
  }

  /** Opens, reads and waits until there are events. */
  async function nextBatch(): Promise<readonly E[]> {
    while (readyState !== CLOSED) {
      signal?.throwIfAborted();
      try {
        const outcome = stream === undefined
          ? await open()
          : await read(stream);
        if (Array.isArray(outcome)) return outcome;
        if (outcome !== undefined) await settle(outcome);
      } catch (error) {
        // By `close()`, the signal or `reconnect()`: the loop sees by which.
        if (!(error instanceof Interrupted)) throw error;
      }
    }
    return [];
  }

  /** Has the place kept, now that the program is done with the event. */
  async function keepPlace(): Promise<void> {
    const place = stream?.events.lastEventId ?? lastEventId;
    if (onCheckpoint === undefined || place === checkpoint) return;
    checkpoint = place;
    await onCheckpoint(place);
  }

  function handOut(): E | undefined {
    if (stream === undefined || index === batch.length) return undefined;
    const event = batch[index++];
    stream.events.handedOut(event);
    return event;
  }

  async function next(): Promise<E | undefined> {
    try {
      await keepPlace();
      if (readyState === CLOSED) return undefined;
      signal?.throwIfAborted();
      const event = handOut();
      if (event !== undefined) return event;
      batch = await nextBatch();
      index = 0;
      // What came without data before the end counts, too.
      if (batch.length === 0) await keepPlace();
      return handOut();
    } catch (error) {
      // What the source says to being cancelled comes second to the failure.
      close(error).catch(() => {});
      throw error;
    }
  }

  return {
    url: resolvedUrl,
    get readyState() {
      return signal?.aborted ? CLOSED : readyState;
    },
    get lastEventId() {
      return stream?.events.lastEventId ?? lastEventId;
    },
    get reconnectionTime() {
      return stream?.events.reconnectionTime ?? reconnectionTime;
    },
    [Symbol.asyncIterator]() {
      if (isTaken) {
        throw new TypeError(
          "Cannot iterate over connection: it can be done once, got a second loop",
        );
      }
      isTaken = true;
      // One that was closed before has no events, and nothing to listen for.
      if (readyState !== CLOSED) signal?.addEventListener("abort", onAbort);
      return serialIterator({
        // What has to be kept first takes the long way.
        nextNow: () => onCheckpoint === undefined ? handOut() : undefined,
        next,
        // To leave is to be done with it, whatever the source says to that, and when.
        cancel() {
          close().catch(() => {});
          return Promise.resolve();
        },
      });
    },
    reconnect() {
      if (readyState === CLOSED || !isTaken) return;
      drop().catch(() => {});
      interrupt.fire();
    },
    close() {
      close().catch(() => {});
    },
    [Symbol.asyncDispose]() {
      close().catch(() => {});
      return Promise.resolve();
    },
  };
}

/** Lets the connection go of a response that was not taken, and nobody reads. */
function discardOf(error: unknown): void {
  if (error instanceof EventStreamResponseError) discard(error.response);
}

/**
 * Resolves a URL, and refuses what is wrong with a request but its headers and body,
 * which may change.
 *
 * @throws {TypeError}
 */
function resolveUrl<T, E extends ServerSentEvent<T>>(
  url: string | URL,
  options: ConnectOptions<T, E>,
): string {
  const { method, mode, credentials, redirect, body, fetch } = options;
  const request = new Request(url, { method, mode, credentials, redirect });
  if (body !== undefined && /^(?:GET|HEAD)$/.test(request.method)) {
    throw new TypeError(
      `Cannot connect: a request with a body must have another method, got ${request.method}`,
    );
  }
  // Another `fetch` may know others.
  if (fetch === undefined && !/^https?:/.test(request.url)) {
    throw new TypeError(
      `Cannot connect: the URL must be one of http or https, got ${
        quote(request.url)
      }`,
    );
  }
  return request.url;
}

/** The last event ID among headers that do not change: it is kept elsewhere from now on. */
function takeLastEventId(headers: unknown): string {
  if (!(headers instanceof Headers)) return "";
  const value = headers.get("last-event-id");
  headers.delete("last-event-id");
  return value === null ? "" : decodeHeaderValue(value);
}
