import { assert, assertEquals, assertRejects } from "@std/assert";
import { EventLogError } from "../../mod.ts";
import { EventHub, type EventLogEntry, redisEventLog } from "../../server.ts";
import { listen, type Listener } from "../helpers/listener.ts";
import {
  type ConnectRedis,
  REDIS_CLIENTS,
  type RedisConnections,
  type RedisServer,
  startRedis,
} from "./redis.ts";

/** A process, as far as Redis can tell: a hub with connections of its own. */
class Node implements AsyncDisposable {
  readonly hub: EventHub;
  readonly errors: unknown[] = [];
  readonly #connections: RedisConnections;

  constructor(connections: RedisConnections, maxLen?: number) {
    this.#connections = connections;
    this.hub = new EventHub({
      log: redisEventLog({ ...connections, key: "events", maxLen }),
      onError: (error) => void this.errors.push(error),
    });
  }

  static async start(
    connect: ConnectRedis,
    port: number,
    maxLen?: number,
  ): Promise<Node> {
    return new Node(await connect(port), maxLen);
  }

  send(...args: string[]): Promise<unknown> {
    return this.#connections.send(args);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hub.close();
    await this.#connections[Symbol.asyncDispose]();
  }
}

/** Listens, and waits until it is told where it is. */
async function placed(hub: EventHub): Promise<Listener> {
  const listener = listen(hub);
  await listener.until((events) => events.length > 0);
  return listener;
}

