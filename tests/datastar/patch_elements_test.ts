import { assertEquals, assertThrows } from "@std/assert";
import { EventBuildError, formatEvent } from "../../mod.ts";
import {
  type ElementNamespace,
  type ElementPatchMode,
  patchElements,
  type PatchElementsOptions,
} from "../../datastar/mod.ts";

const HTML = "<p id=a></p>";

/** Options that the types refuse, too, as programs without types pass them. */
function untyped(options: Record<string, unknown>): PatchElementsOptions {
  return options as PatchElementsOptions;
}

for (
  const mode of ["inner", "prepend", "append", "before", "after", "remove"]
) {
  Deno.test(`patchElements refuses mode ${mode} without a selector`, () => {
    const error = assertThrows(
      () => patchElements(HTML, untyped({ mode })),
      EventBuildError,
      `mode ${mode} must have a selector`,
    );
    assertEquals(error.field, "data");
  });
}

const REFUSED: Readonly<Record<string, Record<string, unknown>>> = {
  "a selector with LF": { selector: "#a\nmode remove" },
  "a selector with CR": { selector: "#a\rmode remove" },
  "a selector with CR LF": { selector: "#a\r\nmode remove" },
  "an empty selector": { selector: "" },
  "a selector of spaces": { selector: " \t" },
  "a selector with a lone surrogate": { selector: "#\ud800" },
  "a selector that is no text": { selector: 1 },
  "a selector that is null": { selector: null },
  "a viewTransitionSelector with LF": {
    useViewTransition: true,
    viewTransitionSelector: "#m\nselector #evil",
  },
  "a viewTransitionSelector with CR": {
    useViewTransition: true,
    viewTransitionSelector: "#m\rselector #evil",
  },
  "an empty viewTransitionSelector": {
    useViewTransition: true,
    viewTransitionSelector: "",
  },
  "a useViewTransition that is no boolean": { useViewTransition: "true" },
  "an unknown mode": { mode: "morph", selector: "#a" },
  "a mode in capitals": { mode: "OUTER" },
  "a mode with a line end": { mode: "inner\nselector #evil", selector: "#a" },
  "a mode of Object.prototype": { mode: "constructor", selector: "#a" },
  "an unknown namespace": { namespace: "xml" },
  "a namespace with a line end": { namespace: "svg\nelements <i></i>" },
  "an id with LF": { eventId: "1\ndata: x" },
  "an id with CR": { eventId: "1\rdata: x" },
  "an id with NUL": { eventId: "1\0" },
  "an id with a lone surrogate": { eventId: "\udc00" },
  "a retryDuration below 0": { retryDuration: -1 },
  "a retryDuration that is no integer": { retryDuration: 1.5 },
  "a retryDuration that is NaN": { retryDuration: NaN },
  "a retryDuration that is text": { retryDuration: "1\ndata: x" },
  "a retryDuration that is too large": { retryDuration: 2 ** 53 },
};

for (const [what, options] of Object.entries(REFUSED)) {
  Deno.test(`patchElements refuses ${what}`, () => {
    assertThrows(
      () => patchElements(HTML, untyped(options)),
      EventBuildError,
      "Cannot write event: ",
    );
  });
}

for (const elements of ["", " \n\t"]) {
  Deno.test(`patchElements refuses ${JSON.stringify(elements)} without a selector`, () => {
    assertThrows(() => patchElements(elements), EventBuildError);
    assertThrows(
      () => patchElements(elements, { mode: "replace" }),
      EventBuildError,
    );
  });
}

Deno.test("patchElements refuses elements that are no text", () => {
  assertThrows(
    () => patchElements(Object("<p id=a></p>") as string),
    EventBuildError,
    "elements must be text",
  );
});

Deno.test("patchElements says the option, the reason and the value", () => {
  const error = assertThrows(
    () => patchElements(HTML, { selector: "#a\nmode remove" }),
    EventBuildError,
    'Cannot write event: selector must not contain a line end, got "#a\\nmode remove"',
  );
  assertEquals(error.value, "#a\nmode remove");
});

Deno.test("patchElements keeps elements in mode remove, where there are some", () => {
  const { data } = patchElements(HTML, { selector: "#a", mode: "remove" });
  assertEquals(data, `selector #a\nmode remove\nelements ${HTML}`);
});

Deno.test("patchElements never writes a data line without a value", () => {
  for (const elements of ["\n", "\r\n<p></p>", "<p>\n\n</p>\n"]) {
    const text = formatEvent(patchElements(elements, { selector: "#a" }));
    assertEquals(/^data: ?$/m.test(text), false, text);
    assertEquals(/^data: elements$/m.test(text), false, text);
  }
});

Deno.test("patchElements does not change its options", () => {
  const options = Object.freeze({ selector: "#a", eventId: "1" });
  patchElements(HTML, options);
  assertEquals(options, { selector: "#a", eventId: "1" });
});

Deno.test("patchElements takes every mode and namespace that Datastar knows", () => {
  const modes: ElementPatchMode[] = [
    "outer",
    "inner",
    "replace",
    "prepend",
    "append",
    "before",
    "after",
    "remove",
  ];
  const namespaces: ElementNamespace[] = ["html", "svg", "mathml"];
  for (const mode of modes) {
    for (const namespace of namespaces) {
      const options = untyped({ mode, namespace, selector: "#a" });
      const lines = patchElements(HTML, options).data?.split("\n");
      assertEquals(lines, [
        "selector #a",
        ...(mode === "outer" ? [] : [`mode ${mode}`]),
        ...(namespace === "html" ? [] : [`namespace ${namespace}`]),
        `elements ${HTML}`,
      ]);
    }
  }
});
