import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import fc from "fast-check";
import { EventLogError, StreamClosedError } from "../../mod.ts";
import {
  EventHub,
  type EventLogEntry,
  redisEventLog,
  type RedisEventLogOptions,
} from "../../server.ts";
import { type FakeClock, fakeClock } from "../helpers/clock.ts";
import {
  FakeRedis,
  ReplyError,
  type ReplyShape,
} from "../helpers/fake_redis.ts";
import { listen } from "../helpers/listener.ts";
import { isPending, settle } from "../helpers/settle.ts";
import { trapUncaught } from "../helpers/uncaught.ts";

function logOn(redis: FakeRedis, options: Partial<RedisEventLogOptions> = {}) {
  const log = redisEventLog({
    send: redis.send,
    sendBlocking: redis.sendBlocking,
    key: "events",
    ...options,
  });
  // So that a test that fails leaves nothing to the next.
  return {
    ...log,
    async [Symbol.asyncDispose]() {
      redis.intercept = undefined;
      await log.close();
      redis.wake();
      await settle();
    },
  };
}

/** Moves the time on in steps that give the fake the turns that it takes to answer. */
async function pass(clock: FakeClock, milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 50) {
    await clock.tick(50);
    for (let turns = 0; turns < 4; turns++) await settle();
  }
}

function assertTimeout(error: unknown): void {
  assert(error instanceof DOMException, String(error));
  assertEquals(error.name, "TimeoutError");
  assertMatch(error.message, /^Cannot use Redis: .+ 300 ms, got no answer$/);
}

/** What a listener is told, and a promise of the next. */
function recorder() {
  const told: unknown[] = [];
  const errors: unknown[] = [];
  let more = Promise.withResolvers<void>();
  function tell(what: unknown): void {
    told.push(what);
    more.resolve();
    more = Promise.withResolvers();
  }
  return {
    told,
    errors,
    async until(isEnough: () => boolean) {
      while (!isEnough()) await more.promise;
    },
    listener: {
      entries: (entries: readonly EventLogEntry[]) =>
        entries.forEach(({ event }) => tell(event.data)),
      gap: (position: string, oldest: string | undefined) =>
        tell({ position, oldest }),
      error(error: unknown) {
        errors.push(error);
        tell("error");
      },
    },
  };
}

const SHAPES: readonly ReplyShape[] = [
  "RESP2",
  "RESP2 buffers",
  "RESP3 map",
  "RESP3 object",
];

for (const shape of SHAPES) {
  Deno.test(`redisEventLog reads back what it appended, ${shape}`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          topic: fc.string({ unit: "grapheme" }),
          event: fc.record({
            data: fc.string({ unit: "grapheme" }).chain((text) =>
              fc.constantFrom(text, `\uFEFF${text}`, `${text}\n\r\n`)
            ),
            event: fc.string({ minLength: 1 }),
            retry: fc.nat(),
            comments: fc.array(fc.string(), { minLength: 1 }),
          }, { requiredKeys: [] }),
        }),
        async (entry) => {
          await using log = logOn(new FakeRedis(shape));
          const id = await log.append(entry);
          const [read] = await log.readAfter("0-0", 10) ?? [];
          assertEquals(read, { ...entry, id });
        },
      ),
      { numRuns: 40 },
    );
  });

  Deno.test(`redisEventLog follows and places ids, ${shape}`, async () => {
    const redis = new FakeRedis(shape);
    await using log = logOn(redis);
    const { told, errors, listener, until } = recorder();
    const { position } = await log.tail(listener);
    assertEquals(position, "0-0");
    const ids: string[] = [];
    for (const data of ["a", "b", "c"]) {
      ids.push(await log.append({ topic: "t", event: { data } }));
    }
    await until(() => told.length === 3);
    assertEquals(told, ["a", "b", "c"]);
    assertEquals((await log.readAfter(ids[0], 5))?.length, 2);
    assertEquals(await log.readAfter(ids[2], 5), []);
    redis.trim(1);
    assertEquals(await log.oldest(), ids[2]);
    assertEquals(await log.readAfter(ids[0], 5), undefined);
    assertEquals(await log.readAfter("0-0", 5), undefined);
    redis.trim(0);
    // The last-generated id.
    assertEquals(await log.readAfter(ids[2], 5), []);
    assertEquals(await log.readAfter(ids[1], 5), undefined);
    assertEquals(await log.oldest(), undefined);
    redis.flush();
    assertEquals(await log.readAfter(ids[2], 5), undefined);
    assertEquals(errors, []);
    await log.close();
  });
}

