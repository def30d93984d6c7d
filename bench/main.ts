import { temporaryFolder } from "../tests/runtimes/process.ts";
import { type ChartGroup, chartOf } from "./chart.ts";
import { measureFanOut } from "./fan_out.ts";
import { DENO, otherRuntimes } from "./runtimes.ts";
import { TABLE_NAMES } from "./suite.ts";
import {
  type ComparedTable,
  markdownOf,
  type MeasuredTable,
  wrap,
} from "./table.ts";

/** The tables about servers in processes of their own, which only Deno starts. */
const FAN_OUT = "fan-out";

/** The table that tells as much on Deno alone. */
const WORST = "worst";

/** The table whose rows of 16 KiB chunks are drawn. */
const DECODE = "decode";

const CHART_TITLE = "EventParser and the best peer, in chunks of 16 KiB";

const NAMES = [...TABLE_NAMES, FAN_OUT];

const HELP = `Verifies and measures the library against its peers.

deno task bench [--quick] [--only=TABLE,...]

  --quick  less of everything: about 3 minutes, for a first impression
  --only   some of the tables: ${NAMES.join(", ")}

A run with neither takes about 25 minutes and writes bench/results.md and
bench/results.svg.`;

/** The packages compared, by the names under which deno.lock knows them. */
const PACKAGES: Readonly<Record<string, string>> = {
  "eventsource-parser": "eventsource-parser",
  "better-sse": "better-sse",
  "@std/http": "deno-std",
  "h3": "h3",
  "hono": "hono",
  "@hono/node-server": "@hono/node-server",
  "@starfederation/datastar-sdk": "@starfederation/datastar-sdk",
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

![${CHART_TITLE}](results.svg)

${tables.map(markdownOf).join("\n")}`;
}

/** How fast the chunks of 16 KiB are read on one runtime. */
function groupOf(
  runtime: string,
  tables: readonly ComparedTable[],
): ChartGroup {
  const rows = tables.flatMap(({ ratios }) => ratios)
    .filter(({ labels: [_, chunks] }) => chunks === "16 KiB");
  return {
    label: runtime,
    bars: rows.map(({ labels: [corpus], ofPeer: { EventParser: ratio } }) => ({
      label: corpus,
      ratio,
    })),
  };
}

async function write(file: string, text: string): Promise<void> {
  await Deno.writeTextFile(new URL(file, import.meta.url), text);
}

if (Deno.args.includes("--help")) {
  console.log(HELP);
  Deno.exit(0);
}
const { quick, only } = parse(Deno.args);
const about = await describe();
console.log(`${about}\n`);
const print = console.log;
const names = only.length > 0 ? only : NAMES;
const tables: MeasuredTable[] = [];
const groups: ChartGroup[] = [];
{
  await using folder = await temporaryFolder();
  const needsOthers = names.some((it) => it !== FAN_OUT && it !== WORST);
  const others = needsOthers ? await otherRuntimes(folder.path) : [];
  for (const name of names) {
    if (name === FAN_OUT) {
      tables.push(...await measureFanOut({ quick, print }));
      continue;
    }
    for (const runtime of name === WORST ? [DENO] : [DENO, ...others]) {
      const measured = await runtime.run({ quick, only: [name], print });
      tables.push(...measured);
      if (name === DECODE) groups.push(groupOf(runtime.name, measured));
    }
  }
}
if (!quick && only.length === 0) {
  await write("results.md", report(about, tables));
  await write(
    "results.svg",
    chartOf({
      title: CHART_TITLE,
      unit: "times as fast as the best peer; more is better",
      groups,
    }),
  );
}
