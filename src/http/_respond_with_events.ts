import { checkAtLeast } from "../_check_at_least.ts";
import { SlowSubscriberError, StreamClosedError } from "../errors.ts";
import { writeEvent } from "../wire/_write_event.ts";
import { createEventBody, type EventBody } from "./_event_body.ts";
import { createEventPump } from "./_event_pump.ts";
import { eventStreamHeaders } from "./_event_stream_headers.ts";
import {
  type EventPull,
  pullEvents,
  type ServerSentEventSource,
} from "./_event_source.ts";
import { checkTimer } from "./_timer.ts";
import {
  createEventSender,
  type EventSender,
  type EventSenderSide,
} from "./event_sender.ts";
import type {
  EventProducer,
  EventStreamResponseOptions,
} from "./event_stream_response.ts";
import { resolveKeepAlive } from "./keep_alive.ts";

/** Under {@linkcode eventStreamResponse}, for code that has its codec or knows that it needs none. */
export function respondWithEvents<T>(
  events: ServerSentEventSource<T> | EventProducer<T>,
  options: EventStreamResponseOptions<T> = {},
): Response {
  const {
    data,
    keepAlive = {},
    retry,
    headers,
    status = 200,
    signal,
    maxDuration,
    maxQueuedBytes = DEFAULT_MAX_QUEUED_BYTES,
    highWaterMark = DEFAULT_HIGH_WATER_MARK,
    onClose = () => {},
    onError = () => {},
  } = options;
  checkAtLeast("Cannot send events: maxQueuedBytes", 0, maxQueuedBytes);
  checkAtLeast("Cannot send events: highWaterMark", 0, highWaterMark);
  const resolved = keepAlive === false
    ? undefined
    : resolveKeepAlive(keepAlive);
  const bodyOptions = {
    data,
    opening: writeEvent({
      comments: [resolved?.announcement ?? ""],
      retry,
    }),
    keepAlive: resolved && {
      interval: resolved.interval,
      text: writeEvent(resolved.event, { data }),
    },
    signal,
    lifetime: maxDuration === undefined ? undefined : lifetimeOf(maxDuration),
    onClose,
    onError,
  };
  const init = { status, headers: eventStreamHeaders(headers) };
  // Refuses what is wrong with them before the source is touched.
  new Response("", init);

  let pump = typeof events === "function"
    ? undefined
    : createEventPump(pullEvents(events), { data });
  let side: EventSenderSide<T> | undefined;
  const body: EventBody = createEventBody({
    wanted: () => pump?.ask(body),
    drained: () => side?.drained(),
    ended(reason, cause) {
      pump?.leave(cause, onError);
      side?.ended(reason);
    },
  }, bodyOptions);

  if (typeof events === "function" && body.closeReason === undefined) {
    side = createEventSender(body, {
      data,
      maxQueuedBytes,
      highWaterMark,
      onError,
    });
    const source = produce(events, side.sender, body);
    if (source !== undefined) {
      pump = createEventPump(source, { data });
      if (body.closeReason !== undefined) pump.leave(undefined, onError);
    }
  }
  return new Response(body.stream, init);
}

/**
 * Calls a producer, whose stream ends when its promise has settled.
 *
 * @returns The source, if it returned one.
 * @throws {TypeError} If it returned what is neither, nor nothing.
 */
function produce<T>(
  producer: EventProducer<T>,
  sender: EventSender<T>,
  body: EventBody,
): EventPull<T> | undefined {
  let produced: ReturnType<EventProducer<T>>;
  try {
    produced = producer(sender);
  } catch (error) {
    body.fail(error);
    return undefined;
  }
  if (produced === undefined) return undefined;
  if (isPromiseLike(produced)) {
    produced.then(
      () => body.close("finished"),
      (error) => {
        // A producer that awaited `send` to the end has nothing to tell.
        if (!isEndOf(body, error)) body.fail(error);
      },
    );
    return undefined;
  }
  try {
    return pullEvents(produced);
  } catch (error) {
    body.abort("error", error);
    throw error;
  }
}

/** Whether an error only tells a producer that its stream has ended. */
function isEndOf(body: EventBody, error: unknown): boolean {
  return body.closeReason !== undefined &&
    (error instanceof StreamClosedError ||
      error instanceof SlowSubscriberError);
}

function isPromiseLike<T>(
  produced: ServerSentEventSource<T> | PromiseLike<unknown>,
): produced is PromiseLike<unknown> {
  return typeof produced === "object" && produced !== null &&
    "then" in produced;
}

const DEFAULT_MAX_QUEUED_BYTES = 1024 * 1024;
const DEFAULT_HIGH_WATER_MARK = 64 * 1024;

/** Between 80 and 100 % of the longest that a stream may last. */
function lifetimeOf(maxDuration: number): number {
  checkTimer("Cannot send events: maxDuration", maxDuration);
  return maxDuration * (0.8 + 0.2 * Math.random());
}
