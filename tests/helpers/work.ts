/**
 * Counts the code units and bytes that the text functions of the engine go over
 * while `act` runs: work that does not depend on the machine.
 *
 * Concatenation is not counted, since engines put it off; what is made of it is
 * counted where it is searched, cut or joined.
 */
export function countWork(act: () => void): number {
  let work = 0;
  const restores = [
    replace(
      TextDecoder.prototype,
      "decode",
      (original) =>
        function (this: TextDecoder, ...args: Parameters<typeof original>) {
          const [bytes] = args;
          work += bytes?.byteLength ?? 0;
          return original.apply(this, args);
        },
    ),
    replace(
      String.prototype,
      "indexOf",
      (original) =>
        function (this: string, search: string, from = 0) {
          const found = original.call(this, search, from);
          work += (found === -1 ? this.length : found) - from + 1;
          return found;
        },
    ),
    replace(
      String.prototype,
      "slice",
      (original) =>
        function (this: string, start?: number, end?: number) {
          const cut = original.call(this, start, end);
          work += cut.length;
          return cut;
        },
    ),
    replace(
      Array.prototype,
      "join",
      (original) =>
        function (this: unknown[], separator?: string) {
          const joined = original.call(this, separator);
          work += joined.length;
          return joined;
        },
    ),
    replace(
      Uint8Array.prototype,
      "copyWithin",
      (original) =>
        function (
          this: Uint8Array,
          target: number,
          start: number,
          end?: number,
        ) {
          work += (end ?? this.length) - start;
          return original.call(this, target, start, end);
        },
    ),
  ];
  try {
    act();
  } finally {
    for (const restore of restores) restore();
  }
  return work;
}

function replace<O extends object, K extends keyof O>(
  owner: O,
  name: K,
  wrap: (original: O[K]) => O[K],
): () => void {
  const original = owner[name];
  owner[name] = wrap(original);
  return () => {
    owner[name] = original;
  };
}
