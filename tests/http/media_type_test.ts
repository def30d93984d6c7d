import { assertEquals } from "@std/assert";
import { isEventStreamType } from "../../src/http/media_type.ts";

/** Of Fetch, "extract a MIME type", and MIME Sniffing, "parse a MIME type". */
const CASES: readonly [what: string, value: string, is: boolean][] = [
  ["the type", "text/event-stream", true],
  ["another type", "text/html", false],
  ["no type", "", false],
  ["a type that begins like it", "text/event-streams", false],
  ["a type that ends like it", "xtext/event-stream", false],
  ["the subtype alone", "event-stream", false],
  ["another case", "TEXT/Event-Stream", true],

  ["a charset", "text/event-stream;charset=utf-8", true],
  ["another charset, which has no effect", "text/event-stream;charset=a", true],
  ["parameters", 'text/event-stream; charset="utf-8"; a=b', true],
  ["an empty parameter", "text/event-stream;", true],
  ["parameters that are none", "text/event-stream;;=;a", true],
  ["a type in a parameter", "text/html;a=text/event-stream", false],

  ["white space around", " \ttext/event-stream\t ", true],
  ["white space before the semicolon", "text/event-stream ;a=b", true],
  ["white space before the slash", "text /event-stream", false],
  ["white space behind the slash", "text/ event-stream", false],
  ["white space inside", "text/event stream", false],
  ["a no-break space before it", "\u00a0text/event-stream", false],
  ["a no-break space behind it", "text/event-stream\u00a0", false],

  ["the last of two", "text/html, text/event-stream", true],
  ["the first of two", "text/event-stream, text/html", false],
  ["a type before what is none", "text/event-stream, cannot-parse", true],
  ["a type before an empty value", "text/event-stream,", true],
  ["a type behind an empty value", ",text/event-stream", true],
  ["a type before */*", "text/event-stream, */*", true],
  ["a type behind */*", "*/*, text/event-stream", true],
  ["*/* alone", "*/*", false],
  ["values of which none is a type", "a, b, /c, d/", false],

  ["a comma in quotes", 'text/event-stream;a="b, text/html"', true],
  [
    "a comma in quotes of another type",
    'text/html;a=", text/event-stream"',
    false,
  ],
  [
    "an escaped quote",
    String.raw`text/html;a="\", text/event-stream"`,
    false,
  ],
  [
    "an escaped backslash",
    String.raw`text/html;a="\\", text/event-stream`,
    true,
  ],
  ["a quote that is never closed", 'text/event-stream;a="b, text/html', true],
  ["a quote in the type", 'text/event-stream"', false],
];

for (const [what, value, is] of CASES) {
  Deno.test(`isEventStreamType is ${is} for ${what}: ${JSON.stringify(value)}`, () => {
    assertEquals(isEventStreamType(value), is);
  });
}

Deno.test("isEventStreamType is false without a header", () => {
  assertEquals(isEventStreamType(null), false);
});
