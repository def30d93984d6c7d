import { deferred } from "./portable.ts";
import { settle } from "./settle.ts";

/** How a client hands out what Redis answers. */
export type ReplyShape =
  | "RESP2"
  | "RESP2 buffers"
  | "RESP3 map"
  | "RESP3 object";

/** An error reply, as clients make one of it. */
export class ReplyError extends Error {
  override name = "ReplyError";
}

interface Entry {
  readonly id: string;
  readonly fields: readonly string[];
}

/** As much of Redis as a log needs: one stream, without a server. */
export class FakeRedis {
  readonly commands: string[][] = [];
  entries: Entry[] = [];
  lastId = "0-0";
  added = 0;
  /** Takes the place of the next answer, if it says so. */
  intercept:
    | ((args: readonly string[], blocking: boolean) => Promise<unknown> | void)
    | undefined;
  readonly #shape: ReplyShape;
  #blocked: { wake: () => void } | undefined;

  constructor(shape: ReplyShape = "RESP2") {
    this.#shape = shape;
  }

  /** Whether a read is blocked. */
  get isBlocked(): boolean {
    return this.#blocked !== undefined;
  }

  readonly send = (args: string[]): Promise<unknown> => this.#run(args, false);

  readonly sendBlocking = (args: string[]): Promise<unknown> =>
    this.#run(args, true);

  /** Ends with the next read that blocks. */
  async blocked(): Promise<void> {
    while (this.#blocked === undefined) await settle();
  }

  /** Lets go of the oldest entries but so many. */
  trim(length: number): void {
    this.entries = length === 0 ? [] : this.entries.slice(-length);
  }

  /** Forgets everything. */
  flush(): void {
    this.entries = [];
    this.lastId = "0-0";
    this.added = 0;
  }

  /** Appends as another process does. */
  add(...fields: string[]): string {
    const [, number = "0"] = this.lastId.split("-");
    this.lastId = `5-${Number(number) + 1}`;
    this.entries.push({ id: this.lastId, fields });
    this.added++;
    this.wake();
    return this.lastId;
  }

  /** Ends a read that is blocked, with what there is. */
  wake(): void {
    this.#blocked?.wake();
  }

  async #run(args: string[], blocking: boolean): Promise<unknown> {
    this.commands.push(args);
    // Not within the turn: a loop that asks on and on must not stop the test.
    await settle();
    const intercepted = this.intercept?.(args, blocking);
    if (intercepted !== undefined) return intercepted;
    switch (args.slice(0, 2).join(" ").replace(/^(X(?!INFO)\S+).*/, "$1")) {
      case "XADD": {
        const trim = args.indexOf("MAXLEN");
        const id = this.add(...args.slice(args.indexOf("*") + 1));
        if (trim !== -1) this.trim(Number(args[trim + 2]));
        return this.#text(id);
      }
      case "XRANGE": {
        const [, , from, , , count] = args;
        return this.#entriesFrom(from, 0).slice(0, Number(count))
          .map((entry) => this.#entry(entry));
      }
      case "XREAD":
        return this.#read(args);
      case "XINFO STREAM":
        if (this.added === 0) throw new ReplyError("ERR no such key");
        return this.#map([
          ["length", this.entries.length],
          ["radix-tree-keys", 1],
          ["last-generated-id", this.#text(this.lastId)],
          ["entries-added", this.added],
        ]);
      case "CLIENT ID":
        return 42;
      case "CLIENT UNBLOCK":
        this.wake();
        return 1;
    }
    throw new ReplyError(`ERR unknown command '${args[0]}'`);
  }

  async #read(args: readonly string[]): Promise<unknown> {
    const id = args[args.length - 1];
    const count = Number(args[args.indexOf("COUNT") + 1]);
    const block = Number(args[args.indexOf("BLOCK") + 1]);
    if (this.#entriesFrom(id, 1).length === 0 && block > 1) {
      const { promise, resolve } = deferred();
      this.#blocked = { wake: resolve };
      await promise;
      this.#blocked = undefined;
    }
    const entries = this.#entriesFrom(id, 1).slice(0, count);
    if (entries.length === 0) return null;
    const read = entries.map((entry) => this.#entry(entry));
    return this.#shape.startsWith("RESP2")
      ? [[this.#text("events"), read]]
      : this.#map([["events", read]]);
  }

  #entriesFrom(id: string, least: 0 | 1): Entry[] {
    if (id === "-") return this.entries;
    const [time = 0n, number = 0n] = id.split("-").map(BigInt);
    if (time >= 2n ** 64n || number >= 2n ** 64n) {
      throw new ReplyError(
        "ERR Invalid stream ID specified as stream command argument",
      );
    }
    return this.entries.filter((entry) => {
      const [t = 0n, n = 0n] = entry.id.split("-").map(BigInt);
      return t > time || (t === time && n >= number + BigInt(least));
    });
  }

  #entry({ id, fields }: Entry): unknown {
    return [this.#text(id), fields.map((field) => this.#text(field))];
  }

  #text(text: string): unknown {
    return this.#shape === "RESP2 buffers"
      ? new TextEncoder().encode(text)
      : text;
  }

  #map(entries: readonly (readonly [string, unknown])[]): unknown {
    switch (this.#shape) {
      case "RESP3 map":
        return new Map(entries);
      case "RESP3 object":
        return Object.assign(Object.create(null), Object.fromEntries(entries));
      default:
        return entries.flatMap(([name, value]) => [this.#text(name), value]);
    }
  }
}
