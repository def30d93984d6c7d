import {
  type Candidate,
  compare,
  type Comparison,
  measure,
  type MeasureOptions,
  median,
} from "./harness.ts";

/** One contender in one row of a table. */
export interface Entry extends Candidate {
  /** `"floor"`: what nobody can do without; `"ours"`: what must be right. */
  readonly role: "floor" | "peer" | "ours";
  /** How many bytes of the event stream it works on, if not those of the row. */
  readonly bytes?: number | undefined;
  /** Says what it gets wrong on this very input; `undefined` if it is right. */
  verify(): string | undefined | Promise<string | undefined>;
}

/** One row of a table: contenders that do the same work. */
export interface Row {
  /** What tells it from other rows, one text per label column. */
  readonly labels: readonly string[];
  /** How many bytes of the event stream the work is about. */
  readonly bytes: number;
  /** A floor, peers and ours, the same in all rows. */
  readonly entries: readonly Entry[];
  /** What the reader of the table must know about this row. */
  readonly notes?: readonly string[] | undefined;
}

/** A table to measure. */
export interface Table {
  readonly title: string;
  /** The heads of the label columns. */
  readonly labels: readonly string[];
  /** Makes the rows, each when the one before it has been measured. */
  rows(): Iterable<Row>;
}

/** What became of a table. */
export interface MeasuredTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What the rows come to, who is missing where and why. */
  readonly notes: readonly string[];
}

/** What became of a row. */
interface MeasuredRow {
  readonly labels: readonly string[];
  /** The speed of the floor, in bytes per millisecond. */
  readonly floor: number;
  /** Every contender but the floor, `undefined` where it was left out. */
  readonly ofFloor: readonly (Comparison | undefined)[];
  /** Each of ours; `undefined` where no peer is left. */
  readonly ofPeer: ReadonlyMap<string, Comparison | undefined>;
}

/** How much longer than others the first row warms up: nothing is compiled yet. */
const FIRST_WARM_UP = 10;

/**
 * Verifies and measures a table row by row.
 *
 * @param print Called with each line of text as soon as it is known.
 * @throws {Error} If the library itself gets something wrong.
 */
export async function measureTable(
  table: Table,
  options: MeasureOptions,
  print: (line: string) => void,
): Promise<MeasuredTable> {
  const { title } = table;
  let head: string[] = [];
  const measured: MeasuredRow[] = [];
  const rows: string[][] = [];
  const notes: string[] = [];
  for (const row of table.rows()) {
    if (rows.length === 0) {
      head = headOf(table, row.entries);
      print(`## ${title}\n\n${lineOf(head, head)}`);
      print(lineOf(head.map(() => "---"), head));
    }
    const { entries, left } = await verify(row);
    const result = await measureRow(row, entries, {
      ...options,
      warmUp: options.warmUp * (rows.length === 0 ? FIRST_WARM_UP : 1),
    });
    const cells = cellsOf(result);
    measured.push(result);
    rows.push(cells);
    notes.push(...row.notes ?? [], ...left);
    print(lineOf(cells, head));
  }
  notes.unshift(...summaries(measured));
  print(`\n${notes.map((note) => `- ${note}\n`).join("")}`);
  return { title, head, rows, notes };
}

/** Lays a table out as Markdown, formatted as `deno fmt` would. */
export function markdownOf(table: MeasuredTable): string {
  const { title, head, rows, notes } = table;
  const widths = head.map((cell, column) =>
    Math.max(3, cell.length, ...rows.map((cells) => cells[column].length))
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |\n`;
  return `## ${title}\n\n${line(head)}` +
    line(widths.map((width) => "-".repeat(width))) +
    `${rows.map(line).join("")}\n` +
    notes.map((note) => `${wrap(`- ${note}`, "  ")}\n`).join("");
}

/** Breaks a text into lines of up to 80 characters, all but the first indented. */
export function wrap(text: string, indent = ""): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > 80) {
      lines.push(line);
      line = indent + word;
    } else {
      line += line === "" ? word : ` ${word}`;
    }
  }
  return [...lines, line].join("\n");
}

