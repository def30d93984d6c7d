import { installRuntimes } from "../runtimes/install.ts";
import { bundle, startServer, temporaryFolder } from "../runtimes/process.ts";

/** What the endpoint is started on. */
export const RUNTIMES = ["Deno", "Node", "Bun"] as const;

/** The conformance endpoint on a runtime. */
export interface Endpoint {
  readonly runtime: (typeof RUNTIMES)[number];
  /** Its address, without a slash at the end. */
  readonly url: string;
}

/** The running endpoints, all stopped when they are disposed of. */
export interface Endpoints extends AsyncDisposable {
  readonly endpoints: readonly Endpoint[];
}

/**
 * Starts `examples/datastar_conformance.ts` on Deno, Node and Bun, bundled as
 * their users would, each in a process of its own.
 *
 * @throws {Error} If one of them cannot be installed or does not start.
 */
export async function startEndpoints(): Promise<Endpoints> {
  const { node, bun } = await installRuntimes();
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(await temporaryFolder());
  const bundled = (entry: string) => `${path}/${entry}.mjs`;
  await Promise.all(
    ["deno", "node", "bun"].map((entry) =>
      bundle(`../conformance/servers/${entry}.ts`, bundled(entry))
    ),
  );

  const commands: Record<Endpoint["runtime"], [string, ...string[]]> = {
    Deno: [
      Deno.execPath(),
      "run",
      "--no-config",
      "--allow-net",
      bundled("deno"),
    ],
    Node: [node, bundled("node")],
    Bun: [bun, bundled("bun")],
  };
  const endpoints: Endpoint[] = [];
  for (const runtime of RUNTIMES) {
    const [command, ...args] = commands[runtime];
    const { port } = stack.use(await startServer(command, args));
    endpoints.push({ runtime, url: `http://127.0.0.1:${port}` });
  }

  const started = stack.move();
  return {
    endpoints,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
