import { assert, assertEquals } from "@std/assert";
import { installRuntimes, runNpm } from "./install.ts";
import {
  run,
  startWorkerd,
  type TemporaryFolder,
  temporaryFolder,
} from "./process.ts";

const runtimes = await installRuntimes();

/** A project into which the package was installed from its tarball. */
let project: TemporaryFolder;

Deno.test.beforeAll(async () => {
  project = await temporaryFolder();
  const { path } = project;
  const tarball = `${path}/tidings-sse.tgz`;
  await run(Deno.execPath(), [
    "pack",
    "--allow-dirty",
    // It would carry the paths of this machine.
    "--no-source-maps",
    "--output",
    tarball,
  ]);
  const manifest = { name: "consumer", private: true, type: "module" };
  await Deno.writeTextFile(`${path}/package.json`, JSON.stringify(manifest));
  await Deno.copyFile(
    new URL("consumer.ts", import.meta.url),
    `${path}/consumer.ts`,
  );
  // Without a registry: the package depends on nothing.
  await runNpm(["install", "--offline", tarball], path);
});

Deno.test.afterAll(async () => {
  await project[Symbol.asyncDispose]();
});

Deno.test("The package has its entry points, its types and no tests", async () => {
  const { path } = project;
  const files = (await run("tar", ["-tzf", `${path}/tidings-sse.tgz`]))
    .trim().split("\n");
  for (const entry of ["mod", "server", "client", "datastar/mod"]) {
    assert(files.includes(`package/${entry}.js`), entry);
    assert(files.includes(`package/${entry}.d.ts`), entry);
  }
  const strangers = files.filter((file) =>
    !/^package\/((mod|server|client|(src|datastar)\/.*)\.(js|d\.ts)|package\.json|[A-Z]+(\.md)?)$/
      .test(file)
  );
  assertEquals(strangers, []);
});

/** A program for a command line, as the consumer without its types. */
async function consumerCli(): Promise<string> {
  const { path } = project;
  await run(runtimes.tsc, [
    "--noCheck",
    "--target",
    "es2022",
    "--module",
    "nodenext",
    "--outDir",
    `${path}/out`,
    `${path}/consumer.ts`,
  ]);
  const cli = `${path}/out/cli.js`;
  await Deno.writeTextFile(
    cli,
    'import { use } from "./consumer.js";\nconsole.log(await use());\n',
  );
  return cli;
}

for (const name of ["node20", "node", "bun"] as const) {
  Deno.test(`The package works on ${name}`, async () => {
    assertEquals(await run(runtimes[name], [await consumerCli()]), "ok\n");
  });
}

Deno.test("The package works on workerd, bundled", async () => {
  const { path } = project;
  await consumerCli();
  const worker = `${path}/out/worker.js`;
  await Deno.writeTextFile(
    worker,
    'import { use } from "./consumer.js";\n' +
      "export default { fetch: async () => new Response(await use()) };\n",
  );
  await run(runtimes.bun, [
    "build",
    "--target=browser",
    "--format=esm",
    `--outfile=${path}/bundle.js`,
    worker,
  ]);
  await using server = await startWorkerd(runtimes.workerd, path, "bundle.js");
  const response = await fetch(`http://127.0.0.1:${server.port}/`);
  assertEquals(await response.text(), "ok");
});

/** The types that each runtime has, and no others. */
const environments: Readonly<Record<string, object>> = {
  "the DOM": {
    lib: ["es2022", "dom", "dom.iterable", "dom.asynciterable"],
    types: [],
  },
  Node: { lib: ["es2022"], types: ["node"] },
  Workers: { lib: ["es2022"], types: ["@cloudflare/workers-types"] },
};

for (const [name, compilerOptions] of Object.entries(environments)) {
  Deno.test(`The types of the package fit those of ${name}`, async () => {
    const { path } = project;
    const config = `${path}/tsconfig.${name.replace(" ", "-")}.json`;
    await Deno.writeTextFile(
      config,
      JSON.stringify({
        compilerOptions: {
          target: "es2022",
          module: "nodenext",
          strict: true,
          exactOptionalPropertyTypes: true,
          noUncheckedIndexedAccess: true,
          skipLibCheck: false,
          noEmit: true,
          typeRoots: [`${runtimes.modules}/@types`, runtimes.modules],
          ...compilerOptions,
        },
        files: ["consumer.ts"],
      }),
    );
    await run(runtimes.tsc, ["--project", config]);
  });
}