/** Leaves out the peers that get something wrong. */
async function verify(
  { labels, entries }: Row,
): Promise<{ entries: Entry[]; left: string[] }> {
  const right: Entry[] = [];
  const left: string[] = [];
  const where = labels.join(", ");
  for (const entry of entries) {
    const mistake = await entry.verify();
    if (mistake === undefined) {
      right.push(entry);
    } else if (entry.role === "peer") {
      left.push(`${where}: without ${entry.name}: ${mistake}.`);
    } else {
      throw new Error(`Cannot measure ${where}: ${entry.name}: ${mistake}`);
    }
  }
  return { entries: right, left };
}

async function measureRow(
  { labels, bytes, entries }: Row,
  verified: readonly Entry[],
  options: MeasureOptions,
): Promise<MeasuredRow> {
  const timings = await measure(verified, options);
  /** The milliseconds that each would have taken for the bytes of the row. */
  const times = new Map(verified.map((entry) => {
    const scale = bytes / (entry.bytes ?? bytes);
    return [entry, timings.get(entry.name)!.map((time) => time * scale)];
  }));
  const fastest = (role: Entry["role"]) =>
    verified.filter((entry) => entry.role === role)
      .map((entry) => times.get(entry)!)
      .sort((a, b) => median(a) - median(b))[0];
  const floor = fastest("floor");
  const peer: readonly number[] | undefined = fastest("peer");

  return {
    labels,
    floor: bytes / median(floor),
    ofFloor: entries.filter(({ role }) => role !== "floor").map((entry) => {
      const taken = times.get(entry);
      return taken && compare(taken, floor);
    }),
    ofPeer: new Map(
      oursOf(entries).map((
        entry,
      ) => [entry.name, peer && compare(times.get(entry)!, peer)]),
    ),
  };
}

function oursOf(entries: readonly Entry[]): Entry[] {
  return entries.filter(({ role }) => role === "ours");
}

function headOf(table: Table, entries: readonly Entry[]): string[] {
  return [
    ...table.labels,
    "floor, MB/s",
    ...entries.filter(({ role }) => role !== "floor")
      .map(({ name }) => `${name}, of floor`),
    ...oursOf(entries).flatMap(({ name }) => [
      `${name}, of best peer`,
      "best runs",
    ]),
  ];
}

function cellsOf({ labels, floor, ofFloor, ofPeer }: MeasuredRow): string[] {
  const speed = floor / 1000;
  return [
    ...labels,
    speed.toFixed(speed < 10 ? 1 : 0),
    ...ofFloor.map((ratio) => ratio ? fixed(ratio.median) : "-"),
    ...Array.from(ofPeer.values()).flatMap((ratio) => {
      if (ratio === undefined) return ["-", "-"];
      const { median, low, high, best } = ratio;
      return [
        `${fixed(median)} (${fixed(low)} to ${fixed(high)})`,
        fixed(best),
      ];
    }),
  ];
}

/** What the rows come to for each of ours. */
function summaries(rows: readonly MeasuredRow[]): string[] {
  const [first] = rows;
  return Array.from(first.ofPeer.keys(), (name) => {
    const ratios = rows.flatMap(({ labels, ofPeer }) => {
      const ratio = ofPeer.get(name)?.median;
      return ratio === undefined ? [] : [{ ratio, where: labels.join(", ") }];
    }).sort((a, b) => a.ratio - b.ratio);
    if (ratios.length === 0) return `${name}: no peer is left.`;
    const ahead = ratios.filter(({ ratio }) => ratio >= 1).length;
    const show = ({ ratio, where }: typeof ratios[number]) =>
      `${fixed(ratio)} (${where})`;
    return `${name}: ${fixed(median(ratios.map(({ ratio }) => ratio)))} ` +
      `of the best peer in the middle, from ${show(ratios[0])} ` +
      `to ${show(ratios[ratios.length - 1])}; ` +
      `as fast or faster in ${ahead} of ${ratios.length} rows.`;
  });
}

function fixed(ratio: number): string {
  return ratio.toFixed(2);
}

function lineOf(cells: readonly string[], head: readonly string[]): string {
  const padded = cells.map((cell, i) => cell.padEnd(head[i].length));
  return `| ${padded.join(" | ")} |`;
}
