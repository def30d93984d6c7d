/** One of the functions measured side by side. */
export interface Candidate {
  readonly name: string;
  /** Does the work once. A promise is waited for as part of the work. */
  run(): void | Promise<void>;
}

/** How long to measure. */
export interface MeasureOptions {
  /** Milliseconds for which each candidate runs before it is measured. */
  readonly warmUp: number;
  /** Milliseconds for one table row, warming up not included. */
  readonly budget: number;
  /** Milliseconds that one sample takes at least: short runs are repeated. */
  readonly sampleTime: number;
  /** How many rounds there are at least, even if they exceed the budget. */
  readonly minRounds: number;
  /** How many rounds there are at most. */
  readonly maxRounds: number;
}

/** The milliseconds of one run per round, for each candidate by name. */
export type Timings = ReadonlyMap<string, readonly number[]>;

/**
 * Measures candidates against each other.
 *
 * Every round takes one sample of each, beginning with another one each time,
 * so that whatever else the machine does hits all of them alike: compare the
 * times of one round, not those of two.
 *
 * There is no `gc()` before a sample: it makes V8 forget the shapes of objects
 * that are dead for the moment, and with them compiled code. What makes events
 * was up to 9 times slower then, and not all of it alike.
 */
export async function measure(
  candidates: readonly Candidate[],
  options: MeasureOptions,
): Promise<Timings> {
  const { budget, warmUp, sampleTime, minRounds, maxRounds } = options;
  const timings = new Map<string, number[]>();
  const passes = new Map<string, number>();
  let roundTime = 0;
  for (const candidate of candidates) {
    const time = await runFor(warmUp, candidate);
    const count = Math.max(1, Math.ceil(sampleTime / time));
    passes.set(candidate.name, count);
    timings.set(candidate.name, []);
    roundTime += count * time;
  }

  const affordable = Math.floor(budget / roundTime);
  const rounds = Math.max(minRounds, Math.min(maxRounds, affordable));
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < candidates.length; i++) {
      const candidate = candidates[(round + i) % candidates.length];
      const count = passes.get(candidate.name)!;
      timings.get(candidate.name)!.push(await sample(candidate, count));
    }
  }
  return timings;
}

/** Runs a candidate for a while, at least twice; returns the time of its fastest run. */
async function runFor(time: number, candidate: Candidate): Promise<number> {
  let fastest = Infinity;
  let spent = 0;
  for (let i = 0; i < 2 || spent < time; i++) {
    const taken = await sample(candidate, 1);
    fastest = Math.min(fastest, taken);
    spent += taken;
  }
  return fastest;
}

async function sample(candidate: Candidate, count: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < count; i++) {
    const done = candidate.run();
    if (done !== undefined) await done;
  }
  return (performance.now() - start) / count;
}

/** The value below which a share of `fraction` of `values` lies, interpolated. */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * fraction;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  return below + (above - below) * (position - Math.floor(position));
}

/** The middle of `values`. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** How many times as fast as another one a candidate was. */
export interface Comparison {
  /** The median of the ratios within each round. */
  readonly median: number;
  /** The first quartile of those ratios. */
  readonly low: number;
  /** The third quartile. */
  readonly high: number;
  /** The ratio between the fastest samples of the two, which noise reaches least. */
  readonly best: number;
}

/** Compares the times of one candidate with those of another, round by round. */
export function compare(
  times: readonly number[],
  others: readonly number[],
): Comparison {
  const ratios = times.map((time, round) => others[round] / time);
  return {
    median: median(ratios),
    low: quantile(ratios, 0.25),
    high: quantile(ratios, 0.75),
    best: Math.min(...others) / Math.min(...times),
  };
}
