import { assertEquals } from "@std/assert";
import { acceptsEventStream } from "../../server.ts";

/** Of RFC 9110, section 12.5.1 unless another is named: what, header, answer. */
const CASES: readonly [what: string, accept: string, accepts: boolean][] = [
  ["the type", "text/event-stream", true],
  ["another type", "application/json", false],
  ["another subtype", "text/html", false],
  ["a type that begins like it", "text/event-streams", false],
  ["a type that ends like it", "application/text/event-stream", false],
  ["the type among others", "text/html, text/event-stream;q=0.5", true],
  ["types without it", "text/html, application/json, image/*", false],
  [
    "what a browser asks a page with",
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    true,
  ],

  ["any type", "*/*", true],
  ["any text", "text/*", true],
  ["any of another type", "image/*", false],
  ["a wildcard before a subtype, which is no range", "*/event-stream", false],
  ["an asterisk alone, which is no range", "*", false],
  ["a range behind one that is none", "*; q=.2, */*; q=0.2", true],

  ["types in another case", "Text/Event-STREAM", true],
  ["ranges in another case", "TEXT/*", true],
  ["a weight in another case", "text/event-stream;Q=0", false],

  ["the weight 0", "text/event-stream;q=0", false],
  ["the weight 0.000", "text/event-stream;q=0.000", false],
  ["the weight 0 with its point", "text/event-stream;q=0.", false],
  ["the least weight", "text/event-stream;q=0.001", true],
  ["the weight 1.000", "text/event-stream;q=1.000", true],
  ["any type with the weight 0", "*/*;q=0", false],
  ["any text with the weight 0", "text/*;q=0", false],

  ["the type before any without", "text/event-stream, */*;q=0", true],
  ["the type behind any without", "*/*;q=0, text/event-stream", true],
  ["the type before text without", "text/event-stream, text/*;q=0", true],
  ["the type behind text without", "text/*;q=0, text/event-stream", true],
  ["any but the type, last", "*/*, text/event-stream;q=0", false],
  ["any but the type, first", "text/event-stream;q=0, */*", false],
  ["any but text, last", "*/*, text/*;q=0", false],
  ["any but text, first", "text/*;q=0, */*", false],
  ["text alone, last", "*/*;q=0, text/*", true],
  ["text alone, first", "text/*, */*;q=0", true],
  ["a low weight for a specific range", "*/*, text/*;q=0.1", true],
  [
    "three ranges, the most specific in the middle",
    "*/*, text/event-stream;q=0, text/*",
    false,
  ],

  ["the one charset that it has", "text/event-stream;charset=utf-8", true],
  [
    "the charset in quotes and another case",
    'text/event-stream; Charset="UTF-8"',
    true,
  ],
  ["another charset", "text/event-stream;charset=iso-8859-1", false],
  ["a parameter that it has not", "text/event-stream;level=1", false],
  [
    "a parameter that it has not, beside any",
    "text/event-stream;level=1, */*",
    true,
  ],
  [
    "a weight before a parameter",
    "text/event-stream;q=0;charset=utf-8",
    false,
  ],
  [
    "a weight behind a parameter",
    "text/event-stream;charset=utf-8;q=0",
    false,
  ],
  [
    "the type with its charset, which is more specific",
    "text/event-stream;q=0, text/event-stream;charset=utf-8",
    true,
  ],

  ["white space (5.6.3)", " text/html ,\t text/event-stream ; q=0.1\t", true],
  ["white space before a weight (5.6.3)", "text/event-stream \t;\t q=0", false],
  ["empty parameters (5.6.6)", "text/event-stream;; ;q=0", false],
  ["an empty parameter at the end (5.6.6)", "text/event-stream;", true],
  ["empty elements (5.6.1.2)", ", ,text/event-stream,,", true],
  ["empty elements beside a refusal (5.6.1.2)", ", image/*, ", false],

  [
    "a comma in quotes (5.6.4)",
    'image/png;a="x, text/event-stream", text/html',
    false,
  ],
  [
    "a comma in quotes, and the type behind it (5.6.4)",
    'image/png;a="x, y", text/event-stream',
    true,
  ],
  [
    "a semicolon in quotes (5.6.4)",
    'text/event-stream;a="b;q=0", */*;q=0.1',
    true,
  ],
  [
    "an escaped quote (5.6.4)",
    String.raw`image/png;a="\", text/event-stream, ", text/html`,
    false,
  ],
  [
    "an escaped backslash (5.6.4)",
    String.raw`image/png;a="\\", text/event-stream`,
    true,
  ],
  ["a quote that is never closed", 'image/*;a=", text/event-stream', false],

  ["an empty header", "", true],
  // RFC 9110, section 5.6.1.2: empty elements are ignored, so it is empty too.
  ["a header of empty elements", " , ,", true],
];

for (const [what, accept, accepts] of CASES) {
  Deno.test(`acceptsEventStream is ${accepts} for ${what}: "${accept}"`, () => {
    const request = new Request("http://localhost", { headers: { accept } });
    assertEquals(acceptsEventStream(request), accepts);
  });
}

Deno.test("acceptsEventStream is true for a request without the header", () => {
  assertEquals(acceptsEventStream(new Request("http://localhost")), true);
});

for (
  const [second, accepts] of [
    ["text/event-stream;q=0", false],
    ["text/event-stream", true],
  ] as const
) {
  Deno.test(`acceptsEventStream is ${accepts} for a second header line "${second}"`, () => {
    const headers = new Headers({ accept: "text/*;q=0" });
    headers.append("accept", second);
    const request = new Request("http://localhost", { headers });
    assertEquals(acceptsEventStream(request), accepts);
  });
}
