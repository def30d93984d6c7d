import { assertEquals, assertThrows } from "@std/assert";
import { EventBuildError, EventDataError } from "../../mod.ts";
import {
  htmlResponse,
  type HtmlResponseOptions,
  scriptResponse,
  signalsResponse,
} from "../../datastar/mod.ts";

/** The headers that every direct response has, and some more. */
function headersOf(own: Record<string, string>): Record<string, string> {
  return {
    "cache-control": "no-cache",
    "x-content-type-options": "nosniff",
    ...own,
  };
}

const HTML = "text/html; charset=utf-8";
const JSON_TYPE = "application/json; charset=utf-8";
const SCRIPT = "text/javascript; charset=utf-8";

/** A response, its body and its headers. */
const CASES: Readonly<
  Record<string, readonly [Response, string, Record<string, string>]>
> = {
  "htmlResponse": [
    htmlResponse("<p id=é>1</p>\r\n"),
    "<p id=é>1</p>\r\n",
    { "content-type": HTML },
  ],
  "htmlResponse with every option": [
    htmlResponse("<g></g>", {
      selector: "#a",
      mode: "append",
      namespace: "svg",
      useViewTransition: true,
    }),
    "<g></g>",
    {
      "content-type": HTML,
      "datastar-selector": "#a",
      "datastar-mode": "append",
      "datastar-namespace": "svg",
      "datastar-use-view-transition": "true",
    },
  ],
  "htmlResponse with every option at its default": [
    htmlResponse("<p id=a></p>", {
      mode: "outer",
      namespace: "html",
      useViewTransition: false,
    }),
    "<p id=a></p>",
    { "content-type": HTML },
  ],
  "htmlResponse that removes": [
    htmlResponse("", { mode: "remove", selector: "#a" }),
    "",
    {
      "content-type": HTML,
      "datastar-mode": "remove",
      "datastar-selector": "#a",
    },
  ],
  "signalsResponse of an object": [
    signalsResponse({ a: 1, b: null }),
    '{"a":1,"b":null}',
    { "content-type": JSON_TYPE },
  ],
  "signalsResponse of a text, with every option": [
    signalsResponse('{\r\n"a": 1}', { onlyIfMissing: true }),
    '{\r\n"a": 1}',
    { "content-type": JSON_TYPE, "datastar-only-if-missing": "true" },
  ],
  "scriptResponse": [
    scriptResponse("a('</script>')"),
    "a('</script>')",
    { "content-type": SCRIPT },
  ],
  "scriptResponse with attributes": [
    scriptResponse("a()", {
      attributes: {
        type: "module",
        async: true,
        defer: false,
        nonce: undefined,
        "data-n": 7,
        "data-é": "🦊\n",
      },
    }),
    "a()",
    {
      "content-type": SCRIPT,
      "datastar-script-attributes":
        '{"type":"module","async":"","data-n":"7","data-\\u00e9":"\\ud83e\\udd8a\\n"}',
    },
  ],
  "scriptResponse with attributes that are all off": [
    scriptResponse("a()", { attributes: { async: false } }),
    "a()",
    { "content-type": SCRIPT },
  ],
};

for (const [name, [response, body, headers]] of Object.entries(CASES)) {
  Deno.test(`${name} has its headers and its body`, async () => {
    assertEquals(response.status, 200);
    assertEquals(
      Object.fromEntries(response.headers),
      headersOf(headers),
    );
    assertEquals(await response.text(), body);
  });
}

/** What a selector is as ASCII, by the rules of CSS escapes. */
const SELECTORS: readonly (readonly [string, string])[] = [
  ["#a > b", "#a > b"],
  ["#é", "#\\e9"],
  ["#éa", "#\\e9 a"],
  ["#🦊é", "#\\1f98a \\e9"],
  ['[title="é"]', '[title="\\e9 "]'],
  // An escaped letter is that letter: the backslash must not become one of the id.
  ["#\\é", "#\\e9"],
  ["#\\\\é", "#\\\\\\e9"],
  ["#\\e9é", "#\\e9\\e9"],
];

for (const [selector, ascii] of SELECTORS) {
  Deno.test(`htmlResponse writes the selector ${selector} in ASCII`, () => {
    const { headers } = htmlResponse("<p></p>", { selector });
    assertEquals(headers.get("datastar-selector"), ascii);
  });
}

const REFUSED: Readonly<Record<string, Record<string, unknown>>> = {
  "a mode without its selector": { mode: "inner" },
  "a selector with a line end": { selector: "#a\r\nset-cookie: a=b" },
  "an empty selector": { selector: "" },
  "an unknown mode": { mode: "x", selector: "#a" },
  "an unknown namespace": { namespace: "x" },
};

for (const [what, options] of Object.entries(REFUSED)) {
  Deno.test(`htmlResponse refuses ${what}`, () => {
    assertThrows(
      () => htmlResponse("<p></p>", options as HtmlResponseOptions),
      EventBuildError,
    );
  });
}

Deno.test("htmlResponse refuses to be without element and selector", () => {
  assertThrows(() => htmlResponse(""), EventBuildError);
});

for (const signals of ["[1]", "{", [1]]) {
  Deno.test(`signalsResponse refuses ${JSON.stringify(signals)}`, () => {
    assertThrows(() => signalsResponse(signals as string), EventDataError);
  });
}

for (const name of ["a b", "a=", "", "a\n"]) {
  Deno.test(`scriptResponse refuses the attribute ${JSON.stringify(name)}`, () => {
    assertThrows(
      () => scriptResponse("a()", { attributes: { [name]: "" } }),
      EventBuildError,
    );
  });
}

/** The three, each with headers of the caller. */
const WITH_HEADERS = {
  htmlResponse: (headers: HeadersInit) => htmlResponse("<p id=a>", { headers }),
  signalsResponse: (headers: HeadersInit) => signalsResponse({}, { headers }),
  scriptResponse: (headers: HeadersInit) => scriptResponse("", { headers }),
};

for (const [name, make] of Object.entries(WITH_HEADERS)) {
  Deno.test(`${name} adds headers, and lets those of the caller win`, () => {
    const { headers } = make([
      ["Cache-Control", "no-store"],
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
    ]);
    assertEquals(headers.get("cache-control"), "no-store");
    assertEquals(headers.getSetCookie(), ["a=1", "b=2"]);
    assertEquals(headers.get("x-content-type-options"), "nosniff");
  });

  Deno.test(`${name} refuses a header with a line end`, () => {
    assertThrows(() => make({ a: "b\nc" }), TypeError);
  });
}
