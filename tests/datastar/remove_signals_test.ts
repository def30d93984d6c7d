import { assertEquals, assertThrows } from "@std/assert";
import { EventBuildError, EventDataError } from "../../mod.ts";
import { removeSignals } from "../../datastar/mod.ts";

const WRITTEN: readonly (readonly [string | string[], string])[] = [
  ["a", '{"a":null}'],
  ["a.b.c", '{"a":{"b":{"c":null}}}'],
  [["a", "b"], '{"a":null,"b":null}'],
  [["a.b", "a.c"], '{"a":{"b":null,"c":null}}'],
  [["a.b", "a"], '{"a":null}'],
  [["a", "a.b"], '{"a":null}'],
  [["a", "a"], '{"a":null}'],
  [["toString.x", "constructor"], '{"toString":{"x":null},"constructor":null}'],
  ['a"\n', '{"a\\"\\n":null}'],
];

for (const [paths, json] of WRITTEN) {
  Deno.test(`removeSignals(${JSON.stringify(paths)}) writes ${json}`, () => {
    assertEquals(removeSignals(paths).data, `signals ${json}`);
  });
}

for (const paths of ["", ".", "a.", ".a", "a..b", [], ["a", ""], [1], null]) {
  Deno.test(`removeSignals refuses ${JSON.stringify(paths)}`, () => {
    assertThrows(() => removeSignals(paths as string), EventBuildError);
  });
}

Deno.test("removeSignals reaches no prototype", () => {
  assertThrows(() => removeSignals("__proto__.polluted"), EventDataError);
  removeSignals("constructor.prototype.polluted");
  assertEquals(Object.hasOwn(Object.prototype, "polluted"), false);
});

Deno.test("removeSignals writes no onlyIfMissing, with which nothing is removed", () => {
  const options = { onlyIfMissing: true, eventId: "1" };
  assertEquals(removeSignals("a", options), {
    event: "datastar-patch-signals",
    id: "1",
    data: 'signals {"a":null}',
  });
});

Deno.test("removeSignals refuses an id with a line end", () => {
  assertThrows(() => removeSignals("a", { eventId: "\r" }), EventBuildError);
});
