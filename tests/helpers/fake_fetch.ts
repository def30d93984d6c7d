import { utf8 } from "./bytes.ts";

/** What a {@linkcode fakeFetch} answers with: a failure is thrown. */
export type FakeAnswer =
  | Response
  | Error
  | ((request: Request) => Response | Promise<Response>);

/** A `fetch` without a network. */
export interface FakeFetch {
  readonly fetch: (
    input: RequestInfo | URL,
    init?: RequestInit,
  ) => Promise<Response>;
  /** What was asked for so far. */
  readonly requests: Request[];
}

/** Gives the answers one after the other, and 204 when there are no more. */
export function fakeFetch(...answers: readonly FakeAnswer[]): FakeFetch {
  const requests: Request[] = [];
  return {
    requests,
    async fetch(input, init) {
      const request = new Request(input, init);
      const answer = answers[requests.length];
      requests.push(request);
      if (answer === undefined) return new Response(null, { status: 204 });
      if (answer instanceof Error) throw answer;
      return typeof answer === "function" ? await answer(request) : answer;
    },
  };
}

/** A response that is an event stream. */
export function eventStream(
  body: ConstructorParameters<typeof Response>[0] = "",
  contentType = "text/event-stream",
): Response {
  return new Response(body, { headers: { "content-type": contentType } });
}

/** An event stream that a test writes while it is read. It does not look at any signal. */
export interface LiveStream {
  readonly response: Response;
  send(text: string): void;
  end(): void;
  fail(error: unknown): void;
  /** The reason of each `cancel`. */
  readonly cancels: unknown[];
}

/** Makes an event stream that a test writes while it is read. */
export function liveStream(init: ResponseInit = {}): LiveStream {
  const cancels: unknown[] = [];
  let controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(given) {
      controller = given;
    },
    cancel(reason) {
      cancels.push(reason);
    },
  });
  const headers = { "content-type": "text/event-stream" };
  return {
    response: new Response(body, { headers, ...init }),
    send: (text) => controller.enqueue(utf8(text)),
    end: () => controller.close(),
    fail: (error) => controller.error(error),
    cancels,
  };
}
