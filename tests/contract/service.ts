/**
 * The test service of the LaunchDarkly SSE contract tests: a harness tells it over
 * HTTP to open streams, and it tells the harness what our client reads from them.
 *
 * @see [The protocol](https://github.com/launchdarkly/sse-contract-tests/blob/main/docs/service_spec.md)
 *
 * @module
 */
import {
  connect,
  EventSource,
  type EventSourceErrorEvent,
} from "../../client.ts";
import { mapBody } from "./_map_body.ts";
import { commentLines } from "./comment_lines.ts";
import { retryLine } from "./retry_line.ts";

/** The clients that can be tested. */
export const CLIENTS = ["connect", "EventSource"] as const;

/** The name of a client. */
export type ClientName = (typeof CLIENTS)[number];

/** What the harness is told that a client can do, as its tests are chosen by it. */
export const CAPABILITIES: Readonly<Record<ClientName, readonly string[]>> = {
  connect: [
    "bom",
    "comments",
    "headers",
    "last-event-id",
    "post",
    "read-timeout",
    "report",
    "restart",
    "server-directed-shutdown-request",
  ],
  // It alone has to be told which types of events to listen for.
  EventSource: [
    "bom",
    "event-type-listeners",
    "headers",
    "server-directed-shutdown-request",
  ],
};

/** What the harness asks for when it has a stream opened. */
interface StreamOptions {
  readonly streamUrl: string;
  readonly callbackUrl: string;
  readonly initialDelayMs?: number | null;
  readonly readTimeoutMs?: number | null;
  readonly lastEventId?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly body?: string;
}

/** What the harness wants from a stream that is open. */
interface Command {
  readonly command: string;
  readonly listen?: { readonly type: string };
}

/** What the harness is told. */
type Message =
  | {
    readonly kind: "event";
    readonly event: {
      readonly type: string;
      readonly data: string;
      readonly id: string;
    };
  }
  | { readonly kind: "comment"; readonly comment: string }
  | { readonly kind: "error"; readonly error: string };

/** A stream of a client. */
interface Stream {
  /** Does what a command says, if it knows it. */
  obey(command: Command): boolean;
  close(): void;
}

/** The service. */
export interface ContractService {
  /** Answers the harness. */
  handler(request: Request): Promise<Response>;
  /** Resolves when the harness has asked for the end. */
  readonly stopped: Promise<void>;
}

/** Makes a service that tests a client. */
export function createContractService(client: ClientName): ContractService {
  const open = client === "connect" ? openConnection : openEventSource;
  const streams = new Map<string, Stream>();
  let opened = 0;
  let stop = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });

  async function openStream(request: Request): Promise<Response> {
    const options = await json<StreamOptions>(request);
    if (
      typeof options?.streamUrl !== "string" ||
      typeof options.callbackUrl !== "string"
    ) {
      return text("streamUrl and callbackUrl must be given", 400);
    }
    const callbacks = createCallbacks(options.callbackUrl);
    let stream: Stream;
    try {
      stream = open(options, callbacks.tell);
    } catch (error) {
      return text(messageOf(error), 400);
    }
    const path = `/streams/${++opened}`;
    streams.set(path, {
      ...stream,
      close() {
        callbacks.close();
        stream.close();
      },
    });
    const location = new URL(path, request.url).href;
    return new Response(null, { status: 201, headers: { location } });
  }

  async function handler(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/") {
      switch (request.method) {
        case "GET":
          return Response.json({
            name: `@tidings/sse ${client}`,
            capabilities: CAPABILITIES[client],
          });
        case "POST":
          return await openStream(request);
        case "DELETE":
          for (const stream of streams.values()) stream.close();
          streams.clear();
          stop();
          return new Response(null, { status: 204 });
      }
      return text("No such method", 405);
    }
    const stream = streams.get(pathname);
    if (stream === undefined) return text("No such stream", 404);
    switch (request.method) {
      case "POST": {
        const command = await json<Command>(request);
        return command !== undefined && stream.obey(command)
          ? new Response(null, { status: 204 })
          : text("No such command", 400);
      }
      case "DELETE":
        streams.delete(pathname);
        stream.close();
        return new Response(null, { status: 204 });
    }
    return text("No such method", 405);
  }

  return { handler, stopped };
}

function openConnection(
  options: StreamOptions,
  tell: (message: Message) => void,
): Stream {
  const { initialDelayMs, readTimeoutMs, ...request } = options;
  const connection = connect(options.streamUrl, {
    headers: request.headers,
    method: request.method,
    body: request.body,
    lastEventId: request.lastEventId,
    reconnect: "always",
    initialDelay: initialDelayMs ?? undefined,
    idleTimeout: readTimeoutMs ?? undefined,
    view: "wire",
    // The harness wants comments line by line, the wire view gives blocks.
    fetch: async (input, init) =>
      mapBody(await fetch(input, init), commentLines()),
    onReconnect({ cause }) {
      if (cause !== undefined) tell({ kind: "error", error: messageOf(cause) });
    },
  });

  async function read(): Promise<void> {
    for await (const { event, data, lastEventId, comments } of connection) {
      for (const comment of comments ?? []) tell({ kind: "comment", comment });
      // What has no data is not dispatched: only the wire view shows it.
      if (data === undefined) continue;
      tell({
        kind: "event",
        event: { type: event ?? "message", data, id: lastEventId ?? "" },
      });
    }
  }

  read().catch((error) => tell({ kind: "error", error: messageOf(error) }));
  return {
    obey({ command }) {
      if (command !== "restart") return false;
      connection.reconnect();
      return true;
    },
    close: () => connection.close(),
  };
}

function openEventSource(
  { streamUrl, headers, initialDelayMs }: StreamOptions,
  tell: (message: Message) => void,
): Stream {
  const source = new EventSource(streamUrl, {
    headers,
    // Nobody but the server can say how long it waits.
    fetch: async (input, init) =>
      typeof initialDelayMs === "number"
        ? mapBody(await fetch(input, init), retryLine(initialDelayMs))
        : await fetch(input, init),
  });
  const listen = (type: string) =>
    source.addEventListener(type, (event: MessageEvent) => {
      const { data, lastEventId: id } = event;
      tell({ kind: "event", event: { type, data, id } });
    });
  listen("message");
  source.addEventListener("error", ({ error }: EventSourceErrorEvent) => {
    if (error !== undefined) tell({ kind: "error", error: messageOf(error) });
  });
  return {
    obey({ command, listen: listened }) {
      if (command !== "listen" || listened === undefined) return false;
      // It would be told twice.
      if (listened.type !== "message") listen(listened.type);
      return true;
    },
    close: () => source.close(),
  };
}

/** Tells the harness one message after the other, each by its number. */
function createCallbacks(url: string): {
  tell(message: Message): void;
  close(): void;
} {
  const closed = new AbortController();
  const { signal } = closed;
  let count = 0;
  let told = Promise.resolve();

  async function post(number: number, message: Message): Promise<void> {
    if (signal.aborted) return;
    try {
      const response = await fetch(`${url}/${number}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(message),
        signal,
      });
      await response.body?.cancel();
    } catch (error) {
      if (!signal.aborted) console.error("Cannot tell the harness:", error);
    }
  }

  return {
    tell(message) {
      const number = ++count;
      told = told.then(() => post(number, message));
    },
    close: () => closed.abort(),
  };
}

async function json<T>(request: Request): Promise<T | undefined> {
  try {
    return await request.json();
  } catch {
    return undefined;
  }
}

function text(reason: string, status: number): Response {
  return new Response(`${reason}\n`, { status });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