for (
  const id of [
    "",
    "x",
    "1",
    "-",
    "+",
    "$",
    "(1-1",
    "1-*",
    "1-1 ",
    "18446744073709551616-0",
    "1-18446744073709551616",
    "99999999999999999999-0",
    "999999999999999999999999-0",
    "9-9",
  ]
) {
  Deno.test(`redisEventLog does not place the id ${Deno.inspect(id)}`, async () => {
    const redis = new FakeRedis();
    await using log = logOn(redis);
    await log.append({ topic: "", event: { data: "a" } });
    assertEquals(await log.readAfter(id, 5), undefined);
  });
}

Deno.test("redisEventLog compares ids as numbers", () => {
  const { compare } = logOn(new FakeRedis());
  const ordered = [
    "0-0",
    "9-0",
    "9-1",
    "9-9",
    "9-10",
    "10-0",
    "1700000000000-0",
    "18446744073709551614-1",
    "18446744073709551615-18446744073709551614",
    "18446744073709551615-18446744073709551615",
  ];
  for (const [i, a] of ordered.entries()) {
    for (const [j, b] of ordered.entries()) {
      assertEquals(Math.sign(compare(a, b)), Math.sign(i - j), `${a} ${b}`);
    }
  }
});

Deno.test("redisEventLog append gives unknown as the outcome when the reply is lost", async () => {
  const redis = new FakeRedis();
  await using log = logOn(redis);
  for (
    const cause of [
      new Error("Socket closed unexpectedly"),
      Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }),
      new Error("ECONNRESET read"),
      new Error("EOF while reading the reply"),
      new Error("Connection is closed."),
      new Error("TIMEOUT of the client"),
      "no error at all",
    ]
  ) {
    redis.intercept = () => Promise.reject(cause);
    const error = await assertRejects(
      () => log.append({ topic: "", event: { data: "a" } }),
      EventLogError,
    );
    assertEquals(error.outcome, "unknown", String(cause));
    assertStrictEquals(error.cause, cause);
  }
});

for (
  const message of [
    "OOM command not allowed when used memory > 'maxmemory'.",
    "READONLY You can't write against a read only replica.",
    "WRONGTYPE Operation against a key holding the wrong kind of value",
    "ERR unknown command",
    "LOADING Redis is loading the dataset in memory",
    "NOREPLICAS Not enough good replicas to write.",
    "MISCONF Redis is configured to save RDB snapshots",
  ]
) {
  Deno.test(`redisEventLog append gives refused as the outcome for ${message}`, async () => {
    const redis = new FakeRedis();
    redis.intercept = () => Promise.reject(new ReplyError(message));
    const error = await assertRejects(
      () => logOn(redis).append({ topic: "", event: { data: "a" } }),
      EventLogError,
    );
    assertEquals(error.outcome, "refused");
  });
}

Deno.test("redisEventLog append makes an EventLogError of what send throws", async () => {
  const log = redisEventLog({
    send() {
      throw new Error("no connection");
    },
    sendBlocking: () => new Promise(() => {}),
    key: "events",
  });
  await assertRejects(
    () => log.append({ topic: "", event: { data: "a" } }),
    EventLogError,
  );
});

Deno.test("redisEventLog append gives up in time, and leaves no timer", async () => {
  using clock = fakeClock();
  const redis = new FakeRedis();
  await using log = logOn(redis, { timeout: 300 });
  redis.intercept = () => new Promise(() => {});
  const appended = log.append({ topic: "", event: { data: "a" } });
  appended.catch(() => {});
  await clock.tick(299);
  assert(await isPending(appended));
  await clock.tick(1);
  const error = await assertRejects(() => appended, EventLogError);
  assertEquals(error.outcome, "unknown");
  assertTimeout(error.cause);
  const oldest = log.oldest();
  oldest.catch(() => {});
  await clock.tick(300);
  assertTimeout(await assertRejects(() => oldest));
  assertEquals(clock.timers, 0);
  redis.intercept = undefined;
  await log.append({ topic: "", event: { data: "a" } });
  assertEquals(clock.timers, 0);
});

