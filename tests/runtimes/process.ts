const ROOT = new URL("../..", import.meta.url);

/** A folder that is removed when it is disposed of. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

/** Makes a temporary folder. */
export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await Deno.makeTempDir({ prefix: "tidings-runtimes-" });
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/**
 * Runs a command to its end.
 *
 * @returns What it printed.
 * @throws {Error} If it fails, with all that it printed.
 */
export async function run(
  command: string,
  args: readonly string[],
  cwd: string | URL = ROOT,
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    cwd,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  const printed = decoder.decode(stdout);
  if (success) return printed;
  throw new Error(
    `Cannot run ${command} ${args.join(" ")}:\n${printed}${
      decoder.decode(stderr)
    }`,
  );
}

/**
 * Bundles a module of this folder, with all that it imports, to one file.
 *
 * @param platform `"deno"` for one that imports modules of Node.
 */
export async function bundle(
  entry: string,
  output: string,
  platform: "browser" | "deno" = "browser",
): Promise<void> {
  const path = new URL(entry, import.meta.url).pathname;
  // No source map and no minifying: a stack trace leads to readable code.
  await run(Deno.execPath(), [
    "bundle",
    "--quiet",
    "--platform",
    platform,
    "--output",
    output,
    path,
  ]);
}

/** A server in a process of its own, killed when it is disposed of. */
export interface ServerProcess extends AsyncDisposable {
  readonly port: number;
}

/**
 * Starts a server that prints a line of JSON with its port.
 *
 * @throws {Error} If it ends before it is disposed of: at the start here, later
 * when it is disposed of.
 */
export async function startServer(
  command: string,
  args: readonly string[],
): Promise<ServerProcess> {
  const child = new Deno.Command(command, {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stderr = new Response(child.stderr).text();
  let killed = false;

  async function stop(): Promise<void> {
    killed = true;
    try {
      // workerd waits for open connections on any other signal.
      child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await child.status;
  }

  async function portOf(): Promise<number> {
    let text = "";
    const output = child.stdout.pipeThrough(new TextDecoderStream());
    const reader = output.getReader();
    while (true) {
      const { done, value } = await reader.read();
      if (done) break;
      text += value;
      const match = text.match(/"port":(\d+)/);
      if (match === null) continue;
      await reader.cancel();
      return Number(match[1]);
    }
    throw new Error(`The server did not start: ${text}${await stderr}`);
  }

  const ended = child.status.then(({ code }) => killed ? undefined : code);
  try {
    const port = await portOf();
    return {
      port,
      async [Symbol.asyncDispose]() {
        await stop();
        const code = await ended;
        const printed = await stderr;
        if (code === undefined) return;
        throw new Error(`The server has ended by itself: ${code}, ${printed}`);
      },
    };
  } catch (error) {
    await stop();
    await stderr;
    throw error;
  }
}

/** Lines of a workerd configuration for a class named `Room`, kept in memory. */
const DURABLE_OBJECT = `
  durableObjectNamespaces = [(className = "Room", uniqueKey = "room")],
  durableObjectStorage = (inMemory = void),
  bindings = [(name = "ROOM", durableObjectNamespace = "Room")],`;

/**
 * Starts workerd with a bundle in the same folder as its configuration.
 *
 * @param workerd The command.
 * @param folder Where the bundle is.
 * @param bundled The name of the bundle.
 * @param durableObject Whether it exports a durable object named `Room`.
 */
export async function startWorkerd(
  workerd: string,
  folder: string,
  bundled: string,
  durableObject = false,
): Promise<ServerProcess> {
  const config = `${folder}/${bundled}.capnp`;
  await Deno.writeTextFile(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "${bundled}")],
  compatibilityDate = "2026-04-01",${durableObject ? DURABLE_OBJECT : ""}
);
`,
  );
  // The descriptor on which it prints its port.
  return startServer(workerd, ["serve", config, "--control-fd=1"]);
}
