import { assert } from "@std/assert";
import { installRuntimes } from "./install.ts";
import { bundle, run, temporaryFolder } from "./process.ts";
import { SCENARIOS } from "./retained.ts";

const { bun, node, node20 } = await installRuntimes();

const commands: Readonly<Record<string, readonly [string, ...string[]]>> = {
  "Node 20": [node20, "--expose-gc"],
  "the newest Node": [node, "--expose-gc"],
  Bun: [bun],
};

/** Half of what is read: engines differ in what they leave to be collected. */
const LIMIT = 256 * 2 ** 20;

Deno.test("EventParser keeps no chunk in memory for a piece of it", async (context) => {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/cli.mjs`;
  await bundle("retained_cli.ts", file, "deno");
  for (const [name, [command, ...flags]] of Object.entries(commands)) {
    for (const scenario of SCENARIOS) {
      await context.step(`${name}: ${scenario}`, async () => {
        const grown = Number(await run(command, [...flags, file, scenario]));
        assert(grown < LIMIT, `the process grew by ${grown} bytes`);
      });
    }
  }
});
