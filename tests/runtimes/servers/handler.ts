import {
  type CloseReason,
  type EventProducer,
  type EventSender,
  eventStreamResponse,
  lastEventId,
  type ServerSentEvent,
  type ServerSentEventSource,
} from "../../../server.ts";

/** What a server has seen of one stream. */
export interface StreamLog {
  /** Each call of `onClose`, and when it came, in milliseconds since 1970. */
  readonly closed: { readonly reason: CloseReason; readonly at: number }[];
  /** How often the sender's signal aborted. */
  aborts: number;
  /** How often the iterator's `return()` was called. */
  returns: number;
  /** How many bytes of events were handed over. */
  bytes: number;
  /** Each call of `onError`. */
  readonly errors: string[];
  /** What the client says that it has. */
  readonly lastEventId: string | undefined;
}

/** The size of an event of those that never end. */
const EVENT_SIZE = 64 * 1024;

/**
 * Makes the request handler that all servers share.
 *
 * `GET /` is a stream, with a name in `x-name`, a source in `x-source` and a
 * keep-alive interval in `x-interval`; `POST /send` sends what is in the body to
 * the stream named there, `POST /close` closes it, and `GET /log` says what was
 * seen of all.
 *
 * @param mailbox Whether a stream fetches what is sent to it with a timer of its
 * own: on workerd one request cannot write into the stream of another.
 */
export function createHandler(
  mailbox = false,
): (request: Request) => Promise<Response> {
  const logs: Record<string, StreamLog> = {};
  const inboxes = new Map<string, (ServerSentEvent | "close")[]>();
  const senders = new Map<string, EventSender>();

  function stream(request: Request): Response {
    const { headers } = request;
    const name = headers.get("x-name") ?? "";
    const source = headers.get("x-source") ?? "sender";
    const interval = headers.get("x-interval");
    const log: StreamLog = {
      closed: [],
      aborts: 0,
      returns: 0,
      bytes: 0,
      errors: [],
      lastEventId: lastEventId(request),
    };
    logs[name] = log;
    return eventStreamResponse(sources[source](name, log), {
      ...(interval === null ? {} : {
        keepAlive: interval === "none" ? false : { interval: Number(interval) },
      }),
      onClose: (reason) => log.closed.push({ reason, at: Date.now() }),
      onError(error) {
        log.errors.push(String(error));
      },
    });
  }

  function deliver(sender: EventSender, mail: ServerSentEvent | "close"): void {
    if (mail === "close") sender.close();
    else sender.send(mail);
  }

  const sources: Readonly<
    Record<
      string,
      (name: string, log: StreamLog) => ServerSentEventSource | EventProducer
    >
  > = {
    /** Sends what it is told to. */
    sender: (name, log) => (sender) => {
      sender.signal.addEventListener("abort", () => log.aborts++);
      senders.set(name, sender);
      if (!mailbox) return;
      const inbox: (ServerSentEvent | "close")[] = [];
      inboxes.set(name, inbox);
      const timer = setInterval(() => {
        for (const mail of inbox.splice(0)) deliver(sender, mail);
      }, 5);
      sender.signal.addEventListener("abort", () => clearInterval(timer));
    },
    /** An iterator that waits for ever. */
    silence: (_name, log) => ({
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<never>(() => {}),
        return() {
          log.returns++;
          return Promise.resolve({ done: true as const, value: undefined });
        },
      }),
    }),
    /** An iterator that never waits. */
    flood: (_name, log) => ({
      [Symbol.asyncIterator]: () => ({
        next() {
          log.bytes += EVENT_SIZE;
          const value = { id: `${log.bytes}`, data: "x".repeat(EVENT_SIZE) };
          return Promise.resolve({ done: false, value });
        },
        return() {
          log.returns++;
          return Promise.resolve({ done: true as const, value: undefined });
        },
      }),
    }),
    /** A sender that does not look at what becomes of its events. */
    careless: (_name, log) => async ({ send, signal }) => {
      signal.addEventListener("abort", () => log.aborts++);
      while (!signal.aborted) {
        send({ data: "x".repeat(EVENT_SIZE) });
        log.bytes += EVENT_SIZE;
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
    },
  };

  function post(name: string, mail: ServerSentEvent | "close"): void {
    const inbox = inboxes.get(name);
    const sender = senders.get(name);
    if (inbox !== undefined) inbox.push(mail);
    else if (sender !== undefined) deliver(sender, mail);
    else throw new Error(`There is no stream named ${name}`);
  }

  return async (request) => {
    const { pathname } = new URL(request.url);
    const name = request.headers.get("x-name") ?? "";
    switch (pathname) {
      case "/":
        return stream(request);
      case "/send":
        post(name, await request.json());
        return new Response(null, { status: 204 });
      case "/close":
        post(name, "close");
        return new Response(null, { status: 204 });
      case "/log":
        return Response.json(logs);
      default:
        return new Response(null, { status: 404 });
    }
  };
}
