/**
 * What is installed, at versions that nobody moves but us. Node 20 is its first
 * with long-term support, TypeScript 5.7 the first with `Uint8Array<ArrayBuffer>`;
 * the others were the newest when this was written.
 */
const PACKAGES = [
  "@cloudflare/workers-types@5.20261117.1",
  "@types/node@26.6.6",
  "bun@1.4.5",
  "node20@npm:node@20.9.0",
  "node@26.10.0",
  "typescript57@npm:typescript@5.7.3",
  "typescript@7.0.2",
  "workerd@1.20261117.1",
];

/** The runtimes as commands. */
export interface Runtimes {
  /** A `node_modules` folder with all that is installed. */
  readonly modules: string;
  /** Node 20. */
  readonly node20: string;
  /** The newest Node. */
  readonly node: string;
  readonly bun: string;
  readonly workerd: string;
  /** The oldest compiler that fits. */
  readonly tsc57: string;
  /** The newest compiler of TypeScript. */
  readonly tsc: string;
}

/**
 * Installs the runtimes from npm, once for all test files and all runs.
 *
 * A test file waits here for the one that installs. An installation that fails
 * fails the tests: none is skipped.
 */
export async function installRuntimes(): Promise<Runtimes> {
  const dir = `${toolsFolder()}/runtimes-${await hashOf(PACKAGES)}`;
  await Deno.mkdir(dir, { recursive: true });
  using lock = await Deno.open(`${dir}/lock`, { create: true, write: true });
  // Given back when the file is closed, also by a process that is killed.
  await lock.lock(true);
  const done = `${dir}/installed`;
  const modules = `${dir}/node_modules`;
  if (!await exists(done)) {
    // What an installation that was interrupted has left.
    if (await exists(modules)) await Deno.remove(modules, { recursive: true });
    await runNpm(["install", "--prefix", dir, "--no-save", ...PACKAGES]);
    await Deno.writeTextFile(done, "");
  }
  // Not from `.bin`, where two versions of a command take each other's place.
  return {
    modules,
    node20: `${modules}/node20/bin/node`,
    node: `${modules}/node/bin/node`,
    bun: `${modules}/.bin/bun`,
    workerd: `${modules}/.bin/workerd`,
    tsc57: `${modules}/typescript57/bin/tsc`,
    tsc: `${modules}/typescript/bin/tsc`,
  };
}

/** Runs npm without what it has to say besides errors. */
export async function runNpm(
  args: readonly string[],
  cwd?: string,
): Promise<void> {
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
  const { success, stderr } = await new Deno.Command("npm", {
    args: [...args, ...quiet],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    ...(cwd === undefined ? {} : { cwd }),
  }).output();
  if (success) return;
  throw new Error(
    `Cannot run npm ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`,
  );
}

function toolsFolder(): string {
  const { env } = Deno;
  const tools = env.get("TIDINGS_TOOLS");
  if (tools) return tools;
  const cache = env.get("XDG_CACHE_HOME") || `${env.get("HOME")}/.cache`;
  return `${cache}/tidings`;
}

async function hashOf(names: readonly string[]): Promise<string> {
  const bytes = new TextEncoder().encode(names.join("\n"));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return hash.toHex().slice(0, 12);
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
