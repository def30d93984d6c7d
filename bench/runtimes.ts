import { installRuntimes } from "../tests/runtimes/install.ts";
import { bundle, run } from "../tests/runtimes/process.ts";
import { runSuite, type SuiteOptions } from "./suite.ts";
import type { ComparedTable } from "./table.ts";

/** What a runtime measures; it knows its own name. */
export type RunOptions = Omit<SuiteOptions, "runtime">;

/** A runtime that measures the tables of the suite. */
export interface SuiteRuntime {
  /** Its name and version. */
  readonly name: string;
  /**
   * Verifies and measures tables on it.
   *
   * @throws {Error} If the library gets something wrong.
   */
  run(options: RunOptions): Promise<ComparedTable[]>;
}

const DENO_NAME = `Deno ${Deno.version.deno}`;

/** Deno, which is this process. */
export const DENO: SuiteRuntime = {
  name: DENO_NAME,
  run: (options) => runSuite({ ...options, runtime: DENO_NAME }),
};

/**
 * The newest Node, and Bun.
 *
 * @param folder Where the bundle goes that they run.
 */
export async function otherRuntimes(folder: string): Promise<SuiteRuntime[]> {
  const { node, bun } = await installRuntimes();
  const bundled = `${folder}/suite.mjs`;
  const entry = new URL("suite_main.ts", import.meta.url);
  await bundle(entry.href, bundled);

  async function other(name: string, command: string): Promise<SuiteRuntime> {
    const version = (await run(command, ["--version"])).trim();
    const runtime = `${name} ${version.replace("v", "")}`;
    return {
      name: runtime,
      run: (options) => runBundle(command, bundled, { ...options, runtime }),
    };
  }

  return [await other("Node", node), await other("Bun", bun)];
}

/** Runs the suite in another process, which prints its progress itself. */
async function runBundle(
  command: string,
  bundled: string,
  { quick, only, runtime }: SuiteOptions,
): Promise<ComparedTable[]> {
  const { success, code, stdout } = await new Deno.Command(command, {
    args: [bundled, JSON.stringify({ quick, only, runtime })],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`Cannot measure on ${runtime}: code ${code}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}
