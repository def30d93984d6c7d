import { assertMatch } from "@std/assert";

/** The folder of the repository. */
export const ROOT = new URL("../..", import.meta.url);

/** A process of an example. It is killed when it is disposed of. */
export class Run implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #output = { stdout: "", stderr: "" };
  #more = Promise.withResolvers<boolean>();

  /** Starts Deno with these arguments. A server chooses a free port. */
  constructor(...args: readonly string[]) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [...args],
      cwd: ROOT,
      env: { DENO_SERVE_ADDRESS: "tcp:127.0.0.1:0", NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#ended = Promise.all([this.#gather("stdout"), this.#gather("stderr")])
      .finally(() => this.#more.resolve(false));
  }

  async #gather(name: "stdout" | "stderr"): Promise<void> {
    const text = this.#child[name].pipeThrough(new TextDecoderStream());
    for await (const part of text) {
      this.#output[name] += part;
      this.#more.resolve(true);
      this.#more = Promise.withResolvers();
    }
  }

  /** Waits for an output that fits, and gives the part that does. */
  async until(pattern: RegExp): Promise<string> {
    while (true) {
      const { stdout, stderr } = this.#output;
      const match = stdout.match(pattern) ?? stderr.match(pattern);
      if (match !== null) return match[0];
      if (await this.#more.promise) continue;
      throw new Error(`No ${pattern} in ${JSON.stringify(this.#output)}`);
    }
  }

  /** Does what Ctrl-C does. */
  interrupt(): void {
    this.#child.kill("SIGINT");
  }

  /** Waits until the process has ended by itself. */
  async end(): Promise<{ code: number; stdout: string; stderr: string }> {
    await this.#ended;
    const { code } = await this.#child.status;
    return { code, ...this.#output };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.end();
  }
}

/** The command that an example begins with, in words. */
export async function command(name: string): Promise<string[]> {
  const text = await Deno.readTextFile(new URL(`examples/${name}`, ROOT));
  const [line] = text.split("\n", 1);
  assertMatch(line, /^\/\/ deno (run|task) /);
  return line.split(" ").slice(2);
}
