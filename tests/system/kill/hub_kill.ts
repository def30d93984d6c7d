import { assertEquals } from "@std/assert";
import { createClient } from "redis";
import { type ServerProcess, startServer } from "../../runtimes/process.ts";
import { type RedisServer, startRedis } from "../redis.ts";
import { KEY } from "./server.ts";
import type { SubscribersResult, SubscribersTask } from "./subscribers.ts";

/** How bad it is to be. */
export interface KillOptions {
  /** How many subscribers there are. */
  readonly subscribers: number;
  /** How many events a second are published, by and by. */
  readonly rate: number;
  /** How many events are acknowledged between one act and the next. */
  readonly eventsPerAct: number;
  /** What is killed under load, and started again: servers by their index. */
  readonly acts: readonly (0 | 1 | "redis")[];
}

/** What has happened. */
export interface KillFigures {
  readonly subscribers: number;
  /** How many events were acknowledged. */
  readonly acknowledged: number;
  /** How many were not, and are in the log nevertheless. */
  readonly unacknowledgedKept: number;
  /** How many were not, and are not in the log. */
  readonly unacknowledgedLost: number;
  /** How many events all subscribers together have read. */
  readonly delivered: number;
  readonly reconnects: number;
  readonly seconds: number;
}

const TOPICS = ["a", "b", "c"];

/** How many subscribers there are in a process at most: each has a socket. */
const SUBSCRIBERS_PER_PROCESS = 2500;

/** How many events are on their way to the servers at a time. */
const PUBLISHERS = 4;

const SERVER = new URL("server.ts", import.meta.url).pathname;
const SUBSCRIBERS = new URL("subscribers.ts", import.meta.url).pathname;

/**
 * Kills what stands between a publisher and its subscribers, while they are at it:
 * two servers and one Redis.
 *
 * @returns What has happened.
 * @throws {AssertionError} If an event that was acknowledged was lost, came twice or
 * out of order, or if two subscribers were not given the same.
 */
export async function killUnderLoad(
  { subscribers, rate, eventsPerAct, acts }: KillOptions,
): Promise<KillFigures> {
  const start = performance.now();
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await startRedis());
  const servers = [await serverOf(redis), await serverOf(redis)];
  const ports = servers.map(({ port }) => port);
  stack.defer(async () => {
    for (const server of servers) await server[Symbol.asyncDispose]();
  });

  const acknowledged = new Set<string>();
  const unacknowledged = new Set<string>();
  let tries = 0;
  /** Resolves when an event has not been acknowledged. */
  let failed = Promise.withResolvers<void>();

  /** Publishes through one server or the other; says whether it was acknowledged. */
  async function publish(data: string, topic: string): Promise<string | void> {
    const port = ports[tries++ % ports.length];
    try {
      const response = await fetch(
        `http://127.0.0.1:${port}/publish?topic=${topic}`,
        { method: "POST", body: data },
      );
      const text = await response.text();
      if (response.status === 200) {
        acknowledged.add(data);
        return text;
      }
    } catch {
      // The server has been killed: nobody knows.
    }
    unacknowledged.add(data);
    failed.resolve();
  }

  /** Tries with other events until one is acknowledged. */
  async function publishSurely(data: string, topic: string): Promise<string> {
    while (true) {
      const id = await publish(data, topic);
      if (id !== undefined) return id;
      unacknowledged.delete(data);
    }
  }

  const from = await publishSurely("the first", "a");
  acknowledged.clear();
  const ends = Object.fromEntries(
    TOPICS.map((topic) => [topic, `end of ${topic}`]),
  );
  const reading = startSubscribers(subscribers, {
    ports,
    topics: ["", ...TOPICS],
    from,
    ends: { ...ends, "": ends[TOPICS[TOPICS.length - 1]] },
  });
  stack.use(reading);

  let number = 0;
  let isPublishing = true;
  let waiting: { readonly count: number; resolve(): void } | undefined;
  async function publishOn(): Promise<void> {
    while (isPublishing) {
      const mine = ++number;
      await publish(`event ${mine}`, TOPICS[mine % TOPICS.length]);
      if (waiting !== undefined && acknowledged.size >= waiting.count) {
        waiting.resolve();
      }
      // A pace, lest the subscribers be told more than they can read.
      await new Promise((resolve) =>
        setTimeout(resolve, PUBLISHERS * 1000 / rate)
      );
    }
  }
  /** Waits for more events. It fails as soon as a subscriber does. */
  async function more(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting = { count: acknowledged.size + eventsPerAct, resolve };
    await Promise.race([promise, reading.failed]);
  }

  const publishing = Array.from({ length: PUBLISHERS }, publishOn);
  try {
    await Promise.race([reading.connected(ports), reading.failed]);
    await more();
    for (const act of acts) {
      if (act === "redis") {
        failed = Promise.withResolvers();
        await redis.stop("SIGKILL");
        // It is missed before it is back.
        await Promise.race([failed.promise, reading.failed]);
        await redis.start();
      } else {
        await servers[act][Symbol.asyncDispose]();
        // The other one has them all for a while.
        await more();
        servers[act] = await serverOf(redis, ports[act]);
      }
      await more();
    }
  } finally {
    isPublishing = false;
    await Promise.all(publishing);
  }
  for (const topic of TOPICS) await publishSurely(ends[topic], topic);
  const results = await reading.results;

  const log = await readLog(redis, from);
  for (const { read } of results) {
    for (const [topic, events] of Object.entries(read)) {
      const expected = log.filter((entry) =>
        topic === "" || entry.topic === topic
      );
      assertEquals(events, expected.map(({ id, data }) => [id, data]));
    }
  }
  const kept = log.map(({ data }) => data);
  assertEquals(new Set(kept).size, kept.length, "an event was kept twice");
  const lost = [...acknowledged].filter((data) => !kept.includes(data));
  assertEquals(lost, [], "these were acknowledged");
  const keptAnyway = kept.filter((data) => unacknowledged.has(data)).length;
  return {
    subscribers,
    acknowledged: acknowledged.size,
    unacknowledgedKept: keptAnyway,
    unacknowledgedLost: unacknowledged.size - keptAnyway,
    delivered: sum(results.map(({ delivered }) => delivered)),
    reconnects: sum(results.map(({ reconnects }) => reconnects)),
    seconds: Math.round((performance.now() - start) / 100) / 10,
  };
}

