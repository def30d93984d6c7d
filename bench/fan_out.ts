import { installRuntimes } from "../tests/runtimes/install.ts";
import {
  bundle,
  type ServerProcess,
  startServer,
  temporaryFolder,
} from "../tests/runtimes/process.ts";
import type { ConnectResult, Task, TaskResult } from "./fan_out/client.ts";
import { CONTENDERS } from "./fan_out/contenders.ts";
import { compare, median } from "./harness.ts";
import type { MeasuredTable } from "./table.ts";

/** What is measured, and for how long. */
export interface FanOutOptions {
  /** Only a thousand subscribers on Deno, and less of that. */
  readonly quick: boolean;
  /** Called with each line of text as soon as it is known. */
  print(line: string): void;
}

/** The floor: what a stream each costs, and nothing else. */
const FLOOR = "bare loop";

const OURS = "EventHub";

const NAMES = Object.keys(CONTENDERS);

/** How many events are published in a turn. */
const BURSTS = [1, 16];

/** How many deliveries a sample has at least, for each event of a turn. */
const DELIVERIES = 8000;

const HEAD = [
  "runtime",
  "subscribers",
  "events a turn",
  "",
  "deliveries/s",
  "of bare loop",
  "p50, ms",
  "p99, ms",
  "CPU, µs a delivery",
  "RSS a subscriber, KiB",
];

const STUCK_HEAD = ["subscribers", "events a turn", "p50, ms", "p99, ms"];

/** A server and its subscribers, each in a process of its own. */
interface Crowd extends AsyncDisposable {
  /** What each subscriber takes of the server's memory, in bytes. */
  readonly rss: number;
  perform(task: Task): Promise<TaskResult>;
}

/** Starts the server of a contender. */
type Start = (name: string) => Promise<ServerProcess>;

/**
 * Measures how one process sends the same events to thousands.
 *
 * @returns Tables: what it costs, and what one costs the others who never reads.
 * @throws {Error} If the library gets something wrong.
 */
export async function measureFanOut(
  { quick, print }: FanOutOptions,
): Promise<MeasuredTable[]> {
  await using folder = await temporaryFolder();
  const starts = await startersOf(quick, folder.path);
  const rounds = quick ? 3 : 7;
  const costs: MeasuredTable & { rows: string[][]; notes: string[] } = {
    title: "Fan-out",
    head: HEAD,
    rows: [],
    notes: [],
  };
  print(
    `## ${costs.title}\n\n${lineOf(HEAD)}\n${lineOf(HEAD.map(() => "---"))}`,
  );
  for (const [runtime, start] of Object.entries(starts)) {
    const isOnAll = runtime === "Deno" && !quick;
    for (const subscribers of isOnAll ? [1000, 5000, 10_000] : [1000]) {
      const { rows, notes } = await measureCrowds(
        { runtime, start, subscribers, rounds },
      );
      costs.rows.push(...rows);
      costs.notes.push(...notes);
      for (const row of rows) print(lineOf(row));
    }
  }
  print(`\n${costs.notes.map((note) => `- ${note}\n`).join("")}`);

  const stuck = await measureStuck(starts.Deno, rounds);
  print(`## ${stuck.title}\n\n${lineOf(STUCK_HEAD)}`);
  print(lineOf(STUCK_HEAD.map(() => "---")));
  for (const row of stuck.rows) print(lineOf(row));
  print(`\n${stuck.notes.map((note) => `- ${note}\n`).join("")}`);
  return [costs, stuck];
}

async function startersOf(
  quick: boolean,
  folder: string,
): Promise<Record<string, Start>> {
  const deno: Start = (name) =>
    startServer(Deno.execPath(), [
      ...["run", "--allow-all", "--v8-flags=--expose-gc"],
      ...[pathOf("fan_out/server_deno.ts"), name],
    ]);
  if (quick) return { Deno: deno };
  const { node, bun } = await installRuntimes();
  for (const name of ["node", "bun"]) {
    await bundle(
      new URL(`fan_out/server_${name}.ts`, import.meta.url).href,
      `${folder}/${name}.mjs`,
    );
  }
  return {
    Deno: deno,
    Node: (name) =>
      startServer(node, ["--expose-gc", `${folder}/node.mjs`, name]),
    Bun: (name) => startServer(bun, [`${folder}/bun.mjs`, name]),
  };
}

