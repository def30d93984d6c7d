import { assert, assertEquals } from "@std/assert";
import { installRuntimes, runNpm } from "./install.ts";
import {
  run,
  startWorkerd,
  type TemporaryFolder,
  temporaryFolder,
} from "./process.ts";

const runtimes = await installRuntimes();

/** How the consumer is compiled to run. */
const OPTIONS = ["--target", "es2022", "--module", "nodenext"];

/** What runs the consumer, on a command line and on workerd. */
const PROGRAMS = {
  "cli.js": 'import { use } from "./consumer.js";\nconsole.log(await use());\n',
  "worker.js": 'import { use } from "./consumer.js";\n' +
    "export default { fetch: async () => new Response(await use()) };\n",
};

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
  await run(
    runtimes.node,
    [runtimes.tsc, "--noCheck", "--outDir", "out", ...OPTIONS, "consumer.ts"],
    path,
  );
  for (const [file, text] of Object.entries(PROGRAMS)) {
    await Deno.writeTextFile(`${path}/out/${file}`, text);
  }
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

for (const name of ["node20", "node", "bun"] as const) {
  Deno.test(`The package works on ${name}`, async () => {
    assertEquals(
      await run(runtimes[name], [`${project.path}/out/cli.js`]),
      "ok\n",
    );
  });
}

Deno.test("The package works on workerd, bundled", async () => {
  const { path } = project;
  await run(runtimes.bun, [
    "build",
    "--target=browser",
    "--format=esm",
    `--outfile=${path}/bundle.js`,
    `${path}/out/worker.js`,
  ]);
  await using server = await startWorkerd(runtimes.workerd, path, "bundle.js");
  const response = await fetch(`http://127.0.0.1:${server.port}/`);
  assertEquals(await response.text(), "ok");
});

/** The types that each runtime has, and no others. */
const environments = {
  "the DOM": { lib: ["dom"], types: [] },
  Node: { lib: [], types: ["node"] },
  Workers: { lib: [], types: ["@cloudflare/workers-types"] },
};

/**
 * How strict a program is. `AsyncDisposable`, which `EventStream` implements, is
 * in no `lib` older than `esnext.disposable`: without it the declarations of the
 * package must not be checked themselves.
 */
const checks = {
  "declarations checked": {
    lib: ["es2022", "esnext.disposable"],
    skipLibCheck: false,
  },
  "declarations not checked": { lib: ["es2022"], skipLibCheck: true },
};

for (const compiler of ["tsc57", "tsc"] as const) {
  for (const [name, { lib, types }] of Object.entries(environments)) {
    for (const [how, check] of Object.entries(checks)) {
      Deno.test(`The types of the package fit those of ${name}: ${compiler}, ${how}`, async () => {
        const { path } = project;
        const config = `${path}/tsconfig.json`;
        const { modules } = runtimes;
        const compilerOptions = {
          target: "es2022",
          module: "nodenext",
          strict: true,
          exactOptionalPropertyTypes: true,
          noUncheckedIndexedAccess: true,
          noEmit: true,
          typeRoots: [`${modules}/@types`, modules],
          ...check,
          types,
          lib: [...check.lib, ...lib],
        };
        await Deno.writeTextFile(
          config,
          JSON.stringify({ compilerOptions, files: ["consumer.ts"] }),
        );
        await run(runtimes.node, [runtimes[compiler], "--project", config]);
      });
    }
  }
}
