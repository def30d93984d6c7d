import { installRuntimes } from "./install.ts";
import { bundle, run, startWorkerd, temporaryFolder } from "./process.ts";
import { type PortableResult, suite } from "./suite.ts";

const runtimes = await installRuntimes();

for (const [name, fn] of suite) Deno.test(`Deno: ${name}`, fn);

/** Where else the suite runs: as bundles. */
const elsewhere: Readonly<
  Record<string, (folder: string) => Promise<PortableResult[]>>
> = {
  "Node 20": (folder) => runOn(runtimes.node20, folder),
  "the newest Node": (folder) => runOn(runtimes.node, folder),
  Bun: (folder) => runOn(runtimes.bun, folder),
  async workerd(folder) {
    const { workerd } = runtimes;
    await using server = await startWorkerd(workerd, folder, "worker.mjs");
    const response = await fetch(`http://127.0.0.1:${server.port}/`);
    return await response.json();
  },
};

async function runOn(
  command: string,
  folder: string,
): Promise<PortableResult[]> {
  return JSON.parse(await run(command, [`${folder}/cli.mjs`]));
}

Deno.test("The suite runs on other runtimes", async (context) => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await Promise.all(
    ["cli", "worker"].map((name) =>
      bundle(`suite_${name}.ts`, `${path}/${name}.mjs`)
    ),
  );
  const runs = await Promise.allSettled(
    Object.values(elsewhere).map((start) => start(path)),
  );
  for (const [index, name] of Object.keys(elsewhere).entries()) {
    await context.step(name, async (context) => {
      const finished = runs[index];
      if (finished.status === "rejected") throw finished.reason;
      const byName = new Map(
        finished.value.map((result) => [result.name, result]),
      );
      for (const [test] of suite) {
        await context.step(test, () => {
          const result = byName.get(test);
          if (result === undefined) throw new Error("The test did not run");
          if (result.error !== undefined) throw new Error(result.error);
        });
      }
    });
  }
});