function serverOf(redis: RedisServer, port = 0): Promise<ServerProcess> {
  return startServer(Deno.execPath(), [
    ...["run", "--allow-net", "--allow-env", "--allow-read", SERVER],
    ...[String(port), String(redis.port)],
  ]);
}

/** Subscribers in processes of their own. */
interface Subscribers extends AsyncDisposable {
  /** Resolves when all are connected for the first time. */
  connected(ports: readonly number[]): Promise<void>;
  /** Rejects when one of them has failed. */
  readonly failed: Promise<never>;
  /** What they have read, when all are at the end. */
  readonly results: Promise<SubscribersResult[]>;
}

function startSubscribers(
  count: number,
  task: Omit<SubscribersTask, "count">,
): Subscribers {
  const children: Deno.ChildProcess[] = [];
  for (let left = count; left > 0; left -= SUBSCRIBERS_PER_PROCESS) {
    const own = { ...task, count: Math.min(left, SUBSCRIBERS_PER_PROCESS) };
    children.push(
      new Deno.Command(Deno.execPath(), {
        args: ["run", "--allow-net", SUBSCRIBERS, JSON.stringify(own)],
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn(),
    );
  }
  const outputs = children.map((child) => child.output());
  const results = Promise.all(outputs.map(async (output) => {
    const { success, stdout, stderr } = await output;
    const decoder = new TextDecoder();
    if (!success) throw new Error(decoder.decode(stderr));
    const result: SubscribersResult = JSON.parse(decoder.decode(stdout));
    return result;
  }));
  const failed = new Promise<never>((_, reject) => results.catch(reject));
  failed.catch(() => {});
  let isDisposed = false;

  return {
    results,
    failed,
    async connected(ports) {
      let open = 0;
      while (open < count && !isDisposed) {
        const figures = await Promise.all(
          ports.map(async (port) =>
            (await fetch(`http://127.0.0.1:${port}/figures`)).json()
          ),
        );
        open = sum(figures.map(({ subscribers }) => subscribers));
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async [Symbol.asyncDispose]() {
      isDisposed = true;
      for (const child of children) {
        try {
          child.kill("SIGKILL");
        } catch {
          // It has ended.
        }
      }
      await Promise.allSettled(outputs);
    },
  };
}

/** What Redis has kept behind an id. */
async function readLog(
  redis: RedisServer,
  from: string,
): Promise<{ id: string; topic: string; data: string }[]> {
  const client = createClient({
    socket: { host: "127.0.0.1", port: redis.port },
  });
  client.on("error", () => {});
  await client.connect();
  try {
    const entries = await client.xRange(KEY, `(${from}`, "+");
    return entries.map(({ id, message: { topic, data } }) => ({
      id,
      topic,
      data,
    }));
  } finally {
    client.destroy();
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
