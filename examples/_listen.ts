/**
 * Where the examples that have a page listen, and how they end.
 *
 * @module
 */

/**
 * Listens on port 8000 of this machine until Ctrl-C.
 *
 * @param handler Answers requests.
 * @param stop Called on Ctrl-C, to end what would keep the server: its streams.
 */
export function listen(
  handler: (request: Request) => Response | Promise<Response>,
  stop?: () => void | Promise<void>,
): void {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 8000 },
    (request) => handler(request),
  );
  if (stop === undefined) return;
  const end = async () => {
    // A second Ctrl-C does not wait.
    Deno.removeSignalListener("SIGINT", end);
    await stop();
    await server.shutdown();
  };
  Deno.addSignalListener("SIGINT", end);
}
