import { installRuntimes } from "./install.ts";
import { bundle, run, startWorkerd, temporaryFolder } from "./process.ts";
import { type PortableResult, suite } from "./suite.ts";

const runtimes = await installRuntimes();

for (const [name, fn] of suite) Deno.test(`Deno: ${name}`, fn);

/** Where the suite runs, besides: each as a bundle. */
const elsewhere: Readonly<Record<string, () => Promise<PortableResult[]>>> = {
  "Node 20": () => runOn(runtimes.node20),
  "the newest Node": () => runOn(runtimes.node),
  Bun: () => runOn(runtimes.bun),
  async workerd() {
    await using folder = await temporaryFolder();
    await bundle("suite_worker.ts", `${folder.path}/suite.mjs`);
    const { workerd } = runtimes;
    await using server = await startWorkerd(workerd, folder.path, "suite.mjs");
    const response = await fetch(`http://127.0.0.1:${server.port}/`);
    return await response.json();
  },
};

for (const [name, results] of Object.entries(elsewhere)) {
  Deno.test(`${name} runs the suite`, async (context) => {
    const byName = new Map(
      (await results()).map((result) => [result.name, result]),
    );
    for (const [test] of suite) {
      await context.step(test, () => {
        const result = byName.get(test);
        if (result === undefined) throw new Error(`${test} did not run`);
        if (result.error !== undefined) throw new Error(result.error);
      });
    }
  });
}

async function runOn(command: string): Promise<PortableResult[]> {
  await using folder = await temporaryFolder();
  const bundled = `${folder.path}/suite.mjs`;
  await bundle("suite_cli.ts", bundled);
  return JSON.parse(await run(command, [bundled]));
}