for (const [name, connect] of Object.entries(REDIS_CLIENTS)) {
  Deno.test(`redisEventLog appends, reads and follows, ${name}`, async () => {
    await using server = await startRedis();
    await using connections = await connect(server.port);
    await using closing = new AsyncDisposableStack();
    const log = redisEventLog({ ...connections, key: "events" });
    closing.defer(() => log.close());
    const given: EventLogEntry[] = [];
    const all = Promise.withResolvers<void>();
    const { position } = await log.tail({
      entries(entries) {
        given.push(...entries);
        if (given.length === 3) all.resolve();
      },
      gap: () => all.reject(new Error("gap")),
      error: all.reject,
    });
    assertEquals(await log.oldest(), undefined);
    const events = [
      { data: "a" },
      { event: "e", data: "\uFEFFé\r\n\n😀", retry: 7, comments: ["c", ""] },
      { comments: ["only"] },
    ];
    const entries: EventLogEntry[] = [];
    for (const [n, event] of events.entries()) {
      const entry = { topic: `t${n}`, event };
      entries.push({ ...entry, id: await log.append(entry) });
    }
    await all.promise;
    assertEquals(given, entries);
    assertEquals(await log.readAfter(position, 10), entries);
    assertEquals(await log.readAfter(entries[0].id, 1), [entries[1]]);
    assertEquals(await log.readAfter(entries[2].id, 10), []);
    assertEquals(await log.oldest(), entries[0].id);
  });

  Deno.test(`redisEventLog places no id that is none of its own, ${name}`, async () => {
    await using server = await startRedis();
    await using connections = await connect(server.port);
    await using closing = new AsyncDisposableStack();
    const log = redisEventLog({ ...connections, key: "events" });
    closing.defer(() => log.close());
    await log.append({ topic: "", event: { data: "a" } });
    for (
      const id of [
        "x",
        "",
        "1-1",
        "99999999999999-0",
        "18446744073709551615-0",
        "18446744073709551616-0",
        "99999999999999999999-99999999999999999999",
        "-",
        "+",
        "$",
      ]
    ) {
      assertEquals(await log.readAfter(id, 10), undefined, id);
    }
  });

  Deno.test(`redisEventLog: two hubs see the events of both in one order, ${name}`, async () => {
    await using server = await startRedis();
    await using a = await Node.start(connect, server.port);
    await using b = await Node.start(connect, server.port);
    const [onA, onB] = [await placed(a.hub), await placed(b.hub)];
    const ids: Promise<string>[] = [];
    for (let n = 0; n < 100; n++) {
      ids.push((n % 2 === 0 ? a : b).hub.publish({ data: String(n) }));
    }
    const acknowledged = await Promise.all(ids);
    const seen = await onA.untilData(100);
    assertEquals(await onB.untilData(100), seen);
    assertEquals(seen.toSorted(), ids.map((_, n) => String(n)).toSorted());
    // What was missed on one is resumed on the other.
    const from = onA.events.filter(({ data }) => data !== undefined)[39].id;
    const resumed = listen(b.hub, { lastEventId: from });
    assertEquals(await resumed.untilData(60), seen.slice(40));
    assertEquals(new Set(acknowledged).size, 100);
    for (const listener of [onA, onB, resumed]) await listener.cancel();
    assertEquals([a.errors, b.errors], [[], []]);
  });

  Deno.test(`redisEventLog: what Redis has trimmed is stale, ${name}`, async () => {
    await using server = await startRedis();
    await using node = await Node.start(connect, server.port, 100);
    const live = await placed(node.hub);
    const ids: string[] = [];
    for (let n = 0; n < 500; n++) {
      ids.push(await node.hub.publish({ data: String(n) }));
    }
    assertEquals((await live.untilData(500)).length, 500);
    const stale = listen(node.hub, { lastEventId: ids[0] });
    await stale.until((events) => events.length > 0);
    assertEquals(stale.events[0].event, "stale");
    const { requested, oldest } = JSON.parse(stale.data()[0]);
    assertEquals(requested, ids[0]);
    assert(ids.indexOf(oldest) > 0 && ids.indexOf(oldest) <= 400);
    assertEquals(stale.events[0].id, ids[499]);
    const resumed = listen(node.hub, { lastEventId: ids[450] });
    assertEquals((await resumed.untilData(49)).length, 49);
    for (const listener of [live, stale, resumed]) await listener.cancel();
    assertEquals(node.errors, []);
  });

  Deno.test(`redisEventLog: ids from before FLUSHALL are stale, ${name}`, async () => {
    await using server = await startRedis();
    await using node = await Node.start(connect, server.port);
    const live = await placed(node.hub);
    const before = await node.hub.publish({ data: "before" });
    await live.untilData(1);
    await node.send("FLUSHALL");
    const empty = listen(node.hub, { lastEventId: before });
    await empty.until((events) => events.length > 0);
    assertEquals(empty.events[0].event, "stale");
    assertEquals(JSON.parse(empty.data()[0]).oldest, null);
    const after = await node.hub.publish({ data: "after" });
    const stale = listen(node.hub, { lastEventId: before });
    await stale.until((events) => events.length > 0);
    assertEquals(stale.events[0].event, "stale");
    assertEquals(JSON.parse(stale.data()[0]).oldest, after);
    assertEquals(await live.untilData(2), ["before", "after"]);
    for (const listener of [live, stale, empty]) await listener.cancel();
  });

  Deno.test(`redisEventLog has one blocking read, which close ends at once, ${name}`, async () => {
    await using server = await startRedis();
    await using node = await Node.start(connect, server.port);
    await using watcher = await connect(server.port);
    const listeners = await Promise.all(
      Array.from({ length: 20 }, () => placed(node.hub)),
    );
    const blocked = async () =>
      String(await watcher.send(["CLIENT", "LIST"])).split("\n")
        .filter((line) => / flags=\w*b/.test(line)).length;
    while (await blocked() === 0);
    assertEquals(await blocked(), 1);
    const before = performance.now();
    await node.hub.close();
    // A read that is not ended lasts 5 s.
    assert(performance.now() - before < 2000);
    assertEquals(await blocked(), 0);
    for (const listener of listeners) await listener.rest();
  });

  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    Deno.test(`redisEventLog loses nothing that was acknowledged when Redis is restarted by ${signal}, ${name}`, async () => {
      await using server = await startRedis();
      await using a = await Node.start(connect, server.port);
      await using b = await Node.start(connect, server.port);
      await restartUnderLoad(server, signal, a, b);
    });
  }
}

