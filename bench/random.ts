/** Numbers that look random and are the same in every run. */
export interface Random {
  /** From 0 up to but not including 1. */
  fraction(): number;
  /** An integer from `least` to `most`, both included. */
  between(least: number, most: number): number;
  /** True in a share of `probability` of all calls. */
  chance(probability: number): boolean;
  /** One of `items`. */
  pick<T>(items: readonly T[]): T;
  /** A text of `length` decimal digits. */
  digits(length: number): string;
}

/** Makes a generator (mulberry32) from a seed. */
export function createRandom(seed: string): Random {
  let state = 0;
  for (const character of seed) {
    state = Math.imul(state, 31) + character.codePointAt(0)! | 0;
  }

  function fraction(): number {
    state = state + 0x6d2b79f5 | 0;
    let mixed = Math.imul(state ^ state >>> 15, state | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  }

  function between(least: number, most: number): number {
    return least + Math.floor(fraction() * (most - least + 1));
  }

  return {
    fraction,
    between,
    chance: (probability) => fraction() < probability,
    pick: (items) => items[between(0, items.length - 1)],
    digits: (length) => Array.from({ length }, () => between(0, 9)).join(""),
  };
}
