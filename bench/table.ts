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
  /** How much work it does, if not that of the row. */
  readonly amount?: number | undefined;
  /** Says what it gets wrong on this very input; `undefined` if it is right. */
  verify(): string | undefined | Promise<string | undefined>;
}

/** One row of a table: contenders that do the same work. */
export interface Row {
  /** What tells it from other rows, one text per label column. */
  readonly labels: readonly string[];
  /** How much work it is: bytes of the event stream, unless the table has another unit. */
  readonly amount: number;
  /** A floor, peers and ours, the same in all rows. */
  readonly entries: readonly Entry[];
  /** What the reader of the table must know about this row. */
  readonly notes?: readonly string[] | undefined;
}

/** What the speed of the floor is given in. */
export interface Unit {
  readonly name: string;
  /** The speed in this unit of one piece of work per millisecond. */
  readonly perMillisecond: number;
}

/** A table to measure. */
export interface Table {
  readonly title: string;
  /**
   * What the speed of the floor is given in.
   *
   * @default {{ name: "MB/s", perMillisecond: 0.001 }}
   */
  readonly unit?: Unit | undefined;
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

/** A table of contenders that were measured side by side. */
export interface ComparedTable extends MeasuredTable {
  /** How fast ours are, row by row. */
  readonly ratios: readonly RatioOfRow[];
}

/** How fast ours are in one row. */
export interface RatioOfRow {
  readonly labels: readonly string[];
  /** How many times as fast as the best peer, by name; absent where no peer is left. */
  readonly ofPeer: Readonly<Record<string, number>>;
}

/** What became of a row. */
interface MeasuredRow {
  readonly labels: readonly string[];
  /** The speed of the floor, in work per millisecond. */
  readonly floor: number;
  /** Every contender but the floor, `undefined` where it was left out. */
  readonly ofFloor: readonly (Comparison | undefined)[];
  /** Each of ours; `undefined` where no peer is left. */
  readonly ofPeer: ReadonlyMap<string, Comparison | undefined>;
}

/** A peer that was left out of a row. */
interface Omission {
  readonly where: string;
  /** Who it is, and why. */
  readonly reason: string;
}

const MEGABYTES: Unit = { name: "MB/s", perMillisecond: 0.001 };

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
): Promise<ComparedTable> {
  const { title, unit = MEGABYTES } = table;
  let head: string[] = [];
  const measured: MeasuredRow[] = [];
  const rows: string[][] = [];
  const notes: string[] = [];
  const omissions: Omission[] = [];
  for (const row of table.rows()) {
    if (rows.length === 0) {
      head = headOf(table.labels, unit, row.entries);
      print(`## ${title}\n\n${lineOf(head, head)}`);
      print(lineOf(head.map(() => "---"), head));
    }
    const { entries, omitted } = await verify(row);
    const result = await measureRow(row, entries, {
      ...options,
      warmUp: options.warmUp * (rows.length === 0 ? FIRST_WARM_UP : 1),
    });
    const cells = cellsOf(result, unit);
    measured.push(result);
    rows.push(cells);
    notes.push(...row.notes ?? []);
    omissions.push(...omitted);
    print(lineOf(cells, head));
  }
  notes.unshift(...summaries(measured));
  notes.push(...omissionNotes(omissions));
  print(`\n${notes.map((note) => `- ${note}\n`).join("")}`);
  return { title, head, rows, notes, ratios: measured.map(ratioOf) };
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
): Promise<{ entries: Entry[]; omitted: Omission[] }> {
  const right: Entry[] = [];
  const omitted: Omission[] = [];
  const where = labels.join(", ");
  for (const entry of entries) {
    const mistake = await entry.verify();
    if (mistake === undefined) {
      right.push(entry);
    } else if (entry.role === "peer") {
      omitted.push({ where, reason: `without ${entry.name}: ${mistake}.` });
    } else {
      throw new Error(`Cannot measure ${where}: ${entry.name}: ${mistake}`);
    }
  }
  return { entries: right, omitted };
}

/** One note for all rows that a peer is left out of for the same reason. */
function omissionNotes(omissions: readonly Omission[]): string[] {
  const byReason = Map.groupBy(omissions, ({ reason }) => reason);
  return Array.from(
    byReason,
    ([reason, rows]) =>
      `${rows.map(({ where }) => where).join("; ")}: ${reason}`,
  );
}

function ratioOf({ labels, ofPeer }: MeasuredRow): RatioOfRow {
  const known = Array.from(ofPeer)
    .flatMap(([name, ratio]) => ratio ? [[name, ratio.median] as const] : []);
  return { labels, ofPeer: Object.fromEntries(known) };
}

async function measureRow(
  { labels, amount, entries }: Row,
  verified: readonly Entry[],
  options: MeasureOptions,
): Promise<MeasuredRow> {
  const timings = await measure(verified, options);
  /** The milliseconds that each would have taken for the work of the row. */
  const times = new Map(verified.map((entry) => {
    const scale = amount / (entry.amount ?? amount);
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
    floor: amount / median(floor),
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

function headOf(
  labels: readonly string[],
  unit: Unit,
  entries: readonly Entry[],
): string[] {
  return [
    ...labels,
    `floor, ${unit.name}`,
    ...entries.filter(({ role }) => role !== "floor")
      .map(({ name }) => `${name}, of floor`),
    ...oursOf(entries).flatMap(({ name }) => [
      `${name}, of best peer`,
      "best runs",
    ]),
  ];
}

function cellsOf(
  { labels, floor, ofFloor, ofPeer }: MeasuredRow,
  { perMillisecond }: Unit,
): string[] {
  const speed = floor * perMillisecond;
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
