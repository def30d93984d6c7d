import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { EventBuildError, EventDataError } from "../../mod.ts";
import { dispatchCustomEvent } from "../../datastar/mod.ts";

for (const name of ["", undefined, 1]) {
  Deno.test(`dispatchCustomEvent refuses the name ${JSON.stringify(name)}`, () => {
    assertThrows(() => dispatchCustomEvent(name as string), EventBuildError);
  });
}

const LOST: Readonly<Record<string, unknown>> = {
  "a function": () => {},
  "a symbol": Symbol("s"),
  "a bigint": 1n,
  "NaN": NaN,
};

for (const [what, detail] of Object.entries(LOST)) {
  Deno.test(`dispatchCustomEvent refuses a detail that JSON cannot hold: ${what}`, () => {
    assertThrows(() => dispatchCustomEvent("a", detail), EventDataError);
  });
}

Deno.test("dispatchCustomEvent has the detail null unless one is given", () => {
  assertStringIncludes(
    dispatchCustomEvent("a").data ?? "",
    'new CustomEvent("a", {"bubbles":true,"cancelable":true,"composed":true,"detail":null})',
  );
});

Deno.test("dispatchCustomEvent dispatches at every element of a selector", () => {
  const { data = "" } = dispatchCustomEvent("a", null, {
    selector: 'a[b="c"]',
  });
  assertStringIncludes(
    data,
    'for (const target of document.querySelectorAll("a[b=\\"c\\"]")) target.dispatchEvent(',
  );
});

Deno.test("dispatchCustomEvent passes its options on", () => {
  const event = dispatchCustomEvent("a", 1, { eventId: "e", retryDuration: 5 });
  assertEquals([event.id, event.retry], ["e", 5]);
});

Deno.test("dispatchCustomEvent refuses a detail that would set a prototype in the page", () => {
  const detail = JSON.parse('{"a":{"__proto__":{"isAdmin":true}}}');
  assertThrows(
    () => dispatchCustomEvent("x", detail),
    EventDataError,
    "__proto__",
  );
});
