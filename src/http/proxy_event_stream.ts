import { quote } from "../_quote.ts";
import type { EventDataCodec } from "../data/event_data.ts";
import { resolveMaxEventSize } from "../wire/_event_reader.ts";
import { EventStream, type EventStreamSource } from "../wire/event_stream.ts";
import { contentCodingError, sourceOf } from "./_content_coding.ts";
import { endToEndHeaders } from "./_end_to_end_headers.ts";
import { lookAtBody, mayBeDecoded } from "./_look_at_body.ts";
import { passThrough } from "./_pass_through.ts";
import { respondWithEvents } from "./_respond_with_events.ts";
import { isEventStream } from "./_event_stream_request.ts";
import { encodeHeaderValue } from "./_header_value.ts";
import type { EventStreamResponseOptions } from "./event_stream_response.ts";
import { applyTransform, type EventTransform } from "./event_transform.ts";
import { tell } from "./_tell.ts";
import { checkTimer } from "./_timer.ts";
import type { Fetch } from "./fetch_event_stream.ts";
import { resolveKeepAlive } from "./keep_alive.ts";
import { lastEventId } from "./last_event_id.ts";

/**
 * What a proxy does on the way.
 *
 * @typeParam T What the data of an event is.
 */
export interface ProxyEventStreamOptions<T = string>
  extends Pick<EventStreamResponseOptions<T>, "onClose"> {
  /**
   * How a stream that is transformed is kept alive while there is nothing to send;
   * `false` not to. Bytes that pass as they come bring the keep-alive of the upstream.
   *
   * @default {{}} A comment after 8000 ms without traffic.
   */
  readonly keepAlive?: EventStreamResponseOptions<T>["keepAlive"];
  /**
   * How long a stream that is transformed may last, in milliseconds, up to
   * 2147483647: it ends cleanly, between two events, after 80 to 100 % of that, at
   * random. Bytes that pass as they come last as long as the upstream sends them.
   *
   * @default {undefined} As long as it likes.
   */
  readonly maxDuration?: number | undefined;
  /**
   * Ends a stream that is transformed cleanly when it aborts; everything else, the
   * request upstream too, it aborts.
   *
   * @default {undefined} The client and the upstream alone end it.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Changes the events that pass. It sees all of them, comments and blocks
   * without data too.
   *
   * @default {undefined} The bytes pass as they come.
   */
  readonly transform?: EventTransform<T> | undefined;
  /**
   * How the transform sees the data, and writes it again. Data that the codec cannot read errors the
   * stream.
   *
   * @default {stringData}
   */
  readonly data?: EventDataCodec<T> | undefined;
  /**
   * How many UTF-16 code units may be retained for one event that is transformed.
   *
   * @default {16777216}
   */
  readonly maxEventSize?: number | undefined;
  /**
   * Edits the headers that are sent upstream: those of the request, without the
   * ones of its connection. Cookies and credentials are among them.
   *
   * @default {() => {}}
   */
  readonly headers?: ((headers: Headers) => void) | undefined;
  /**
   * Told what goes wrong: an upstream that cannot be reached or breaks, an event
   * that cannot be read, transformed or written. The client is told no more than
   * that something did. What it throws is an unhandled rejection, and changes
   * nothing else.
   *
   * @default {() => {}}
   */
  readonly onError?: ((error: unknown) => void) | undefined;
  /**
   * What makes the request.
   *
   * @default {globalThis.fetch}
   */
  readonly fetch?: Fetch | undefined;
}

/**
 * Passes a request on to an upstream server, and its answer back.
 *
 * The method, the body, the headers but those of the connection and `Host`, and
 * `Last-Event-ID` go on; redirects are passed back, not followed. The upstream is
 * the URL that the caller gives, and never taken from the request.
 *
 * With a transform, an answer that is an event stream is read event by event and
 * kept alive; without one, and for every other answer, its bytes pass as they
 * come. A client that leaves aborts the request upstream. An upstream that
 * breaks errors the client's stream, which never ends cleanly then; one that
 * cannot be reached is a 502.
 *
 * The upstream is asked not to compress. Where it does so nevertheless, the answer
 * waits for its first bytes: they tell whether `fetch` has decoded it. What is coded
 * still passes as it is, with its `content-encoding`; with a transform it is a 502,
 * and an `EventStreamResponseError` for `onError`. So is the error of a stream whose
 * coding no runtime decodes: it is found when the client reads.
 *
 * Until the upstream answers, the signal of the request tells that the client has
 * left. `Deno.serve` prints a notice once when it is looked at, unless Deno runs
 * with `--unstable-no-legacy-abort`.
 *
 * @see [RFC 9110, section 7.6](https://www.rfc-editor.org/rfc/rfc9110#section-7.6)
 *
 * @example Redact a field on the way
 * ```ts
 * import { jsonData } from "@tidings/sse";
 * import { proxyEventStream } from "@tidings/sse/server";
 * import { assertEquals } from "@std/assert";
 *
 * interface Order {
 *   readonly amount: number;
 *   readonly card?: string;
 * }
 *
 * const upstream = () =>
 *   Promise.resolve(
 *     new Response('id: 1\ndata: {"amount":2,"card":"4111"}\n\n', {
 *       headers: { "content-type": "text/event-stream" },
 *     }),
 *   );
 *
 * const response = await proxyEventStream<Order>(
 *   new Request("https://example.com/orders"),
 *   "https://orders.internal/stream",
 *   {
 *     data: jsonData<Order>(),
 *     transform: ({ data, ...event }) => ({
 *       ...event,
 *       data: data && { amount: data.amount },
 *     }),
 *     keepAlive: false,
 *     fetch: upstream,
 *   },
 * );
 * assertEquals(await response.text(), ': \n\nid: 1\ndata: {"amount":2}\n\n');
 * ```
 *
 * @typeParam T What the data of an event is.
 * @param request The client's request.
 * @param upstream Where to pass it on to.
 * @param options What to do on the way.
 * @returns The answer for the client.
 * @throws {TypeError} If `upstream` is not a URL of http or https.
 * @throws {RangeError} If an option is out of bounds.
 */
