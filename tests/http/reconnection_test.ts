import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
} from "@std/assert";
import fc from "fast-check";
import {
  EventStreamTimeoutError,
  IncompleteStreamError,
} from "../../src/errors.ts";
import {
  type ConnectionOutcome,
  createReconnection,
  judgeResponse,
  type ReconnectionDecision,
  type ReconnectionOptions,
  type ReconnectMode,
} from "../../src/http/reconnection.ts";

const MAX_TIMER = 2147483647;
const ALMOST_1 = 1 - 2 ** -53;
/** A Sunday; the dates below are relative to it. */
const DATE = Date.UTC(2026, 10, 22, 8, 0, 0);

const FAILURE = new TypeError("network");
const BROKEN: ConnectionOutcome = { kind: "broken", error: FAILURE };
const END: ConnectionOutcome = { kind: "end" };

function refused(retryAfter: string | null, mended = false): ConnectionOutcome {
  return { kind: "refused", error: FAILURE, retryAfter, mended };
}

/** A state machine whose time and chance a test decides. */
function machine(
  options: ReconnectionOptions = {},
  { mode = "always", random = 0 }: {
    mode?: ReconnectMode;
    random?: number;
  } = {},
) {
  const clock = { time: 0, random };
  const reconnection = createReconnection(mode, options, {
    now: () => clock.time,
    date: () => DATE + clock.time,
    random: () => clock.random,
  });
  return {
    clock,
    /** A connection that is open for a time, or an attempt that fails at once. */
    next(
      outcome: ConnectionOutcome,
      { retry, openFor }: { retry?: number; openFor?: number } = {},
    ): ReconnectionDecision {
      reconnection.connecting();
      if (openFor !== undefined) {
        reconnection.opened();
        clock.time += openFor;
      }
      const decision = reconnection.next(outcome, retry, "7");
      if (decision.act === "wait") clock.time += decision.delay;
      return decision;
    },
    reconnection,
  };
}

function delayOf(decision: ReconnectionDecision): number {
  assertEquals(decision.act, "wait");
  return decision.act === "wait" ? decision.delay : NaN;
}

function errorOf(decision: ReconnectionDecision): unknown {
  assertEquals(decision.act, "fail");
  return decision.act === "fail" ? decision.error : undefined;
}

Deno.test("judgeResponse knows every status", () => {
  for (let status = 100; status < 1000; status++) {
    const expected = status === 204
      ? "stop"
      : [408, 425, 429].includes(status) || (status >= 500 && status < 600)
      ? "reconnect"
      : "fail";
    assertEquals(judgeResponse(status, false), expected, `${status}`);
    assertEquals(
      judgeResponse(status, true),
      status === 200 ? "open" : expected,
      `${status}`,
    );
  }
});

for (
  const [mode, outcome, expected] of [
    ["always", "end", "wait"],
    ["always", "broken", "wait"],
    ["always", "refused", "wait"],
    ["always", "complete", "stop"],
    ["on-error", "end", "stop"],
    ["on-error", "broken", "wait"],
    ["on-error", "refused", "wait"],
    ["on-error", "complete", "stop"],
    ["never", "end", "stop"],
    ["never", "broken", "fail"],
    ["never", "refused", "fail"],
    ["never", "complete", "stop"],
  ] as const
) {
  Deno.test(`createReconnection says ${expected} after "${outcome}" if the mode is ${mode}`, () => {
    const outcomes: Record<typeof outcome, ConnectionOutcome> = {
      end: END,
      broken: BROKEN,
      refused: refused(null),
      complete: { kind: "complete" },
    };
    const decision = machine({}, { mode }).next(outcomes[outcome]);
    assertEquals(decision.act, expected);
    if (decision.act === "fail") assertStrictEquals(decision.error, FAILURE);
  });
}

