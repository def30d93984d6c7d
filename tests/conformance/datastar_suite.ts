/**
 * Runs the official test suite of Datastar SDKs against the conformance endpoint
 * on Deno, Node and Bun: `deno task test:datastar-suite`.
 *
 * The suite is a Go program, which `go run` fetches and builds. It is no part of
 * `test:system`, since the Go module registry that continuous integration reaches
 * does not serve its module today; our own cases over HTTP are part of it, in
 * `tests/system/datastar_endpoint_test.ts`. `DATASTAR_SUITE` names a program that
 * was built elsewhere, to be run instead.
 *
 * It fails when the suite cannot be had: nothing is skipped.
 *
 * @module
 */
import { type TemporaryFolder, temporaryFolder } from "../runtimes/process.ts";
import { type Endpoint, startEndpoints } from "./servers.ts";

/** The suite, at the last commit that changed it. */
const SUITE = "github.com/starfederation/datastar/sdk/tests" +
  "/cmd/datastar-sdk-tests@v0.0.0-20250715152853-a3e3284658c5";

/** What became of the suite on one runtime. */
interface SuiteRun {
  readonly success: boolean;
  /** How many cases it has: it sends a request for each. */
  readonly cases: number;
  readonly passed: number;
  readonly output: string;
}

/**
 * Runs the suite against an endpoint.
 *
 * @throws {Error} If it cannot be run, or asks the endpoint for nothing.
 */
async function runSuite(
  { url }: Endpoint,
  { path: cwd }: TemporaryFolder,
): Promise<SuiteRun> {
  const built = Deno.env.get("DATASTAR_SUITE");
  const command = built || "go";
  const args = built ? [] : ["run", SUITE];
  let result: Deno.CommandOutput;
  try {
    result = await new Deno.Command(command, {
      args: [...args, "-server", url],
      // Where it leaves the answers that it did not expect.
      cwd,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).output();
  } catch (cause) {
    throw new Error(`Cannot run the suite: ${command} does not start`, {
      cause,
    });
  }
  const decoder = new TextDecoder();
  const output = decoder.decode(result.stdout) + decoder.decode(result.stderr);
  const cases: number = await (await fetch(`${url}/count`)).json();
  if (cases === 0) throw new Error(`Cannot run the suite:\n${output}`);
  const failed = output.match(/^ +--- FAIL: /gm)?.length ?? 0;
  const { success } = result;
  return { success, cases, passed: cases - failed, output };
}

await using started = await startEndpoints();
await using folder = await temporaryFolder();
for (const endpoint of started.endpoints) {
  const { success, cases, passed, output } = await runSuite(endpoint, folder);
  console.log(`${endpoint.runtime}: ${passed} of ${cases} cases passed`);
  if (success && passed === cases) continue;
  console.error(output);
  Deno.exitCode = 1;
}