Deno.test("redisEventLog trims to about maxLen, and all is kept without it", async () => {
  const redis = new FakeRedis();
  await logOn(redis, { maxLen: 7 }).append({ topic: "", event: { data: "a" } });
  await logOn(redis).append({ topic: "", event: { data: "a" } });
  const [trimming, keeping] = redis.commands;
  assertEquals(trimming.slice(0, 6), [
    "XADD",
    "events",
    "MAXLEN",
    "~",
    "7",
    "*",
  ]);
  assertEquals(keeping.slice(0, 3), ["XADD", "events", "*"]);
});

Deno.test("redisEventLog has one finite blocking read, on its own connection", async () => {
  const redis = new FakeRedis();
  let blocking = 0;
  redis.intercept = (args, isBlocking) => {
    if (args[0] !== "XREAD") return;
    assert(isBlocking);
    const time = Number(args[args.indexOf("BLOCK") + 1]);
    assert(time > 0 && time <= 60_000);
    blocking++;
  };
  await using log = logOn(redis);
  const hub = new EventHub({ log });
  const listeners = Array.from(
    { length: 10 },
    (_, n) => listen(hub, { topics: [`t${n}`] }),
  );
  await redis.blocked();
  assertEquals(blocking, 1);
  await hub.close();
  for (const listener of listeners) await listener.rest();
});

Deno.test("redisEventLog catches up from the last entry seen when its read has failed", async () => {
  using clock = fakeClock();
  const redis = new FakeRedis();
  await using log = logOn(redis);
  const { told, errors, listener, until } = recorder();
  await log.tail(listener);
  await redis.blocked();
  redis.add("topic", "", "data", "a");
  await until(() => told.length === 1);
  await redis.blocked();
  const error = new Error("connection lost");
  redis.intercept = (_, isBlocking) =>
    isBlocking ? Promise.reject(error) : undefined;
  redis.wake();
  await until(() => errors.length === 1);
  redis.add("topic", "", "data", "b");
  redis.add("topic", "", "data", "c");
  await pass(clock, 20_000);
  assert(errors.length >= 4, `asked again ${errors.length} times`);
  const before = redis.commands.length;
  await pass(clock, 20_000);
  // Backed off.
  assert(redis.commands.length - before < 20);
  redis.intercept = undefined;
  const after = until(() => told.includes("c"));
  await pass(clock, 6000);
  await after;
  assertEquals(told.filter((what) => what !== "error"), ["a", "b", "c"]);
  await redis.blocked();
  redis.add("topic", "", "data", "d");
  await until(() => told.includes("d"));
  assertEquals(told.filter((what) => what !== "error"), ["a", "b", "c", "d"]);
  await log.close();
  assertEquals(clock.timers, 0);
});

Deno.test("redisEventLog tells of a gap once, where it goes on, and goes on", async () => {
  const redis = new FakeRedis();
  await using log = logOn(redis, { maxLen: 10 });
  const { told, errors, listener, until } = recorder();
  await log.tail(listener);
  await redis.blocked();
  await log.append({ topic: "", event: { data: "0" } });
  await until(() => told.length === 1);
  await redis.blocked();
  // All before the reader is asked again.
  for (let n = 1; n <= 30; n++) {
    redis.entries.push({ id: `5-${n + 1}`, fields: ["data", String(n)] });
    redis.added++;
  }
  redis.lastId = "5-31";
  redis.trim(10);
  redis.wake();
  await until(() => told.includes("30") || told.length > 40);
  redis.add("data", "31");
  await until(() => told.includes("31") || told.length > 40);
  const [oldest] = redis.entries;
  const gaps = told.filter((what) => typeof what === "object");
  assertEquals(gaps.length, 1, `${gaps.length} gaps`);
  const [{ position, oldest: named }] = gaps as {
    position: string;
    oldest: string;
  }[];
  assertEquals(named, oldest.id);
  assert(log.compare(position, oldest.id) < 0);
  assertEquals(
    told.filter((what) => typeof what === "string"),
    ["0", ...Array.from({ length: 11 }, (_, n) => String(n + 21))],
  );
  assertEquals(errors, []);
  await log.close();
});

