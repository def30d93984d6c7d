import { measureFanOut } from "./fan_out.ts";
import { runSuite, TABLE_NAMES } from "./suite.ts";
import { markdownOf, type MeasuredTable, wrap } from "./table.ts";

/** The tables about servers in processes of their own, which only Deno starts. */
const FAN_OUT = "fan-out";

const NAMES = [...TABLE_NAMES, FAN_OUT];

const HELP = `Verifies and measures the library against its peers.

deno task bench [--quick] [--only=TABLE,...]

  --quick  less of everything: about 2 minutes, for a first impression
  --only   some of the tables: ${NAMES.join(", ")}

A run with neither takes about 15 minutes and writes bench/results.md.`;

/** The packages compared, by the names under which deno.lock knows them. */
const PACKAGES: Readonly<Record<string, string>> = {
  "eventsource-parser": "eventsource-parser",
  "better-sse": "better-sse",
  "@std/http": "deno-std",
  "hono": "hono",
  "@hono/node-server": "@hono/node-server",
};

function parse(args: readonly string[]): { quick: boolean; only: string[] } {
  let quick = false;
  const only: string[] = [];
  for (const arg of args) {
    if (arg === "--quick") quick = true;
    else if (arg.startsWith("--only=")) only.push(...arg.slice(7).split(","));
    else fail(arg);
  }
  for (const name of only) if (!NAMES.includes(name)) fail(name);
  return { quick, only };
}

function fail(arg: string): never {
  console.error(`Cannot run benchmark: unknown argument "${arg}"\n\n${HELP}`);
  Deno.exit(2);
}

/** What ran, in one line. */
async function describe(): Promise<string> {
  const { deno, v8 } = Deno.version;
  const lock: { npm?: Record<string, unknown> } = JSON.parse(
    await Deno.readTextFile(new URL("../deno.lock", import.meta.url)),
  );
  const locked = Object.keys(lock.npm ?? {});
  const versions = Object.entries(PACKAGES).map(([name, lockedName]) => {
    const key = locked.find((it) => it.startsWith(`${lockedName}@`));
    const version = key?.slice(lockedName.length + 1) ?? "(not locked)";
    return `${name} ${version}`;
  });
  return [
    `Deno ${deno} (V8 ${v8}) on ${Deno.build.target}`,
    `${navigator.hardwareConcurrency} cores`,
    ...versions,
  ].join(", ");
}

function report(about: string, tables: readonly MeasuredTable[]): string {
  return `# Results

${
    wrap(
      `Written by \`deno task bench\`: ${about}. [README.md](README.md) tells how to read them.`,
    )
  }

${tables.map(markdownOf).join("\n")}`;
}

if (Deno.args.includes("--help")) {
  console.log(HELP);
  Deno.exit(0);
}
const { quick, only } = parse(Deno.args);
const about = await describe();
console.log(`${about}\n`);
const print = console.log;
const names = (only.length > 0 ? only : NAMES).filter((it) => it !== FAN_OUT);
const tables = names.length > 0
  ? await runSuite({ quick, only: names, print })
  : [];
if (only.length === 0 || only.includes(FAN_OUT)) {
  tables.push(...await measureFanOut({ quick, print }));
}
if (!quick && only.length === 0) {
  const results = new URL("results.md", import.meta.url);
  await Deno.writeTextFile(results, report(about, tables));
}