/** Measures all contenders side by side: a sample of each in every round. */
async function measureCrowds(
  { runtime, start, subscribers, rounds }: {
    readonly runtime: string;
    readonly start: Start;
    readonly subscribers: number;
    readonly rounds: number;
  },
): Promise<{ rows: string[][]; notes: string[] }> {
  await using stack = new AsyncDisposableStack();
  const crowds = new Map<string, Crowd>();
  const rows: string[][] = [];
  const notes: string[] = [];
  for (const name of NAMES) {
    const crowd = stack.use(await gather(await start(name), subscribers));
    try {
      for (const burst of BURSTS) {
        await crowd.perform({ turns: 2, burst, verify: true });
      }
      crowds.set(name, crowd);
    } catch (error) {
      if (name === OURS) throw error;
      notes.push(`${runtime}, ${subscribers}: without ${name}: ${error}.`);
    }
  }
  for (const burst of BURSTS) {
    const samples = await sample(crowds, rounds, {
      turns: Math.ceil(DELIVERIES / subscribers),
      burst,
    });
    const times = (name: string) => samples.get(name)!.map(({ time }) => time);
    const deliveries = Math.ceil(DELIVERIES / subscribers) * subscribers *
      burst;
    for (const [name, { rss }] of crowds) {
      const own = samples.get(name)!;
      const middle = (value: (result: TaskResult) => number) =>
        median(own.map(value));
      const ratio = compare(times(name), times(FLOOR));
      rows.push([
        runtime,
        String(subscribers),
        String(burst),
        name,
        middle(({ time }) => deliveries / time * 1000).toFixed(0),
        ratio.median.toFixed(2),
        middle(({ p50 }) => p50).toFixed(1),
        middle(({ p99 }) => p99).toFixed(1),
        middle(({ cpu }) => cpu * 1000 / deliveries).toFixed(1),
        (rss / 1024).toFixed(1),
      ]);
    }
    const peers = [...crowds.keys()]
      .filter((name) => name !== OURS && name !== FLOOR)
      .sort((a, b) => median(times(a)) - median(times(b)));
    for (const peer of peers.slice(0, 1)) {
      const { median, low, high } = compare(times(OURS), times(peer));
      notes.push(
        `${runtime}, ${subscribers} subscribers, ${burst} a turn: ${OURS} ` +
          `delivers ${median.toFixed(2)} times as many as the best peer, ` +
          `${peer} (${low.toFixed(2)} to ${high.toFixed(2)}).`,
      );
    }
  }
  const memory = crowds.get(OURS)!.rss / crowds.get(FLOOR)!.rss;
  notes.push(
    `${runtime}, ${subscribers} subscribers: each takes ${memory.toFixed(2)} ` +
      `times the memory of one of the ${FLOOR}.`,
  );
  return { rows, notes };
}

/** Measures what the others have of one who never reads. */
async function measureStuck(
  start: Start,
  rounds: number,
): Promise<MeasuredTable> {
  await using stack = new AsyncDisposableStack();
  const crowds = new Map<string, Crowd>();
  for (
    const [label, stuck] of [["1000", 0], [
      "999, and 1 that is stuck",
      1,
    ]] as const
  ) {
    crowds.set(label, stack.use(await gather(await start(OURS), 1000, stuck)));
  }
  const rows: string[][] = [];
  const notes: string[] = [];
  for (const burst of BURSTS) {
    const samples = await sample(crowds, rounds * 2, { turns: 8, burst });
    for (const [label, own] of samples) {
      const p50 = median(own.map(({ p50 }) => p50));
      const p99 = median(own.map(({ p99 }) => p99));
      rows.push([label, String(burst), p50.toFixed(1), p99.toFixed(1)]);
    }
    const [alone, beside] = [...samples.values()].map((own) =>
      own.map(({ p99 }) => p99)
    );
    const { median: ratio, low, high } = compare(alone, beside);
    notes.push(
      `${burst} a turn: the p99 beside one that is stuck is ` +
        `${ratio.toFixed(2)} times that without (${low.toFixed(2)} to ${
          high.toFixed(2)
        }).`,
    );
  }
  return { title: "Fan-out, one stuck", head: STUCK_HEAD, rows, notes };
}

async function sample(
  crowds: ReadonlyMap<string, Crowd>,
  rounds: number,
  task: Task,
): Promise<ReadonlyMap<string, readonly TaskResult[]>> {
  const names = [...crowds.keys()];
  const samples = new Map<string, TaskResult[]>(
    names.map((name) => [name, []]),
  );
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < names.length; i++) {
      const name = names[(round + i) % names.length];
      samples.get(name)!.push(await crowds.get(name)!.perform(task));
    }
  }
  return samples;
}

/** Connects subscribers to a server, which ends with them. */
async function gather(
  server: ServerProcess,
  subscribers: number,
  stuck = 0,
): Promise<Crowd> {
  const client = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--allow-net", pathOf("fan_out/client.ts")],
      ...[server.port, subscribers, stuck].map(String),
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stderr = new Response(client.stderr).text();
  const writer = client.stdin.getWriter();
  const reader = client.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";

  async function nextLine(): Promise<string> {
    while (!text.includes("\n")) {
      const { done, value } = await reader.read();
      if (done) throw new Error(await stderr);
      text += value;
    }
    const [first] = text.split("\n", 1);
    text = text.slice(first.length + 1);
    return first;
  }

  async function dispose(): Promise<void> {
    try {
      client.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await client.status;
    await writer.abort().catch(() => {});
    await reader.cancel().catch(() => {});
    await stderr;
    await server[Symbol.asyncDispose]();
  }

  try {
    const { rss }: ConnectResult = JSON.parse(await nextLine());
    return {
      rss,
      async perform(task) {
        const line = new TextEncoder().encode(`${JSON.stringify(task)}\n`);
        try {
          await writer.write(line);
        } catch (cause) {
          throw new Error(await stderr, { cause });
        }
        return JSON.parse(await nextLine());
      },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function pathOf(file: string): string {
  return new URL(file, import.meta.url).pathname;
}

function lineOf(cells: readonly string[]): string {
  return `| ${
    cells.map((cell, i) => cell.padEnd(HEAD[i]?.length ?? 0)).join(" | ")
  } |`;
}
