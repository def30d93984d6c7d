import { oneEvent } from "./short_vector.ts";
import type { DecodeVector } from "./vector.ts";

const containsColon = "HTML 9.2.6, line contains a colon";

/** What stands behind `data:`, and the data that it gives. */
const dataValues: readonly (readonly [string, string, string])[] = [
  ["without a space is whole", "word", "word"],
  ["loses one space", " x", "x"],
  ["loses one of two spaces", "  x", " x"],
  ["loses one of five spaces", "     x", "    x"],
  ["keeps a TAB", "\tx", "\tx"],
  ["keeps a TAB behind a space", " \tx", "\tx"],
  ["keeps a space behind a TAB", "\t x", "\t x"],
  ["keeps a no-break space", "\u00A0x", "\u00A0x"],
  ["keeps an ideographic space", "\u3000x", "\u3000x"],
  ["keeps an em space", "\u2003x", "\u2003x"],
  ["keeps a zero width space", "\u200Bx", "\u200Bx"],
  ["keeps VT and FF", "\v\fx\v\f", "\v\fx\v\f"],
  ["keeps a space behind VT", "\v x", "\v x"],
  ["keeps a space behind NUL", "\u0000 x", "\u0000 x"],
  ["keeps a trailing space", "x ", "x "],
  ["keeps a trailing TAB", "x\t", "x\t"],
  ["keeps inner spaces", " a  b", "a  b"],
  ["of one space is empty", " ", ""],
  ["of two spaces is one", "  ", " "],
  ["of three spaces is two", "   ", "  "],
  ["of a TAB is kept", "\t", "\t"],
  ["of a colon is kept", ":", ":"],
  ["of a space and a colon is the colon", " :", ":"],
  ["of three colons is kept", ":::", ":::"],
  ["keeps a later colon", "a:b", "a:b"],
  ["keeps a later colon and its space", "a: b", "a: b"],
  ["keeps a colon at its start", ":x", ":x"],
  ["keeps a space behind a second colon", ": x", ": x"],
  ["keeps a colon at its end", "x:", "x:"],
  [
    "keeps a URL",
    " https://example.com:8080/a?b#c",
    "https://example.com:8080/a?b#c",
  ],
  ["of NUL is kept", "\u0000", "\u0000"],
  ["keeps NUL", "a\u0000b", "a\u0000b"],
  ["keeps control characters", "\u0001\b\u001B\u007F", "\u0001\b\u001B\u007F"],
  ["keeps quotes and backslashes", '"a\\"b\\\\', '"a\\"b\\\\'],
  ["keeps escapes of other formats", "%0A&#10;\\u000A", "%0A&#10;\\u000A"],
  ["loses a space that carries an accent", " \u0301x", "\u0301x"],
  ["starts with an accent on the colon", "\u0301x", "\u0301x"],
  ["may be a brace", " {", "{"],
];

const otherValues: readonly DecodeVector[] = [
  oneEvent(
    "field values: a type loses one of two spaces",
    containsColon,
    "event:  e\ndata:x\n\n",
    { event: " e", data: "x" },
  ),
  oneEvent(
    "field values: a type keeps a TAB and a trailing space",
    containsColon,
    "event:\te \ndata:x\n\n",
    { event: "\te ", data: "x" },
  ),
  oneEvent(
    "field values: a type keeps colons",
    containsColon,
    "event::a: b:\ndata:x\n\n",
    { event: ":a: b:", data: "x" },
  ),
  oneEvent(
    "field values: a type of two spaces is one space",
    containsColon,
    "event:  \ndata:x\n\n",
    { event: " ", data: "x" },
  ),
  oneEvent(
    "field values: an id loses one space",
    containsColon,
    "id: 1\ndata:x\n\n",
    { data: "x", id: "1" },
  ),
  oneEvent(
    "field values: an id loses one of two spaces",
    containsColon,
    "id:  1\ndata:x\n\n",
    { data: "x", id: " 1" },
  ),
  oneEvent(
    "field values: an id keeps a TAB and a trailing space",
    containsColon,
    "id:\t1 \ndata:x\n\n",
    { data: "x", id: "\t1 " },
  ),
  oneEvent(
    "field values: an id keeps colons",
    containsColon,
    "id::a: b:\ndata:x\n\n",
    { data: "x", id: ":a: b:" },
  ),
  oneEvent(
    "field values: an id of two spaces is one space",
    containsColon,
    "id:  \ndata:x\n\n",
    { data: "x", id: " " },
  ),
  oneEvent(
    "field values: every line of data loses one space of its own",
    containsColon,
    "data: a\ndata:  b\ndata:c\ndata: \n\n",
    { data: "a\n b\nc\n" },
  ),
];

/** Where a value starts, and that all of the rest belongs to it. */
export const fieldValueVectors: readonly DecodeVector[] = [
  ...dataValues.map(([title, value, data]) =>
    oneEvent(
      `field values: one ${title}`,
      containsColon,
      `data:${value}\n\n`,
      { data },
    )
  ),
  ...otherValues,
];