Deno.test("createReconnection names the failure as the cause, and none after an end", () => {
  const { next } = machine();
  for (
    const [outcome, cause] of [
      [BROKEN, FAILURE],
      [refused(null), FAILURE],
      [END, undefined],
    ] as const
  ) {
    const decision = next(outcome);
    assert(decision.act === "wait");
    assertStrictEquals(decision.cause, cause);
  }
});

Deno.test("createReconnection counts the attempts from 1", () => {
  const { next } = machine();
  const attempts = [BROKEN, END, refused("1"), BROKEN].map((outcome) => {
    const decision = next(outcome);
    return decision.act === "wait" ? decision.attempt : NaN;
  });
  assertEquals(attempts, [1, 2, 3, 4]);
});

Deno.test("createReconnection waits initialDelay at least, and up to a backoff that doubles to maxDelay on top", () => {
  const least = machine({}, { random: 0 });
  const most = machine({}, { random: ALMOST_1 });
  for (
    const backoff of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]
  ) {
    assertEquals(delayOf(least.next(BROKEN)), 1000);
    const delay = delayOf(most.next(BROKEN));
    assert(delay > 1000 + backoff * 0.99 && delay <= 1000 + backoff);
  }
});

Deno.test("createReconnection waits in the middle for a random number in the middle", () => {
  const { next } = machine(
    { initialDelay: 200, maxDelay: 1000 },
    { random: 0.5 },
  );
  const delays = Array.from({ length: 5 }, () => delayOf(next(BROKEN)));
  assertEquals(delays, [300, 400, 600, 700, 700]);
});

Deno.test("createReconnection grows a backoff of its own from an initialDelay of 0", () => {
  const { next } = machine({ initialDelay: 0, maxDelay: 50 }, {
    random: ALMOST_1,
  });
  const delays = Array.from({ length: 40 }, () => delayOf(next(BROKEN)));
  assert(delays[39] >= 49, "not a storm");
  assert(delays.every((delay, i) => i === 0 || delay >= delays[i - 1]));
});

Deno.test("createReconnection keeps its bounds after more failures than numbers can be doubled", () => {
  for (const random of [0, ALMOST_1]) {
    const { next } = machine({ initialDelay: 1, maxDelay: 10 }, { random });
    for (let i = 0; i < 3000; i++) {
      const delay = delayOf(next(BROKEN));
      assert(delay >= 1 && delay <= 11, `${delay}`);
    }
  }
});

for (const random of [0, ALMOST_1]) {
  Deno.test(`createReconnection keeps what a timer can hold if nothing bounds the backoff and chance gives ${random}`, () => {
    const { reconnection } = machine({
      initialDelay: 1000,
      maxDelay: Infinity,
    }, { random });
    for (let i = 0; i < 1200; i++) {
      const delay = delayOf(reconnection.next(BROKEN, undefined, ""));
      assert(delay >= 1000 && delay <= MAX_TIMER, `${delay}, attempt ${i}`);
    }
  });
}

Deno.test("createReconnection waits what the server says with retry, instead of initialDelay", () => {
  for (
    const [retry, delay] of [[0, 0], [10, 10], [3000, 3000], [90_000, 90_000]]
  ) {
    for (const outcome of [END, BROKEN, refused(null)]) {
      assertEquals(delayOf(machine().next(outcome, { retry })), delay);
    }
  }
});

Deno.test("createReconnection adds the random part to what the server says", () => {
  const { next } = machine({}, { random: 0.5 });
  assertEquals(delayOf(next(BROKEN, { retry: 5000 })), 5500);
  assertEquals(delayOf(next(BROKEN, { retry: 5000 })), 6000);
  assertEquals(delayOf(next(refused("60"), { retry: 5000 })), 62_000);
});

