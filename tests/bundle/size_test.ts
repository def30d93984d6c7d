import { assert, assertEquals } from "@std/assert";
import { bundleSizes } from "../helpers/bundle.ts";
import { ROOT } from "../helpers/run.ts";

/** The file of each entry point. */
const files = {
  "@tidings/sse": "mod.ts",
  "@tidings/sse/client": "client.ts",
  "@tidings/sse/server": "server.ts",
  "@tidings/sse/datastar": "datastar/mod.ts",
};

/** What is imported from where, and how many bytes of gzip it may take: 4 % above what it took. */
const budgets: readonly [string, keyof typeof files, number][] = [
  ["EventParser", "@tidings/sse", 7150],
  ["EventStream", "@tidings/sse", 8550],
  ["encodeEvent", "@tidings/sse", 1090],
  ["*", "@tidings/sse", 11020],
  ["connect", "@tidings/sse/client", 13290],
  ["*", "@tidings/sse/client", 14860],
  ["eventStreamResponse", "@tidings/sse/server", 4230],
  ["EventHub, memoryEventLog", "@tidings/sse/server", 7780],
  ["*", "@tidings/sse/server", 22510],
  ["patchElements, readSignals", "@tidings/sse/datastar", 3450],
  ["*", "@tidings/sse/datastar", 13400],
];

/** How many bytes, before gzip, an entry point may leave of which nothing is used. */
const UNUSED_BUDGET = 640;

/** How far the page may be off. */
const TOLERANCE = 0.04;

const entries = Object.keys(files) as (keyof typeof files)[];

function from(entry: keyof typeof files): string {
  return JSON.stringify(new URL(files[entry], ROOT));
}

const sizes = await bundleSizes([
  ...budgets.map(([names, entry]) =>
    `export ${names === "*" ? "*" : `{ ${names} }`} from ${from(entry)};`
  ),
  ...entries.map((entry) => `import ${from(entry)}; export {};`),
]);

for (const [n, [names, entry, budget]] of budgets.entries()) {
  const what = `${names} from ${entry}`;

  Deno.test(`the bundle of ${what} is within its budget`, () => {
    const { gzip } = sizes[n];
    assert(
      gzip <= budget,
      `${what} must take at most ${budget} bytes of gzip, got ${gzip}`,
    );
  });
}

for (const [n, entry] of entries.entries()) {
  Deno.test(`a bundle that uses nothing of ${entry} has next to nothing of it`, () => {
    const { minified } = sizes[budgets.length + n];
    assert(
      minified <= UNUSED_BUDGET,
      `${entry} must leave at most ${UNUSED_BUDGET} bytes, got ${minified}`,
    );
  });
}

const page = await Deno.readTextFile(new URL("docs/bundle_size.md", ROOT));
const [, , ...rows] = page.split("\n")
  .filter((line) => line.startsWith("|"))
  .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));

Deno.test("docs/bundle_size.md has a row for each budget", () => {
  assertEquals(
    rows.map(([names, entry]) => [names, entry]),
    budgets.map(([names, entry]) => [
      names === "*" ? "everything" : `\`${names}\``,
      `\`${entry}\``,
    ]),
  );
});

for (const [n, [names, entry, ...figures]] of rows.entries()) {
  Deno.test(`docs/bundle_size.md: ${names} from ${entry}`, () => {
    const { minified, gzip } = sizes[n];
    for (const [column, size] of [minified, gzip].entries()) {
      assert(
        Math.abs(Number(figures[column]) - size) <= size * TOLERANCE,
        `the row must say | ${minified} | ${gzip} |, got ${figures.join(", ")}`,
      );
    }
  });
}
