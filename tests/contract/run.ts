/**
 * Runs the SSE contract tests of LaunchDarkly against our clients on Deno, Node and
 * Bun: `deno task test:contract`.
 *
 * Their harness is a Go program, which `go run` fetches and builds. It is no part of
 * `test:system`, since the Go module registry that continuous integration reaches
 * refuses its module today; tests of our own service, which does the same work for
 * a harness of ours, are run there. `SSE_CONTRACT_TESTS` names a program that was
 * built elsewhere, to be run instead.
 *
 * It fails when the harness cannot be had: nothing is skipped.
 *
 * @module
 */
import { installRuntimes } from "../runtimes/install.ts";
import { bundle, startServer, temporaryFolder } from "../runtimes/process.ts";
import { type ClientName, CLIENTS } from "./service.ts";

/** The harness, at the commit behind its release 2.31.0 that we have read. */
const HARNESS = "github.com/launchdarkly/sse-contract-tests" +
  "@v1.1.1-0.20260508202707-81fc8203db98";

/** Where the service runs. */
interface Runtime {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** What the harness has found. */
interface Findings {
  readonly success: boolean;
  readonly passed: number;
  readonly skipped: number;
  readonly failed: number;
  readonly output: string;
}

/** A port that nobody listens on, for the harness, which cannot choose one. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/**
 * Runs the harness against a service.
 *
 * @throws {Error} If it cannot be run, or runs no tests.
 */
async function runHarness(url: string): Promise<Findings> {
  const built = Deno.env.get("SSE_CONTRACT_TESTS");
  const command = built || "go";
  const args = built ? [] : ["run", HARNESS];
  let result: Deno.CommandOutput;
  try {
    result = await new Deno.Command(command, {
      args: [
        ...args,
        ...["-url", url, "-host", "127.0.0.1", "-port", `${freePort()}`],
      ],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).output();
  } catch (cause) {
    throw new Error(`Cannot run the harness: ${command} does not start`, {
      cause,
    });
  }
  const decoder = new TextDecoder();
  const output = decoder.decode(result.stdout) + decoder.decode(result.stderr);
  return { success: result.success, ...count(output), output };
}

/** Counts tests by what the harness prints; groups of tests are none. */
function count(
  output: string,
): Pick<Findings, "passed" | "skipped" | "failed"> {
  const started = [...output.matchAll(/^\[(.+)\]$/gm)].map(([, id]) => id);
  const tests = started.filter((id) =>
    !started.some((other) => other.startsWith(`${id}/`))
  );
  if (tests.length === 0) {
    throw new Error(`Cannot run the harness:\n${output}`);
  }
  const marked = (mark: string) => {
    const lines = output.split("\n").filter((line) => line.includes(mark));
    return tests.filter((id) => lines.some((line) => line.includes(id))).length;
  };
  const skipped = marked("  SKIPPED: ");
  const failed = marked("  FAILED: ");
  return { skipped, failed, passed: tests.length - skipped - failed };
}

async function test(
  { command, args }: Runtime,
  client: ClientName,
): Promise<Findings> {
  await using service = await startServer(command, [...args, client]);
  return await runHarness(`http://127.0.0.1:${service.port}`);
}

const { node20, node, bun } = await installRuntimes();
await using folder = await temporaryFolder();
const bundled = (entry: string) => `${folder.path}/${entry}.mjs`;
await Promise.all(
  ["deno", "node", "bun"].map((entry) =>
    bundle(`../contract/servers/${entry}.ts`, bundled(entry))
  ),
);
const runtimes: readonly Runtime[] = [
  {
    name: "Deno",
    command: Deno.execPath(),
    args: ["run", "--no-config", "--allow-net", bundled("deno")],
  },
  { name: "Node 20", command: node20, args: [bundled("node")] },
  { name: "the newest Node", command: node, args: [bundled("node")] },
  { name: "Bun", command: bun, args: [bundled("bun")] },
];

// One after the other: some of the tests look at the time.
for (const runtime of runtimes) {
  for (const client of CLIENTS) {
    const { success, passed, skipped, failed, output } = await test(
      runtime,
      client,
    );
    console.log(
      `${client} on ${runtime.name}: ${passed} tests passed, ${failed} failed, ${skipped} skipped`,
    );
    if (success && failed === 0) continue;
    console.error(output);
    Deno.exitCode = 1;
  }
}