Deno.test("redisEventLog: those who are live are told of a gap by one stale event", async () => {
  const redis = new FakeRedis();
  await using log = logOn(redis, { maxLen: 5 });
  const hub = new EventHub({ log });
  const listener = listen(hub);
  await listener.until((events) => events.length === 1);
  await redis.blocked();
  for (let n = 1; n <= 20; n++) {
    redis.entries.push({ id: `5-${n}`, fields: ["data", String(n)] });
    redis.added++;
  }
  redis.lastId = "5-20";
  redis.trim(5);
  redis.wake();
  await listener.until((events) =>
    events.length > 20 || events.some(({ data }) => data === "20")
  );
  const stale = listener.events.filter(({ event }) => event === "stale");
  assertEquals(stale.length, 1);
  assertEquals(JSON.parse(stale[0].data!), {
    requested: "0-0",
    oldest: "5-16",
  });
  assertEquals(listener.data().slice(1), ["16", "17", "18", "19", "20"]);
  await hub.close();
  await listener.rest();
});

Deno.test("redisEventLog tells of a gap when Redis came back empty", async () => {
  using clock = fakeClock();
  const redis = new FakeRedis();
  await using log = logOn(redis);
  await log.append({ topic: "", event: { data: "0" } });
  const { told, errors, listener, until } = recorder();
  await log.tail(listener);
  await redis.blocked();
  redis.intercept = (_, isBlocking) =>
    isBlocking ? Promise.reject(new Error("lost")) : undefined;
  redis.wake();
  await until(() => errors.length === 1);
  redis.flush();
  redis.intercept = undefined;
  const told2 = until(() => told.length === 2);
  await pass(clock, 5000);
  await told2;
  assertEquals(told[1], { position: "0-0", oldest: undefined });
  redis.add("data", "1");
  await until(() => told.length === 3);
  assertEquals(told[2], "1");
  await log.close();
  assertEquals(clock.timers, 0);
});

Deno.test("redisEventLog waits until Redis is there to be followed", async () => {
  using clock = fakeClock();
  const redis = new FakeRedis();
  redis.intercept = () => Promise.reject(new Error("away"));
  await using log = logOn(redis);
  const { errors, listener, until } = recorder();
  const tail = log.tail(listener);
  await until(() => errors.length === 1);
  await clock.tick(1000);
  assert(await isPending(tail));
  redis.intercept = undefined;
  await pass(clock, 5000);
  assertEquals((await tail).position, "0-0");
  await log.close();
  assertEquals(clock.timers, 0);
});

Deno.test("redisEventLog close ends a read that is blocked, at once", async () => {
  using clock = fakeClock();
  const redis = new FakeRedis();
  await using log = logOn(redis);
  const { told, errors, listener } = recorder();
  await log.tail(listener);
  await redis.blocked();
  await log.close();
  await settle();
  assert(!redis.isBlocked);
  assertEquals(redis.commands.at(-1)?.slice(0, 2), ["CLIENT", "UNBLOCK"]);
  assertEquals([told, errors], [[], []]);
  assertEquals(clock.timers, 0);
  await assertRejects(
    () => log.append({ topic: "", event: { data: "a" } }),
    StreamClosedError,
  );
  await log.close();
});

Deno.test("redisEventLog close ends while Redis does not answer, and leaves no timer", async () => {
  using clock = fakeClock();
  const redis = new FakeRedis();
  await using log = logOn(redis, { timeout: 300 });
  const { errors, listener } = recorder();
  await log.tail(listener);
  await redis.blocked();
  redis.intercept = () => new Promise(() => {});
  const closed = log.close();
  await clock.tick(300);
  await closed;
  assertEquals(errors, []);
  assertEquals(clock.timers, 0);
  redis.wake();
});

Deno.test("redisEventLog close ends when send throws", async () => {
  const redis = new FakeRedis();
  let isAway = false;
  await using log = logOn(redis, {
    send(args) {
      if (isAway) throw new Error("no connection");
      return redis.send(args);
    },
  });
  const { errors, listener } = recorder();
  await log.tail(listener);
  await redis.blocked();
  isAway = true;
  await log.close();
  assertEquals(errors, []);
});

