import process from "node:process";
import { EventParser } from "../../mod.ts";
import { utf8 } from "../helpers/bytes.ts";

/** How much each scenario reads, of which it keeps next to nothing: 8,000 times 64 KiB. */
const CHUNKS = 8000;
const FILLER = `:${"c".repeat(65_000)}\n`;

/** What is kept by the parser or by the program that feeds it. */
const scenarios: Readonly<Record<string, () => unknown>> = {
  "a letter of data in each chunk": () => unfinished("data: x\n"),
  "20 letters of data in each chunk": () =>
    unfinished(`data: ${"x".repeat(20)}\n`),
  "1,000 letters of data in each chunk": () =>
    unfinished(`data: ${"x".repeat(1000)}\n`),
  "a short comment in each chunk": () => unfinished(":abc\n", "wire"),
  "a long comment in each chunk": () =>
    unfinished(`:${"x".repeat(50)}\n`, "wire"),
  "the types of all events": () => {
    const types = new Set<string | undefined>();
    read((n) => `event: a-type-${n}\n`, ({ event }) => types.add(event));
    return types;
  },
  "the short types of all events": () => {
    const types: (string | undefined)[] = [];
    read((n) => `event: t-${n}\n`, ({ event }) => types.push(event));
    return types;
  },
  "the types that idle parsers remember": () => {
    const parsers: EventParser[] = [];
    for (let n = 0; n < CHUNKS; n++) {
      if (n % 8 === 0) parsers.push(new EventParser());
      parsers.at(-1)?.feed(utf8(`event: t-${n}\ndata: x\n\n${FILLER}\n`));
    }
    return parsers;
  },
  "the ids of all events": () => {
    const ids: (string | undefined)[] = [];
    read((n) => `id: 1234567890-${n}\n`, ({ id }) => ids.push(id));
    return ids;
  },
  "a comment in each chunk that ends in the next": () => {
    const parser = new EventParser({ view: "wire" });
    const chunks = [utf8(`x${FILLER}:${"c".repeat(20)}`), utf8("\n")];
    for (let i = 0; i < 2 * CHUNKS; i++) parser.feed(chunks[i % 2]);
    return parser;
  },
  "the short ids of all events, as keys": () => {
    const ids = new Set<string | undefined>();
    read((n) => `id: id-${n}\n`, ({ id }) => ids.add(id));
    return ids;
  },
};

/** What may be kept in each. */
export const SCENARIOS: readonly string[] = Object.keys(scenarios);

function unfinished(line: string, view?: "wire"): EventParser {
  // Lines that mean nothing in either view.
  const chunk = utf8(line + FILLER.replace(":", "x"));
  const parser = new EventParser({ view });
  for (let i = 0; i < CHUNKS; i++) parser.feed(chunk);
  return parser;
}

function read(
  field: (n: number) => string,
  keep: (
    event: {
      readonly event?: string | undefined;
      readonly id?: string | undefined;
    },
  ) => void,
): void {
  const parser = new EventParser();
  for (let n = 0; n < CHUNKS; n++) {
    for (const event of parser.feed(utf8(`${field(n)}data\n\n${FILLER}\n`))) {
      keep(event);
    }
  }
}

function rss(): number {
  const { Bun, gc } = globalThis as {
    readonly Bun?: { gc(force: boolean): void };
    readonly gc?: () => void;
  };
  if (Bun === undefined) gc?.();
  else Bun.gc(true);
  return process.memoryUsage().rss;
}

/** By how many bytes the process has grown that keeps what the scenario says. */
export function growth(scenario: string): number {
  const before = rss();
  const kept = scenarios[scenario]();
  const grown = rss() - before;
  if (kept === undefined) throw new Error("Nothing was kept");
  return grown;
}
