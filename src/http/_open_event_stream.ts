import { quote } from "../_quote.ts";
import { isBrowser } from "../_runtime.ts";
import { EventStreamTimeoutError, IncompleteStreamError } from "../errors.ts";
import { BatchSource } from "../wire/_batch_source.ts";
import { chunkSource } from "../wire/_chunk_source.ts";
import type { ServerSentEvent } from "../wire/event.ts";
import { isStream } from "./_connect_options.ts";
import { refuseCoded } from "./_content_coding.ts";
import {
  discard,
  isEventStream,
  responseError,
  setEventStreamHeaders,
} from "./_event_stream_request.ts";
import { type Interrupt, Interrupted } from "./_interrupt.ts";
import { MAX_TIMER } from "./_timer.ts";
import { watchChunks, type WatchedChunks } from "./_watched_chunks.ts";
import type { ConnectAttempt, ConnectOptions } from "./connect.ts";
import type { ConnectionOutcome, ResponseVerdict } from "./reconnection.ts";

const DEFAULT_RESPONSE_TIMEOUT = 60_000;

/** What is needed to open a connection once. */
export interface OpenEventStreamOptions<T, E extends ServerSentEvent<T>> {
  readonly url: string;
  readonly options: ConnectOptions<T, E>;
  readonly attempt: ConnectAttempt;
  /** What a status means. */
  readonly judge: (status: number, isEventStream: boolean) => ResponseVerdict;
  /** Aborts the request, and its answer. */
  readonly controller: AbortController;
  /** Calls away whoever waits here. */
  readonly interrupt: Interrupt;
}

/** A stream that is open. */
export interface OpenedEventStream<T, E extends ServerSentEvent<T>> {
  readonly kind: "open";
  readonly response: Response;
  readonly chunks: WatchedChunks;
  readonly events: BatchSource<T, E>;
}

/**
 * Makes a request, and judges the answer.
 *
 * @returns The stream, or how the attempt has ended.
 * @throws What another attempt would not mend: a wrong answer, or the error of a
 * callback.
 * @throws {Interrupted} If it is interrupted; to abort what is under way is up to
 * the caller.
 */
export async function openEventStream<T, E extends ServerSentEvent<T>>(
  context: OpenEventStreamOptions<T, E>,
): Promise<OpenedEventStream<T, E> | ConnectionOutcome> {
  const { options, attempt, controller } = context;
  const init = await requestInit(context);

  let response: Response;
  try {
    response = await answer(context, init);
  } catch (error) {
    if (error instanceof Interrupted || isDenied(error)) throw error;
    return { kind: "broken", error };
  }

  const verdict = await verdictOf(context, response);
  if (verdict === "open") {
    const { lastEventId } = attempt;
    const chunks = watchChunks(
      chunkSource(response),
      options.idleTimeout,
      (error) => controller.abort(error),
    );
    // Outside of what is watched: another attempt would not mend this failure.
    const events = new BatchSource(refuseCoded(response, chunks), {
      ...options,
      lastEventId,
    });
    return { kind: "open", response, chunks, events };
  }
  if (verdict === "stop") {
    discard(response);
    if (options.until === undefined) return { kind: "complete" };
    const reason = "the server has no more, and its closing event has not come";
    throw new IncompleteStreamError(attempt.lastEventId, reason);
  }
  const error = responseError(response);
  if (verdict === "fail") throw error;
  return {
    kind: "refused",
    error,
    retryAfter: response.headers.get("retry-after"),
    mended: verdict === "mended",
  };
}

async function requestInit<T, E extends ServerSentEvent<T>>(
  context: OpenEventStreamOptions<T, E>,
): Promise<RequestInit> {
  const { options, attempt, controller, interrupt } = context;
  const { headers, body } = options;
  const sent = new Headers(
    typeof headers === "function"
      ? await interrupt.race(async () => await headers(attempt))
      : headers,
  );
  setEventStreamHeaders(sent, attempt.lastEventId);
  // Elsewhere `cache` does nothing; in a browser the header would need a preflight.
  if (!isBrowser && !sent.has("cache-control")) {
    sent.set("cache-control", "no-cache");
  }
  const content = typeof body === "function"
    ? await interrupt.race(async () => await body(attempt))
    : body;
  return {
    ...(isBrowser && { cache: "no-store" }),
    ...options,
    headers: sent,
    body: content,
    signal: controller.signal,
    // Fetch asks for it with a body that is sent while it is read.
    ...(isStream(content) && { duplex: "half" }),
  };
}

/** Waits for the answer to a request no longer than it may take. */
async function answer<T, E extends ServerSentEvent<T>>(
  context: OpenEventStreamOptions<T, E>,
  init: RequestInit,
): Promise<Response> {
  const { url, options, controller, interrupt } = context;
  const { fetch = globalThis.fetch } = options;
  const { responseTimeout = DEFAULT_RESPONSE_TIMEOUT } = options;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    if (responseTimeout === Infinity) return;
    timer = setTimeout(() => {
      const reason =
        `the server must answer within ${responseTimeout} ms, got no answer`;
      const error = new EventStreamTimeoutError(reason, responseTimeout);
      reject(error);
      controller.abort(error);
    }, Math.min(responseTimeout, MAX_TIMER));
  });
  let isLate = false;
  let response: Response | undefined;
  const answered = async () => {
    response = await fetch(url, init);
    // From a `fetch` that does not look at its signal.
    if (isLate) discard(response);
    return response;
  };
  try {
    return await interrupt.race(() => Promise.race([answered(), tooLate]));
  } catch (error) {
    isLate = true;
    if (response !== undefined) discard(response);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function verdictOf<T, E extends ServerSentEvent<T>>(
  context: OpenEventStreamOptions<T, E>,
  response: Response,
): Promise<ResponseVerdict | "mended"> {
  const { options: { onResponse }, judge, interrupt } = context;
  try {
    const answer = onResponse === undefined
      ? undefined
      : await interrupt.race(async () => await onResponse(response));
    if (answer === "reconnect") {
      // What a stream has given to the first request is gone.
      return isStream(context.options.body) ? "fail" : "mended";
    }
    checkAnswer(answer);
    return answer ?? judge(response.status, isEventStream(response));
  } catch (error) {
    discard(response);
    throw error;
  }
}

function checkAnswer(answer: unknown): void {
  if (answer === undefined || answer === "fail") return;
  throw new TypeError(
    `Cannot open event stream: onResponse must answer "reconnect", "fail" or nothing, got ${
      quote(answer)
    }`,
  );
}

/** Whether the program may not do this, which waiting does not change. */
function isDenied(error: unknown): boolean {
  return error instanceof Error &&
    (error.name === "NotCapable" || error.name === "PermissionDenied");
}