/** What `Retry-After` says, and how long that is at least: `undefined` where it says nothing. */
const RETRY_AFTER: readonly [value: string, delay: number | undefined][] = [
  ["0", 0],
  ["1", 1000],
  ["120", 120_000],
  ["0120", 120_000],
  ["Sun, 22 Nov 2026 08:02:00 GMT", 120_000],
  ["Sunday, 22-Nov-26 08:02:00 GMT", 120_000],
  ["Sun Nov 22 08:02:00 2026", 120_000],
  ["Mon, 23 Nov 2026 08:00:00 GMT", 86_400_000],
  ["Monday, 23-Nov-26 08:00:00 GMT", 86_400_000],
  ["Mon Nov 23 08:00:00 2026", 86_400_000],
  ["Tuesday, 24-Nov-26 08:00:00 GMT", 2 * 86_400_000],
  ["Wednesday, 25-Nov-26 08:00:00 GMT", 3 * 86_400_000],
  ["Thursday, 26-Nov-26 08:00:00 GMT", 4 * 86_400_000],
  ["Friday, 27-Nov-26 08:00:00 GMT", 5 * 86_400_000],
  ["Saturday, 28-Nov-26 08:00:00 GMT", 6 * 86_400_000],
  ["Tue Dec  1 08:00:00 2026", 9 * 86_400_000],
  // The past.
  ["Sun, 06 Nov 1994 08:49:37 GMT", 0],
  ["Sunday, 06-Nov-94 08:49:37 GMT", 0],
  ["Sun Nov  6 08:49:37 1994", 0],
  // Nonsense.
  ["", undefined],
  ["-1", undefined],
  ["+5", undefined],
  ["1.5", undefined],
  ["1e3", undefined],
  ["0x10", undefined],
  ["5, 10", 10_000],
  ["5s", undefined],
  ["soon", undefined],
  ["Infinity", undefined],
  ["NaN", undefined],
  ["2099", 2_099_000],
  ["2099-01-01", undefined],
  ["2099-01-01T00:00:00Z", undefined],
  ["Sun, 99 Foo 2026 08:02:00 GMT", undefined],
  ["Sun, 22 Nov 2026 99:99:99 GMT", undefined],
  ["22 Nov 2026 08:02:00 GMT", undefined],
];

for (const [value, delay] of RETRY_AFTER) {
  Deno.test(`createReconnection reads Retry-After ${JSON.stringify(value)} as ${delay} ms`, () => {
    const options = { initialDelay: 500 };
    const decide = (retry?: number) =>
      delayOf(machine(options).next(refused(value), { retry }));
    assertEquals(decide(), Math.max(delay ?? 0, 500));
    assertEquals(decide(0), delay ?? 0);
    assertEquals(decide(9000), Math.max(delay ?? 0, 9000));
  });
}

Deno.test("createReconnection never waits less than the server asks, nor more than chance and the timer allow", () => {
  const number = fc.oneof(
    fc.nat(200_000),
    fc.constantFrom(
      0,
      MAX_TIMER,
      MAX_TIMER + 1,
      99_999_999_999,
      Number.MAX_SAFE_INTEGER,
    ),
  );
  fc.assert(fc.property(
    fc.record({ initialDelay: fc.nat(100_000), maxDelay: fc.nat(1_000_000) }),
    fc.array(
      fc.record({
        outcome: fc.constantFrom("end", "broken", "refused"),
        retry: fc.option(number, { nil: undefined }),
        after: fc.option(number, { nil: undefined }),
        random: fc.double({ min: 0, max: ALMOST_1, noNaN: true }),
      }),
      { maxLength: 20 },
    ),
    (options, steps) => {
      const { next, clock } = machine(options);
      steps.forEach(({ outcome, retry, after, random }, n) => {
        clock.random = random;
        const asked = outcome === "refused" && after !== undefined
          ? Math.max(after * 1000, retry ?? options.initialDelay)
          : retry ?? options.initialDelay;
        const delay = delayOf(next(
          outcome === "end"
            ? END
            : outcome === "broken"
            ? BROKEN
            : refused(after === undefined ? null : `${after}`),
          { retry },
        ));
        assert(Number.isInteger(delay));
        assert(delay <= MAX_TIMER);
        assert(delay >= Math.min(asked, MAX_TIMER));
        const backoff = Math.min(
          Math.max(options.initialDelay, 1) * 2 ** n,
          options.maxDelay,
        );
        assert(delay <= Math.ceil(asked + backoff));
      });
    },
  ));
});