Deno.test("redisEventLog tail refuses a second that comes at once, or later", async () => {
  const redis = new FakeRedis();
  await using log = logOn(redis);
  const { told, listener, until } = recorder();
  const first = log.tail(listener);
  const refused = () =>
    assertRejects(
      () => log.tail(listener),
      TypeError,
      'Cannot follow log: it is followed already, got key "events"',
    );
  await refused();
  await first;
  await refused();
  await redis.blocked();
  await log.append({ topic: "", event: { data: "a" } });
  await until(() => told.length > 0);
  assertEquals(told, ["a"]);
});

Deno.test("redisEventLog tail can be begun again when it has failed", async () => {
  const redis = new FakeRedis();
  await using log = logOn(redis);
  const { listener } = recorder();
  redis.intercept = () => Promise.reject(new Error("away"));
  const error = (thrown: unknown) => {
    throw thrown;
  };
  await assertRejects(() => log.tail({ ...listener, error }), Error, "away");
  redis.intercept = undefined;
  assertEquals((await log.tail(listener)).position, "0-0");
});

Deno.test("redisEventLog close ends while it waits to ask again", async () => {
  using clock = fakeClock();
  const redis = new FakeRedis();
  await using log = logOn(redis);
  const { errors, listener, until } = recorder();
  await log.tail(listener);
  await redis.blocked();
  redis.intercept = () => Promise.reject(new Error("away"));
  redis.wake();
  await until(() => errors.length === 1);
  await log.close();
  assertEquals(clock.timers, 0);
});

Deno.test("redisEventLog close of a hub that Redis keeps waiting tells no error of its own", async () => {
  using clock = fakeClock();
  const redis = new FakeRedis();
  redis.intercept = () => Promise.reject(new Error("away"));
  const errors: unknown[] = [];
  await using log = logOn(redis);
  const hub = new EventHub({
    log,
    onError: (error) => void errors.push(error),
  });
  const listener = listen(hub);
  while (errors.length === 0) await settle();
  await hub.close();
  await listener.rest();
  await settle();
  assertEquals(errors.map(String), ["Error: away"]);
  assertEquals(clock.timers, 0);
});

Deno.test("redisEventLog stop of a tail gives no more, and lets events be appended", async () => {
  const redis = new FakeRedis();
  await using log = logOn(redis);
  const { told, listener } = recorder();
  const tail = await log.tail(listener);
  await redis.blocked();
  tail.stop();
  try {
    await log.append({ topic: "", event: { data: "a" } });
    await settle();
    assertEquals(told, []);
  } finally {
    await log.close();
    redis.wake();
    await settle();
  }
});

Deno.test("redisEventLog goes on when a listener of errors throws", async () => {
  using clock = fakeClock();
  using uncaught = trapUncaught();
  const redis = new FakeRedis();
  let throws = 0;
  await using log = logOn(redis);
  const hub = new EventHub({
    log,
    onError() {
      throws++;
      throw new Error("mine");
    },
  });
  const listener = listen(hub);
  await listener.until((events) => events.length === 1);
  await redis.blocked();
  redis.intercept = (_, isBlocking) =>
    isBlocking ? Promise.reject(new Error("lost")) : undefined;
  redis.wake();
  while (throws === 0) await settle();
  redis.intercept = undefined;
  redis.add("data", "1");
  await pass(clock, 6000);
  assertEquals(uncaught.errors.length <= 1, true);
  assertEquals(hub.stats().delivered, 1);
  await listener.cancel();
  await hub.close();
});

for (const key of ["", 1 as unknown as string]) {
  Deno.test(`redisEventLog refuses ${Deno.inspect(key)} as its key`, () => {
    assertThrows(() => logOn(new FakeRedis(), { key }), TypeError);
  });
}

for (
  const [name, values] of [
    ["maxLen", [0, -1, 1.5, NaN, Infinity]],
    ["timeout", [0, -1, NaN, 2 ** 31]],
  ] as const
) {
  for (const value of values) {
    Deno.test(`redisEventLog refuses ${value} as ${name}`, () => {
      assertThrows(
        () => logOn(new FakeRedis(), { [name]: value }),
        RangeError,
        name,
      );
    });
  }
}
