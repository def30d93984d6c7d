// deno run --allow-net examples/datastar_conformance.ts --port 7331

/**
 * The endpoint that the official test suite of Datastar SDKs asks: `/test`.
 *
 * A request brings a list of events in its signals, in the query or in the body
 * as Datastar sends them, and the answer is a stream of these events. A list
 * that cannot be written is answered with status 400 and the reason, before
 * anything is sent.
 *
 * @module
 */

import {
  EventBuildError,
  EventDataError,
  type ExecuteScriptOptions,
  type PatchElementsOptions,
  type PatchSignalsOptions,
  readSignals,
  ReadSignalsError,
  type RemoveElementsOptions,
  ServerSentEventGenerator,
} from "@tidings/sse/datastar";

/** An event as a request brings it; the library checks the values. */
export type RequestedEvent =
  | { type: "patchElements"; elements?: string } & PatchElementsOptions
  | {
    type: "removeElements";
    selector?: string;
    elements?: string;
  } & RemoveElementsOptions
  | {
    type: "patchSignals";
    /** The JSON text, for one that is on several lines. */
    "signals-raw"?: string;
    signals?: object;
  } & PatchSignalsOptions
  | { type: "removeSignals"; paths: string | string[] } & PatchSignalsOptions
  | { type: "executeScript"; script: string } & ExecuteScriptOptions;

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/**
 * Answers a request with the events that it brings.
 *
 * @param request The request.
 * @returns The events, or why there are none.
 */
export async function handler(request: Request): Promise<Response> {
  if (new URL(request.url).pathname !== "/test") {
    return refuse(404, "There is only /test");
  }
  if (!METHODS.includes(request.method)) {
    const allow = METHODS.join(", ");
    return refuse(405, `The method must be one of ${allow}`, { allow });
  }
  try {
    const { events } = await readSignals(request);
    if (!Array.isArray(events)) {
      return refuse(400, "The signals must have an array named events");
    }
    return streamOf(events);
  } catch (error) {
    if (error instanceof ReadSignalsError) return error.toResponse();
    const isRefused = error instanceof EventBuildError ||
      error instanceof EventDataError;
    if (isRefused) return refuse(400, error.message);
    throw error;
  }
}

/** Streams events, or throws the first reason why one of them cannot be written. */
function streamOf(events: readonly RequestedEvent[]): Response {
  let refusal: { readonly error: unknown } | undefined;
  const response = ServerSentEventGenerator.stream((stream) => {
    try {
      // Not awaited, so that all have been checked when the response is there.
      for (const event of events) send(stream, event);
    } catch (error) {
      refusal = { error };
    }
  }, {
    keepAlive: false,
    // Their number is bounded already, by the size of the request.
    maxQueuedBytes: Infinity,
  });
  if (refusal === undefined) return withoutOpening(response);
  response.body?.cancel();
  throw refusal.error;
}

/** Sends an event by the method that has the name of its type. */
function send(
  stream: ServerSentEventGenerator,
  event: RequestedEvent,
): Promise<void> {
  switch (event?.type) {
    case "patchElements":
      return stream.patchElements(event.elements ?? "", event);
    case "removeElements":
      return stream.removeElements(event.selector, event.elements, event);
    case "patchSignals":
      return stream.patchSignals(
        event["signals-raw"] ?? event.signals ?? "",
        event,
      );
    case "removeSignals":
      return stream.removeSignals(event.paths, event);
    case "executeScript":
      return stream.executeScript(event.script, event);
    default: {
      const type = (event as { type?: unknown } | null)?.type;
      const reason = "an event must have a type that is known";
      throw new EventBuildError(reason, "event", type);
    }
  }
}

/**
 * Leaves out the comment that every stream begins with, in a chunk of its own: the
 * suite takes a block of comments for an event.
 */
function withoutOpening(response: Response): Response {
  let isOpening = true;
  const body = response.body?.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        if (!isOpening) controller.enqueue(chunk);
        isOpening = false;
      },
    }),
  );
  return new Response(body, response);
}

function refuse(
  status: number,
  reason: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(`${reason}\n`, { status, headers });
}

if (import.meta.main) {
  const at = Deno.args.indexOf("--port");
  const port = at === -1 ? 7331 : Number(Deno.args[at + 1]);
  if (!(Number.isInteger(port) && port >= 0 && port < 65_536)) {
    console.error("Usage: datastar_conformance.ts [--port PORT]");
    Deno.exit(2);
  }
  Deno.serve({ hostname: "127.0.0.1", port }, handler);
}