for (
  const [what, outcome, retry] of [
    ["a hostile retry", BROKEN, 99_999_999_999],
    ["a retry that is saturated", END, Number.MAX_SAFE_INTEGER],
    ["a hostile Retry-After", refused("99999999999"), undefined],
    ["a Retry-After of 400 digits", refused("9".repeat(400)), undefined],
    [
      "a Retry-After in a thousand years",
      refused("Sat, 22 Nov 3025 08:00:00 GMT"),
      undefined,
    ],
  ] as const
) {
  Deno.test(`createReconnection waits as long as a timer can for ${what}`, () => {
    for (const random of [0, ALMOST_1]) {
      const { next } = machine({}, { random });
      assertEquals(delayOf(next(outcome, { retry })), MAX_TIMER);
    }
  });

  Deno.test(`createReconnection fails for ${what} if maxServerDelay is less`, () => {
    const { next } = machine({ maxServerDelay: 3_600_000 });
    const error = errorOf(next(outcome, { retry }));
    assertInstanceOf(error, EventStreamTimeoutError);
    assert(error.elapsed > 3_600_000);
    if (outcome.kind === "refused") assertStrictEquals(error.cause, FAILURE);
  });
}

Deno.test("createReconnection takes a server that asks for maxServerDelay exactly", () => {
  const options = { maxServerDelay: 10_000 };
  assertEquals(
    delayOf(machine(options).next(BROKEN, { retry: 10_000 })),
    10_000,
  );
  assertEquals(delayOf(machine(options).next(refused("10"))), 10_000);
  errorOf(machine(options).next(BROKEN, { retry: 10_001 }));
  errorOf(machine(options).next(refused("11")));
});

for (
  const value of ["1", "0", "Sun, 06 Nov 1994 08:49:37 GMT", "soon", null]
) {
  Deno.test(`createReconnection does not take initialDelay for what the server asks, with Retry-After ${value}`, () => {
    const options = { initialDelay: 10_000, maxServerDelay: 5000 };
    assertEquals(delayOf(machine(options).next(refused(value))), 10_000);
  });
}

for (const maxRetries of [0, 1, 3]) {
  Deno.test(`createReconnection opens the connection again ${maxRetries} times if maxRetries is ${maxRetries}`, () => {
    const { next } = machine({ maxRetries });
    for (let i = 0; i < maxRetries; i++) delayOf(next(BROKEN));
    assertStrictEquals(errorOf(next(BROKEN)), FAILURE);
  });
}

Deno.test("createReconnection fails with an IncompleteStreamError if the server has ended the stream too often", () => {
  const { next } = machine({ maxRetries: 1 });
  delayOf(next(END));
  const error = errorOf(next(END));
  assertInstanceOf(error, IncompleteStreamError);
  assertEquals(error.lastEventId, "7");
});

Deno.test("createReconnection does not fail what is complete, whatever came before", () => {
  const { next } = machine({ maxRetries: 1, maxElapsed: 1000 });
  delayOf(next(BROKEN));
  assertEquals(next({ kind: "complete" }).act, "stop");
});

Deno.test("createReconnection does not wait beyond maxElapsed", () => {
  const { next } = machine({ maxElapsed: 3000 });
  for (let i = 0; i < 3; i++) assertEquals(delayOf(next(BROKEN)), 1000);
  assertStrictEquals(errorOf(next(BROKEN)), FAILURE);
});

Deno.test("createReconnection counts for maxElapsed the time that attempts take", () => {
  const { next, clock, reconnection } = machine({ maxElapsed: 3000 });
  reconnection.connecting();
  clock.time += 2001;
  assertStrictEquals(errorOf(next(BROKEN)), FAILURE);
});

