import { assertEquals } from "@std/assert";
import { lastEventId } from "../../server.ts";
import { utf8 } from "../helpers/bytes.ts";

/** A request with the bytes in its header, which Fetch hands out as a code unit each. */
function requestWith(bytes: Iterable<number>, url = "http://localhost/") {
  const header = String.fromCharCode(...bytes);
  return new Request(url, { headers: { "last-event-id": header } });
}

const IDS: readonly [what: string, id: string][] = [
  ["a number", "41"],
  ["ASCII punctuation", `{"a":[1,2],"b":"c;d=\\"}`],
  ["white space inside", "a  b\tc"],
  ["a letter of Latin-1", "caf\u00e9"],
  ["what looks like UTF-8 read as Latin-1", "\u00c3\u00a9"],
  ["letters of three bytes", "日本語"],
  ["letters of four bytes", "🦕𝒳"],
  ["the last code point", "\u{10ffff}"],
  ["a no-break space at its ends", "\u00a0a\u00a0"],
  ["a byte order mark at its start", "\ufeffa"],
  ["U+FFFD", "\ufffd"],
  ["thousand characters", "é".repeat(1000)],
];

for (const [what, id] of IDS) {
  Deno.test(`lastEventId reads ${what} as it was sent`, () => {
    assertEquals(lastEventId(requestWith(utf8(id))), id);
  });
}

const INVALID_UTF8: readonly [what: string, bytes: number[], id: string][] = [
  ["a byte of Latin-1", [0x61, 0xe9, 0x62], "a\ufffdb"],
  ["a character that is cut off", [0x61, 0xe6, 0x97], "a\ufffd"],
  ["an overlong form", [0xc0, 0xaf], "\ufffd\ufffd"],
  ["a surrogate", [0xed, 0xa0, 0x80], "\ufffd\ufffd\ufffd"],
];

for (const [what, bytes, id] of INVALID_UTF8) {
  Deno.test(`lastEventId replaces ${what} in invalid UTF-8`, () => {
    assertEquals(lastEventId(requestWith(bytes)), id);
  });
}

Deno.test("lastEventId is undefined without the header", () => {
  assertEquals(lastEventId(new Request("http://localhost/")), undefined);
});

Deno.test("lastEventId is empty if the header is", () => {
  assertEquals(lastEventId(requestWith([])), "");
});

Deno.test("lastEventId does not look at the query unless it is told to", () => {
  const request = new Request("http://localhost/?last-event-id=1&query=2");
  assertEquals(lastEventId(request), undefined);
});

const QUERIES: readonly [
  what: string,
  search: string,
  id: string | undefined,
][] = [
  ["its value", "?from=41", "41"],
  ["its value among others", "?a=1&from=41&b=2", "41"],
  ["the first of two", "?from=1&from=2", "1"],
  ["percent-encoded UTF-8", "?from=%E6%97%A5%20%26", "日 &"],
  ["a plus sign as a space", "?from=a+b", "a b"],
  ["an empty value", "?from=", ""],
  ["a name without a value", "?from", ""],
  ["undefined without it", "?form=41", undefined],
  ["undefined without a query", "", undefined],
];

for (const [what, search, id] of QUERIES) {
  Deno.test(`lastEventId reads ${what} from the query parameter`, () => {
    const request = new Request(`http://localhost/${search}`);
    assertEquals(lastEventId(request, { query: "from" }), id);
  });
}

for (const id of ["1", ""]) {
  Deno.test(`lastEventId prefers the header "${id}" to the query parameter`, () => {
    const request = requestWith(utf8(id), "http://localhost/?from=2");
    assertEquals(lastEventId(request, { query: "from" }), id);
  });
}
