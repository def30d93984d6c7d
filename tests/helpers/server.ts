/** A server on a free port of the loopback interface, stopped when it is disposed of. */
export interface TestServer extends AsyncDisposable {
  /** Where it listens. */
  readonly port: number;
  /** Its address. */
  readonly url: string;
}

/** Starts a server. Its stop cuts connections that are still open. */
export function serve(
  handler: (request: Request) => Response | Promise<Response>,
): TestServer {
  const stop = new AbortController();
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    signal: stop.signal,
    onListen: () => {},
  }, handler);
  const { port } = server.addr;
  return {
    port,
    url: `http://127.0.0.1:${port}/`,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await server.finished;
    },
  };
}