Deno.test("createReconnection counts for maxElapsed a wait that the server asks for", () => {
  const { next } = machine({ maxElapsed: 3000 });
  assertStrictEquals(errorOf(next(refused("4"))), FAILURE);
});

Deno.test("createReconnection begins anew after a connection that was open for healthyAfter", () => {
  const { next } = machine({
    healthyAfter: 5000,
    maxRetries: 2,
    maxElapsed: 60_000,
  }, {
    random: 0.5,
  });
  for (let i = 0; i < 5; i++) {
    assertEquals(delayOf(next(BROKEN)), i === 0 ? 1500 : 2000);
    const decision = next(END, { openFor: 100_000 });
    assertEquals(decision, {
      act: "wait",
      delay: 1500,
      attempt: 1,
      cause: undefined,
    });
  }
});

Deno.test("createReconnection does not begin anew after a connection that was open for less", () => {
  const { next } = machine({ maxRetries: 2, healthyAfter: 5000 });
  delayOf(next(BROKEN, { openFor: 4999 }));
  delayOf(next(BROKEN, { openFor: 4999 }));
  errorOf(next(BROKEN, { openFor: 4999 }));
});

Deno.test("createReconnection counts the time open only, not the wait", () => {
  const { next } = machine({ maxRetries: 1, healthyAfter: 5000 });
  delayOf(next(BROKEN, { openFor: 10, retry: 60_000 }));
  errorOf(next(BROKEN));
});

Deno.test("createReconnection takes every connection for healthy if healthyAfter is 0", () => {
  const { next } = machine({ maxRetries: 1, healthyAfter: 0 });
  for (let i = 0; i < 10; i++) {
    assertEquals(delayOf(next(END, { openFor: 0 })), 1000);
  }
  errorOf(next(BROKEN));
});

// The program may drop a healthy connection: then no outcome is judged.
Deno.test("createReconnection begins anew after a healthy connection that the program has dropped", () => {
  const { next, reconnection, clock } = machine({
    maxElapsed: 60_000,
    maxRetries: 1,
  });
  delayOf(next(BROKEN));
  reconnection.connecting();
  reconnection.opened();
  clock.time += 3_600_000;
  assertEquals(delayOf(next(BROKEN, { openFor: 10 })), 1000);
});

Deno.test("createReconnection tries at once the first time that the program has mended the cause, and then waits", () => {
  const { next } = machine({}, { random: 0.5 });
  assertEquals(delayOf(next(refused(null, true))), 0);
  assertEquals(delayOf(next(refused(null, true))), 2000);
  assertEquals(delayOf(next(refused(null, true))), 3000);
});

Deno.test("createReconnection tries at once what is mended after other failures, once", () => {
  const { next } = machine({}, { random: 0.5 });
  delayOf(next(BROKEN));
  assertEquals(delayOf(next(refused(null, true))), 0);
  assertEquals(delayOf(next(refused(null, true))), 3000);
});

Deno.test("createReconnection tries what is mended no sooner than Retry-After asks", () => {
  const { next } = machine();
  assertEquals(delayOf(next(refused("2", true))), 2000);
});

Deno.test("createReconnection tries at once again after a healthy connection", () => {
  const { next } = machine();
  assertEquals(delayOf(next(refused(null, true))), 0);
  assertEquals(delayOf(next(refused(null, true))), 1000);
  assertEquals(delayOf(next(END, { openFor: 5000 })), 1000);
  assertEquals(delayOf(next(refused(null, true))), 0);
});

Deno.test("createReconnection counts what was mended among maxRetries", () => {
  const { next } = machine({ maxRetries: 1 });
  delayOf(next(refused(null, true)));
  assertStrictEquals(errorOf(next(refused(null, true))), FAILURE);
});

Deno.test("createReconnection tries what is mended once even if the mode is never", () => {
  const { next } = machine({}, { mode: "never" });
  assertEquals(delayOf(next(refused(null, true))), 0);
  assertStrictEquals(errorOf(next(refused(null, true))), FAILURE);
});
