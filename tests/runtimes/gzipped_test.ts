import { assertEquals, assertStringIncludes } from "@std/assert";
import { CLIENTS, leaveGzipped, type LeavingReport } from "./gzipped.ts";
import { installRuntimes } from "./install.ts";
import { bundle, run, temporaryFolder } from "./process.ts";

const runtimes = await installRuntimes();

/** Where `node:zlib` is. */
const places: Readonly<Record<string, () => Promise<LeavingReport>>> = {
  Deno: leaveGzipped,
  "Node 20": () => runOn(runtimes.node20),
  "the newest Node": () => runOn(runtimes.node),
  Bun: () => runOn(runtimes.bun),
};

async function runOn(command: string): Promise<LeavingReport> {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/cli.mjs`;
  await bundle("gzipped_cli.ts", file, "deno");
  return JSON.parse(await run(command, [file]));
}

Deno.test("docs/deployment.md has gzipped() as it is tested, word for word", async () => {
  const [docs, code] = await Promise.all(
    ["docs/deployment.md", "tests/helpers/gzipped.ts"].map((path) =>
      Deno.readTextFile(new URL(`../../${path}`, import.meta.url))
    ),
  );
  const [, tested] = code.split("word for word.\n\nexport ");
  assertStringIncludes(docs, tested);
});

for (const [name, leave] of Object.entries(places)) {
  Deno.test(`gzipped() of docs/deployment.md lets clients leave on ${name} at any moment, and destroys its compressors`, async () => {
    assertEquals(await leave(), {
      reasons: Array(CLIENTS).fill("client"),
      destroyed: CLIENTS,
    });
  });
}