export async function proxyEventStream<T = string>(
  request: Request,
  upstream: URL | string,
  options: ProxyEventStreamOptions<T> = {},
): Promise<Response> {
  const { fetch = globalThis.fetch, onError = () => {}, signal } = options;
  const url = checkUpstream(upstream);
  checkOptions(options);
  const aborter = new AbortController();
  // Once there is an answer, the stream's own `cancel` tells that the client has
  // left: this signal aborts after success, too, on Deno.
  const onLeave = () => aborter.abort(request.signal.reason);

  request.signal.addEventListener("abort", onLeave);
  try {
    if (request.signal.aborted) onLeave();
    const response = await fetch(url, {
      ...upstreamRequest(request, options),
      signal: signal === undefined
        ? aborter.signal
        : AbortSignal.any([aborter.signal, signal]),
    });
    return await answer(response, aborter, options);
  } catch (error) {
    // Of `fetch`; or a status that no answer may have, an opaque redirect, a
    // transform in use, a coding that was not decoded.
    aborter.abort(error);
    tell(onError, error);
    return badGateway();
  } finally {
    request.signal.removeEventListener("abort", onLeave);
  }
}

/** Refuses options before a request is made for nothing. */
function checkOptions<T>(options: ProxyEventStreamOptions<T>): void {
  const { keepAlive = {}, maxDuration } = options;
  resolveMaxEventSize(options);
  if (keepAlive !== false) resolveKeepAlive(keepAlive);
  if (maxDuration !== undefined) {
    checkTimer("Cannot proxy event stream: maxDuration", maxDuration);
  }
}

/** Makes the answer for the client of the one from upstream. */
async function answer<T>(
  response: Response,
  aborter: AbortController,
  options: ProxyEventStreamOptions<T>,
): Promise<Response> {
  const { status, statusText } = response;
  const headers = endToEndHeaders(response.headers);
  const init = { status, statusText, headers };
  if (response.body === null || NULL_BODY_STATUSES.includes(status)) {
    if (mayBeDecoded(response)) dropCoding(headers);
    return new Response(null, init);
  }
  // Refuses a status before the body is taken.
  new Response("", init);
  const { body, coding } = await lookAtBody(response, response.body);
  if (coding === "decoded") dropCoding(headers);
  // Of whatever status: a transform that takes something out must see every event.
  if (options.transform === undefined || !isEventStream(response)) {
    return new Response(passThrough(body, aborter, options), init);
  }
  if (coding === "coded") {
    const error = contentCodingError(response);
    // It is over either way.
    body.cancel(error).catch(() => {});
    throw error;
  }
  const source = coding === "unknown" ? sourceOf(response) : body;
  return transformed(source, { status, headers }, aborter, options);
}

/** Drops what is not true any more of a body that `fetch` has decoded. */
function dropCoding(headers: Headers): void {
  headers.delete("content-encoding");
  headers.delete("content-length");
}

/** Statuses whose responses have no body (Fetch, "null body status"). */
const NULL_BODY_STATUSES = [101, 103, 204, 205, 304];

function checkUpstream(upstream: URL | string): URL {
  const url = new URL(upstream);
  if (url.protocol === "http:" || url.protocol === "https:") return url;
  throw new TypeError(
    `Cannot proxy event stream: upstream must be a URL of http or https, got ${
      quote(url.href)
    }`,
  );
}

/** What goes upstream. */
function upstreamRequest<T>(
  request: Request,
  options: ProxyEventStreamOptions<T>,
): RequestInit & { readonly duplex?: "half" } {
  const headers = endToEndHeaders(request.headers);
  // The message is framed anew, and for another host; `Expect` is for one hop's client.
  for (const name of ["host", "content-length", "expect"]) headers.delete(name);
  headers.set("accept-encoding", "identity");
  const id = lastEventId(request);
  if (id !== undefined) headers.set("last-event-id", encodeHeaderValue(id));
  options.headers?.(headers);
  const { method, body } = request;
  return {
    method,
    headers,
    redirect: "manual",
    ...(body === null ? {} : { body, duplex: "half" }),
  };
}

function badGateway(): Response {
  const problem = {
    type: "about:blank",
    title: "Bad Gateway",
    status: 502,
    detail:
      "The upstream server could not be reached, or its answer not be passed on.",
  };
  return Response.json(problem, {
    status: 502,
    headers: { "content-type": "application/problem+json" },
  });
}

function transformed<T>(
  source: EventStreamSource,
  { status, headers }: { readonly status: number; readonly headers: Headers },
  aborter: AbortController,
  options: ProxyEventStreamOptions<T>,
): Response {
  const { data, maxEventSize, transform, onClose, onError, ...rest } = options;
  const events = new EventStream<T>(source, {
    data,
    maxEventSize,
    view: "wire",
  });
  for (const name of ["content-encoding", "content-length", "etag"]) {
    headers.delete(name);
  }
  return respondWithEvents<T>(applyTransform(events, transform), {
    ...rest,
    data,
    status,
    headers,
    onClose(reason) {
      aborter.abort();
      onClose?.(reason);
    },
    // What it returns is not an event for the client: the stream must not end cleanly.
    onError: (error) => {
      onError?.(error);
    },
  });
}
