/**
 * What the suite of all runtimes needs: the oldest of them lacks
 * `Array.fromAsync` and `Promise.withResolvers`, which the other helpers use.
 */

/** A promise, and what settles it. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/** `Promise.withResolvers`. */
export function deferred<T = void>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((resolveIt, rejectIt) => {
    resolve = resolveIt;
    reject = rejectIt;
  });
  return { promise, resolve, reject };
}

/** A stream of the given chunks, handed out as they are asked for. */
export function streamOf<T>(...chunks: readonly T[]): ReadableStream<T> {
  let index = 0;
  return new ReadableStream<T>({
    pull(controller) {
      if (index < chunks.length) controller.enqueue(chunks[index++]);
      else controller.close();
    },
  }, { highWaterMark: 0 });
}

/** `Array.fromAsync`. */
export async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of source) values.push(value);
  return values;
}

/** All that a stream gives, on runtimes whose streams cannot be iterated over too. */
export async function collectStream<T>(
  stream: ReadableStream<T>,
): Promise<T[]> {
  const reader = stream.getReader();
  const values: T[] = [];
  while (true) {
    const { done, value } = await reader.read();
    if (done) return values;
    values.push(value);
  }
}

/** The promises that were rejected without anybody to look at them. */
export interface RejectionTrap {
  readonly errors: unknown[];
  /** Gives them back to the runtime. Not `Symbol.dispose`, which needs `using`. */
  release(): void;
}

/** What Node and Bun have for this instead of an event. */
interface NodeProcess {
  on(name: "unhandledRejection", listener: (error: unknown) => void): void;
  off(name: "unhandledRejection", listener: (error: unknown) => void): void;
}

/** Keeps unhandled rejections from ending the process, and writes them down. */
export function trapRejections(): RejectionTrap {
  const errors: unknown[] = [];
  const { process } = globalThis as { process?: NodeProcess };
  if (process !== undefined && !("Deno" in globalThis)) {
    const listener = (error: unknown) => {
      errors.push(error);
    };
    process.on("unhandledRejection", listener);
    return {
      errors,
      release: () => process.off("unhandledRejection", listener),
    };
  }
  const listener = (event: Event) => {
    event.preventDefault();
    errors.push((event as PromiseRejectionEvent).reason);
  };
  globalThis.addEventListener("unhandledrejection", listener);
  return {
    errors,
    release: () =>
      globalThis.removeEventListener("unhandledrejection", listener),
  };
}

/** Ends after every promise that depends on promises only has settled, and was looked at. */
export async function settleAll(): Promise<void> {
  // The second turn is for what a runtime reports at the end of the first.
  for (let turns = 0; turns < 3; turns++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}
