import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { EventBuildError, EventDataError } from "../../mod.ts";
import { patchSignals } from "../../datastar/mod.ts";

const cycle: { self?: unknown } = {};
cycle.self = cycle;

const REFUSED: Readonly<Record<string, unknown>> = {
  "an array": [1],
  "null": null,
  "undefined": undefined,
  "a number": 1,
  "a function": () => {},
  "a date, which is text in JSON": new Date(0),
  "a cycle": cycle,
  "a bigint inside": { a: 1n },
  "NaN inside, which would remove a signal": { a: { b: NaN } },
  "Infinity inside, which would remove a signal": { a: [Infinity] },
  "text that is no JSON": "{a: 1}",
  "text that is a script": "alert(1)",
  "text that is an array": "[1]",
  "text that is null": "null",
  "text that is a string": '"a"',
  "text that is a number": "1",
  "empty text": "",
  "text with a comment": '{"a":1} // b',
  "two objects": "{}{}",
};

for (const [what, signals] of Object.entries(REFUSED)) {
  Deno.test(`patchSignals refuses ${what}`, () => {
    const error = assertThrows(
      () => patchSignals(signals as object),
      EventDataError,
      "Cannot write event data",
    );
    assertEquals(error.event, "datastar-patch-signals");
  });
}

Deno.test("patchSignals keeps the error of JSON as the cause", () => {
  const error = assertThrows(() => patchSignals("{"), EventDataError);
  assertInstanceOf(error.cause, SyntaxError);
});

Deno.test("patchSignals takes null, which removes a signal, beside any number", () => {
  assertEquals(
    patchSignals({ a: null, b: 0, c: -1.5e300 }).data,
    'signals {"a":null,"b":0,"c":-1.5e+300}',
  );
});

Deno.test("patchSignals leaves out what JSON.stringify leaves out", () => {
  assertEquals(
    patchSignals({ a: undefined, b: 1, toString: () => "" }).data,
    'signals {"b":1}',
  );
});

Deno.test("patchSignals writes what toJSON gives", () => {
  assertEquals(
    patchSignals({ toJSON: () => ({ at: new Date(0) }) }).data,
    'signals {"at":"1970-01-01T00:00:00.000Z"}',
  );
});

for (const options of [{ eventId: "a\nb" }, { retryDuration: -1 }]) {
  Deno.test(`patchSignals refuses ${JSON.stringify(options)}`, () => {
    assertThrows(() => patchSignals({}, options), EventBuildError);
  });
}

for (
  const signals of [
    '{"__proto__":{"a":1}}',
    '{"a":{"\\u005f_proto__":1}}',
    JSON.parse('{"__proto__":1}'),
  ]
) {
  Deno.test(`patchSignals refuses a signal named __proto__: ${JSON.stringify(signals)}`, () => {
    assertThrows(
      () => patchSignals(signals),
      EventDataError,
      "a signal must not be named __proto__",
    );
  });
}

Deno.test("patchSignals takes __proto__ as a value", () => {
  assertEquals(
    patchSignals({ a: "__proto__" }).data,
    'signals {"a":"__proto__"}',
  );
});

for (
  const [what, signals] of [
    ["a promise, whose await was forgotten", Promise.resolve({ a: 1 })],
    ["a map", new Map([["a", 1]])],
    ["a set", new Set(["a"])],
    ["an error", new Error("a")],
  ] as const
) {
  Deno.test(`patchSignals refuses ${what}, of which JSON keeps nothing`, () => {
    assertThrows(
      () => patchSignals(signals as object as Record<string, unknown>),
      EventDataError,
      "a plain object",
    );
  });
}

Deno.test("patchSignals refuses with its own error what is nested too deeply", () => {
  const depth = 200_000;
  const text = `{"constructor":1,"a":${"[".repeat(depth)}${"]".repeat(depth)}}`;
  assertThrows(() => patchSignals(text), EventDataError);
});
