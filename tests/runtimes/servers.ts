import type { Runtimes } from "./install.ts";
import {
  bundle,
  type ServerProcess,
  startServer,
  startWorkerd,
  type TemporaryFolder,
  temporaryFolder,
} from "./process.ts";

/** A server that the tests can start. */
export interface TestedServer {
  /** What it runs on, for names of tests and the table. */
  readonly name: string;
  /** Header lines with which a request gets to it. */
  readonly headerLines: readonly string[];
  /** Whether it notices that a client has left only when it writes. */
  readonly seesOnWriteOnly: boolean;
  /** Starts it. */
  start(): Promise<ServerProcess>;
}

/** The servers of all runtimes. Their bundles are made once, in a folder of the test's. */
export async function testedServers(
  runtimes: Runtimes,
): Promise<{ servers: readonly TestedServer[]; folder: TemporaryFolder }> {
  const folder = await temporaryFolder();
  const bundled = (entry: string) => `${folder.path}/${entry}.mjs`;
  try {
    await Promise.all(
      ["deno", "bun", "node_hono", "node_srvx", "worker"].map((entry) =>
        bundle(`servers/${entry}.ts`, bundled(entry))
      ),
    );
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
  const { node20, node, bun, workerd } = runtimes;

  const command = (
    name: string,
    command: string,
    ...args: string[]
  ): TestedServer => ({
    name,
    headerLines: [],
    seesOnWriteOnly: false,
    start: () => startServer(command, args),
  });
  const worker = (name: string, headerLines: string[]): TestedServer => ({
    name,
    headerLines,
    seesOnWriteOnly: true,
    start: () => startWorkerd(workerd, folder.path, "worker.mjs", true),
  });
  return {
    folder,
    servers: [
      command(
        "Deno",
        Deno.execPath(),
        "run",
        "--no-config",
        "--allow-net",
        bundled("deno"),
      ),
      command("Bun", bun, bundled("bun")),
      command("Node 20, @hono/node-server", node20, bundled("node_hono")),
      command("Node 26, @hono/node-server", node, bundled("node_hono")),
      command("Node 26, srvx", node, bundled("node_srvx")),
      worker("workerd", []),
      worker("workerd, Durable Object", ["x-room: 1"]),
    ],
  };
}
