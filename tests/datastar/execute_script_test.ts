import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { EventBuildError } from "../../mod.ts";
import { executeScript, type ScriptAttributes } from "../../datastar/mod.ts";

/** The script element, without the data lines around it. */
function elementOf(event: ReturnType<typeof executeScript>): string {
  return (event.data ?? "").replace(
    "selector body\nmode append\nelements ",
    "",
  );
}

const NAMES = {
  "is empty": "",
  "has a space": "a b",
  "has a tab": "a\tb",
  "has a line end": "a\nb",
  "has a quote": 'a"b',
  "has an apostrophe": "a'b",
  "has <": "a<b",
  "has >": "a>b",
  "has /": "a/b",
  "has =": "a=b",
  "has NUL": "a\0b",
  "has a control character": "a\x7fb",
  "has a noncharacter": "a\ufffeb",
  "has a lone surrogate": "a\ud800b",
};

for (const [what, name] of Object.entries(NAMES)) {
  Deno.test(`executeScript refuses an attribute whose name ${what}`, () => {
    for (const value of ["1", true, false, undefined]) {
      assertThrows(
        () => executeScript("a()", { attributes: { [name]: value } }),
        EventBuildError,
      );
    }
  });
}

const VALUES: Readonly<Record<string, unknown>> = {
  "has NUL": "a\0",
  "has a lone surrogate": "\ud800",
  "is null": null,
  "is an object": {},
  "is a bigint": 1n,
};

for (const [what, value] of Object.entries(VALUES)) {
  Deno.test(`executeScript refuses an attribute whose value ${what}`, () => {
    const attributes = { "data-x": value } as ScriptAttributes;
    assertThrows(() => executeScript("a()", { attributes }), EventBuildError);
  });
}

Deno.test("executeScript refuses an attribute that is there twice, in any case", () => {
  assertThrows(
    () => executeScript("a()", { attributes: { nonce: "a", NONCE: "b" } }),
    EventBuildError,
    "an attribute must be there only once",
  );
});

Deno.test("executeScript takes attributes as a list of what stands in HTML", () => {
  const attributes = ['type="module"', "async", "data-x='\"'", "data-y=1"];
  assertEquals(
    elementOf(executeScript("a()", { attributes, autoRemove: false })),
    `<script type="module" async data-x='"' data-y=1>a()</script>`,
  );
});

for (
  const attribute of [
    'a="b" c="d"',
    'a="b"onload="c"',
    'a="b',
    "a=b c",
    "a b",
    'a="<"',
    'a="b\nc"',
    "a=",
    "",
    ">",
    'data-effect="x"',
  ]
) {
  Deno.test(`executeScript refuses ${JSON.stringify(attribute)} in a list of attributes`, () => {
    assertThrows(
      () => executeScript("a()", { attributes: [attribute] }),
      EventBuildError,
    );
  });
}

Deno.test("executeScript refuses an attribute that is in a list twice", () => {
  assertThrows(
    () => executeScript("a()", { attributes: ['nonce="a"', "NONCE=b"] }),
    EventBuildError,
    "an attribute must be there only once",
  );
});

for (const attributes of [null, 1, "async"]) {
  Deno.test(`executeScript refuses ${JSON.stringify(attributes)} as attributes`, () => {
    assertThrows(
      () =>
        executeScript("a()", {
          attributes: attributes as unknown as ScriptAttributes,
        }),
      EventBuildError,
    );
  });
}

for (const name of ["data-effect", "DATA-Effect"]) {
  Deno.test(`executeScript has ${name} for itself, unless autoRemove is false`, () => {
    const attributes = { [name]: "x" };
    assertThrows(() => executeScript("a()", { attributes }), EventBuildError);
    assertEquals(
      elementOf(executeScript("a()", { attributes, autoRemove: false })),
      `<script ${name}="x">a()</script>`,
    );
  });
}

Deno.test("executeScript refuses a script that is no text", () => {
  for (const script of [undefined, null, 1, () => {}]) {
    assertThrows(
      () => executeScript(script as unknown as string),
      EventBuildError,
      "a script must be text",
    );
  }
});

const ESCAPED: readonly (readonly [string, string])[] = [
  ["</script", "\\u003C/script"],
  ["</ScRiPt >", "\\u003C/ScRiPt >"],
  ["</script/>", "\\u003C/script/>"],
  ["<!--", "<!\\u002d-"],
  ["<<!--", "<<!\\u002d-"],
  ["</html></head></body>", "\\u003C/html>\\u003C/head>\\u003C/body>"],
  ["a < b && c<!d", "a < b && c<!d"],
  ["<\\/script>", "<\\/script>"],
  ["</p><b>", "</p><b>"],
];

for (const [script, text] of ESCAPED) {
  Deno.test(`executeScript writes ${JSON.stringify(script)} as ${JSON.stringify(text)}`, () => {
    assertEquals(
      elementOf(executeScript(script, { autoRemove: false })),
      `<script>${text}</script>`,
    );
  });
}

Deno.test("executeScript takes an empty script, as one with a src has", () => {
  assertStringIncludes(
    elementOf(executeScript("", { attributes: { src: "/a.js" } })),
    '<script src="/a.js" data-effect="el.remove()"></script>',
  );
});

for (const options of [{ eventId: "a\rb" }, { retryDuration: Infinity }]) {
  Deno.test(`executeScript refuses ${Object.keys(options)} that cannot be written`, () => {
    assertThrows(() => executeScript("a()", options), EventBuildError);
  });
}