async function restartUnderLoad(
  server: RedisServer,
  signal: "SIGTERM" | "SIGKILL",
  a: Node,
  b: Node,
): Promise<void> {
  const live = await Promise.all([a, b, b].map(({ hub }) => placed(hub)));
  const place = live[0].lastEventId;
  const acknowledged: string[] = [];
  const failed: unknown[] = [];
  const halfway = Promise.withResolvers<void>();
  const failing = Promise.withResolvers<void>();
  let isOver = false;
  async function publish({ hub }: Node, name: string): Promise<void> {
    for (let n = 0; !isOver; n++) {
      try {
        await hub.publish({ data: `${name}${n}` });
        acknowledged.push(`${name}${n}`);
        if (acknowledged.length === 200) halfway.resolve();
      } catch (error) {
        failed.push(error);
        failing.resolve();
        // A client that fails at once must not keep all others waiting.
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
  }
  const publishers = [publish(a, "a"), publish(b, "b")];
  await halfway.promise;
  await server.stop(signal);
  await failing.promise;
  for (const { hub } of [a, b]) {
    await assertRejects(() => hub.publish({ data: "down" }), EventLogError);
  }
  const before = acknowledged.length;
  await server.start();
  // Each has come back.
  while (acknowledged.length < before + 200) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  isOver = true;
  await Promise.all(publishers);
  assert(failed.every((error) => error instanceof EventLogError));
  const last = await publishUntilTaken(a.hub, "last");
  const isLast = ({ id }: { id?: string }) => id === last;
  const resumed = [a, b].map(({ hub }) => listen(hub, { lastEventId: place }));
  const all = [...live, ...resumed];
  await Promise.all(all.map((each) => each.until((e) => e.some(isLast))));
  const [first] = all;
  for (const each of all) {
    const data = each.data();
    assertEquals(each.events.filter(({ event }) => event !== undefined), []);
    assertEquals(new Set(data).size, data.length, "each once");
    assertEquals(data, first.data());
    const seen = new Set(data);
    const lost = acknowledged.filter((data) => !seen.has(data));
    assertEquals(lost, []);
    await each.cancel();
  }
}

async function publishUntilTaken(hub: EventHub, data: string): Promise<string> {
  while (true) {
    try {
      return await hub.publish({ data });
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

Deno.test("redisEventLog tells those who are live when Redis has lost what it had", async () => {
  await using server = await startRedis();
  const connect = REDIS_CLIENTS["node-redis, RESP3"];
  await using a = await Node.start(connect, server.port, 100);
  const listener = await placed(a.hub);
  await a.hub.publish({ data: "1" });
  await listener.untilData(1);
  const lost = listener.lastEventId;
  await a.send("DEL", "events");
  await server.stop("SIGTERM");
  await server.start();
  await listener.until((events) => events.some((e) => e.event === "stale"));
  assertEquals(JSON.parse(listener.data()[1]).requested, lost);
  const id = await publishUntilTaken(a.hub, "2");
  await listener.until((events) => events.some((event) => event.id === id));
  assertEquals(listener.events.filter((e) => e.event === "stale").length, 1);
  await listener.cancel();
});

Deno.test("redisEventLog tells those who are live of what was trimmed while they were cut off, once", async () => {
  await using server = await startRedis();
  const connect = REDIS_CLIENTS["node-redis, RESP3"];
  await using connections = await connect(server.port);
  let isCut = false;
  const waiting: (() => void)[] = [];
  const reading = Promise.withResolvers<void>();
  const hub = new EventHub({
    log: redisEventLog({
      send: connections.send,
      async sendBlocking(args) {
        // As if the reading connection were away for a while.
        while (isCut) await new Promise<void>((r) => waiting.push(r));
        if (args[0] === "XREAD") reading.resolve();
        return await connections.sendBlocking(args);
      },
      key: "events",
      maxLen: 50,
    }),
  });
  await using closing = new AsyncDisposableStack();
  closing.defer(() => hub.close());
  const listener = await placed(hub);
  await reading.promise;
  isCut = true;
  // Ends the read that is under way.
  await hub.publish({ data: "0" });
  await listener.untilData(1);
  let last = "";
  for (let n = 1; n <= 1000; n++) {
    last = await hub.publish({ data: String(n) });
  }
  isCut = false;
  for (const resume of waiting) resume();
  const gaps = () => listener.events.filter((e) => e.event === "stale").length;
  await listener.until((events) =>
    gaps() > 3 || events.some(({ id }) => id === last)
  );
  assertEquals(gaps(), 1);
  const after = await hub.publish({ data: "after" });
  await listener.until((events) => events.some(({ id }) => id === after));
  assertEquals(gaps(), 1);
  const data = listener.events.filter((e) => e.event === undefined)
    .flatMap(({ data }) => data ?? []);
  assertEquals(new Set(data).size, data.length, "each once");
  assertEquals(data.at(-1), "after");
  await listener.cancel();
});
