import { noEvent, oneEvent } from "./short_vector.ts";
import { bytes, type DecodeVector } from "./vector.ts";

type Bytes = readonly (string | number)[];

/** Stands for `U+FFFD`, once for each ill-formed sequence. */
const bad = (count: number) => "\uFFFD".repeat(count);

const decoder = "Encoding, UTF-8 decoder";

const wellFormed: readonly (readonly [string, Bytes, string])[] = [
  ["U+007F, the last of one byte", [0x7F], "\u007F"],
  ["U+0080, the first of two bytes", [0xC2, 0x80], "\u0080"],
  ["U+07FF, the last of two bytes", [0xDF, 0xBF], "\u07FF"],
  ["U+0800, the first of three bytes", [0xE0, 0xA0, 0x80], "\u0800"],
  ["U+0FFF, the last behind E0", [0xE0, 0xBF, 0xBF], "\u0FFF"],
  ["U+1000, the first behind E1", [0xE1, 0x80, 0x80], "\u1000"],
  ["U+CFFF, the last behind EC", [0xEC, 0xBF, 0xBF], "\uCFFF"],
  ["U+D7FF, the last before the surrogates", [0xED, 0x9F, 0xBF], "\uD7FF"],
  ["U+E000, the first behind the surrogates", [0xEE, 0x80, 0x80], "\uE000"],
  ["U+FDD0, a noncharacter", [0xEF, 0xB7, 0x90], "\uFDD0"],
  ["U+FEFF, here no BOM", ["a", 0xEF, 0xBB, 0xBF, "b"], "a\uFEFFb"],
  ["U+FFFD itself", [0xEF, 0xBF, 0xBD], "\uFFFD"],
  ["U+FFFE, a noncharacter", [0xEF, 0xBF, 0xBE], "\uFFFE"],
  ["U+FFFF, the last of three bytes", [0xEF, 0xBF, 0xBF], "\uFFFF"],
  ["U+10000, the first of four bytes", [0xF0, 0x90, 0x80, 0x80], "\u{10000}"],
  ["U+3FFFF, the last behind F0", [0xF0, 0xBF, 0xBF, 0xBF], "\u{3FFFF}"],
  ["U+40000, the first behind F1", [0xF1, 0x80, 0x80, 0x80], "\u{40000}"],
  ["U+FFFFF, the last behind F3", [0xF3, 0xBF, 0xBF, 0xBF], "\u{FFFFF}"],
  ["U+100000, the first behind F4", [0xF4, 0x80, 0x80, 0x80], "\u{100000}"],
  ["U+10FFFF, the last of all", [0xF4, 0x8F, 0xBF, 0xBF], "\u{10FFFF}"],
  [
    "a line of one to four bytes a character",
    ["$", 0xC2, 0xA3, 0xE2, 0x82, 0xAC, 0xF0, 0x9F, 0xA6, 0x95],
    "$\u00A3\u20AC\u{1F995}",
  ],
  ["text that is not normalized", ["e", 0xCC, 0x81], "e\u0301"],
];

const overlong: readonly (readonly [string, Bytes, string])[] = [
  ["NUL in two bytes", [0xC0, 0x80], bad(2)],
  ["LF in two bytes, which ends no line", [0xC0, 0x8A, "x"], bad(2) + "x"],
  ["CR in two bytes, which ends no line", [0xC0, 0x8D, "x"], bad(2) + "x"],
  ["a space in two bytes, which is kept", [0xC0, 0xA0, "x"], bad(2) + "x"],
  ["U+007F in two bytes", [0xC1, 0xBF], bad(2)],
  ["a slash in three bytes", [0xE0, 0x80, 0xAF], bad(3)],
  ["U+07FF in three bytes", [0xE0, 0x9F, 0xBF], bad(3)],
  ["LF in four bytes", [0xF0, 0x80, 0x80, 0x8A], bad(4)],
  ["U+FFFF in four bytes", [0xF0, 0x8F, 0xBF, 0xBF], bad(4)],
  ["a slash in five bytes", [0xF8, 0x80, 0x80, 0x80, 0xAF], bad(5)],
  ["a slash in six bytes", [0xFC, 0x80, 0x80, 0x80, 0x80, 0xAF], bad(6)],
];

const outOfRange: readonly (readonly [string, Bytes, string])[] = [
  ["U+D800, the first surrogate", [0xED, 0xA0, 0x80], bad(3)],
  ["U+DBFF, the last leading surrogate", [0xED, 0xAF, 0xBF], bad(3)],
  ["U+DC00, the first trailing surrogate", [0xED, 0xB0, 0x80], bad(3)],
  ["U+DFFF, the last surrogate", [0xED, 0xBF, 0xBF], bad(3)],
  [
    "a surrogate pair, which does not join",
    [0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80],
    bad(6),
  ],
  ["U+110000, F4 90", [0xF4, 0x90, 0x80, 0x80], bad(4)],
  ["U+13FFFF, F4 BF", [0xF4, 0xBF, 0xBF, 0xBF], bad(4)],
  ["U+140000, F5", [0xF5, 0x80, 0x80, 0x80], bad(4)],
  ["U+1FFFFF, F7", [0xF7, 0xBF, 0xBF, 0xBF], bad(4)],
  ["U+200000, five bytes", [0xF8, 0x88, 0x80, 0x80, 0x80], bad(5)],
  ["U+3FFFFFF, five bytes", [0xFB, 0xBF, 0xBF, 0xBF, 0xBF], bad(5)],
  ["U+4000000, six bytes", [0xFC, 0x84, 0x80, 0x80, 0x80, 0x80], bad(6)],
  ["U+7FFFFFFF, six bytes", [0xFD, 0xBF, 0xBF, 0xBF, 0xBF, 0xBF], bad(6)],
  ["FE", ["a", 0xFE, "b"], `a${bad(1)}b`],
  ["FF", ["a", 0xFF, "b"], `a${bad(1)}b`],
  ["FE FF", [0xFE, 0xFF], bad(2)],
  ["FF FF FF FF", [0xFF, 0xFF, 0xFF, 0xFF], bad(4)],
];

const continuation: readonly (readonly [string, Bytes, string])[] = [
  ["80 alone", ["a", 0x80, "b"], `a${bad(1)}b`],
  ["BF alone", ["a", 0xBF, "b"], `a${bad(1)}b`],
  ["four in a row", [0x80, 0x81, 0x82, 0x83], bad(4)],
  ["one more than two bytes need", [0xC3, 0xA9, 0xA9], `\u00E9${bad(1)}`],
  ["one more than three need", [0xE2, 0x82, 0xAC, 0x82], `\u20AC${bad(1)}`],
  [
    "one more than four need",
    [0xF0, 0x9F, 0xA6, 0x95, 0x95],
    `\u{1F995}${bad(1)}`,
  ],
];

const truncated: readonly (readonly [string, Bytes, string])[] = [
  ["C3 before ASCII", [0xC3, "("], `${bad(1)}(`],
  ["E2 before ASCII", [0xE2, "(", 0xA1], `${bad(1)}(${bad(1)}`],
  ["E2 82 before ASCII", [0xE2, 0x82, "("], `${bad(1)}(`],
  ["F0 before ASCII", [0xF0, "("], `${bad(1)}(`],
  ["F0 9F before ASCII", [0xF0, 0x9F, "("], `${bad(1)}(`],
  ["F0 9F 98 before ASCII", [0xF0, 0x9F, 0x98, "("], `${bad(1)}(`],
  ["F0 ( 8C (", [0xF0, "(", 0x8C, "("], `${bad(1)}(${bad(1)}(`],
  ["C3 before a two-byte character", [0xC3, 0xC3, 0xA9], `${bad(1)}\u00E9`],
  [
    "E2 82 before a three-byte character",
    [0xE2, 0x82, 0xE2, 0x82, 0xAC],
    `${bad(1)}\u20AC`,
  ],
  [
    "F0 9F 98 before a two-byte character",
    [0xF0, 0x9F, 0x98, 0xC3, 0xA9],
    `${bad(1)}\u00E9`,
  ],
  [
    "E2 82 before a four-byte character",
    [0xE2, 0x82, 0xF0, 0x9F, 0x98, 0x80],
    `${bad(1)}\u{1F600}`,
  ],
  ["E0 80, where 80 starts anew", [0xE0, 0x80, "x"], bad(2) + "x"],
  ["E0 A0, which could go on", [0xE0, 0xA0, "x"], bad(1) + "x"],
  ["ED A0, where A0 starts anew", [0xED, 0xA0, "x"], bad(2) + "x"],
  ["ED 9F, which could go on", [0xED, 0x9F, "x"], bad(1) + "x"],
  ["F0 8F, where 8F starts anew", [0xF0, 0x8F, "x"], bad(2) + "x"],
  ["F0 90 80, which could go on", [0xF0, 0x90, 0x80, "x"], bad(1) + "x"],
  ["F4 90, where 90 starts anew", [0xF4, 0x90, "x"], bad(2) + "x"],
  ["F4 8F BF, which could go on", [0xF4, 0x8F, 0xBF, "x"], bad(1) + "x"],
  ["C2 before FF", [0xC2, 0xFF, "x"], bad(2) + "x"],
  ["E1 80 before C0", [0xE1, 0x80, 0xC0, "x"], bad(2) + "x"],
];

/** The examples of the Unicode Standard, section 3.9. */
const unicodeTables: readonly (readonly [string, Bytes, string])[] = [
  [
    "non-shortest forms, Unicode table 3-8",
    [0xC0, 0xAF, 0xE0, 0x80, 0xBF, 0xF0, 0x81, 0x82, "A"],
    bad(8) + "A",
  ],
  [
    "surrogates, Unicode table 3-9",
    [0xED, 0xA0, 0x80, 0xED, 0xBF, 0xBF, 0xED, 0xAF, "A"],
    bad(8) + "A",
  ],
  [
    "other ill-formed sequences, Unicode table 3-10",
    [0xF4, 0x91, 0x92, 0x93, 0xFF, "A", 0x80, 0xBF, "B"],
    `${bad(5)}A${bad(2)}B`,
  ],
  [
    "truncated sequences, Unicode table 3-11",
    [0xE1, 0x80, 0xE2, 0xF0, 0x91, 0x92, 0xF1, 0xBF, "A"],
    bad(4) + "A",
  ],
];

const inData = (
  theme: string,
  clause: string,
  rows: readonly (readonly [string, Bytes, string])[],
): readonly DecodeVector[] =>
  rows.map(([title, value, data]) =>
    oneEvent(
      `utf8: ${theme}, ${title}`,
      clause,
      bytes("data:", ...value, "\n\n"),
      { data },
    )
  );

/** A sequence that a line end cuts: the line end still counts. */
const truncatedAtALineEnd = ([
  ["C2", [0xC2]],
  ["E1", [0xE1]],
  ["E1 80", [0xE1, 0x80]],
  ["F1", [0xF1]],
  ["F1 80", [0xF1, 0x80]],
  ["F1 80 80", [0xF1, 0x80, 0x80]],
] as const).flatMap(([title, start]) =>
  ([["LF", "\n"], ["CR", "\r"], ["CR LF", "\r\n"]] as const).map((
    [lineEnd, end],
  ) =>
    oneEvent(
      `utf8: ${title} does not swallow a ${lineEnd}`,
      `${decoder} step 4`,
      bytes("data:x", ...start, end, "data:y", end, end),
      { data: `x${bad(1)}\ny` },
    )
  )
);

const truncatedAtTheEnd = ([
  ["C2", [0xC2]],
  ["E1 80", [0xE1, 0x80]],
  ["F1 80 80", [0xF1, 0x80, 0x80]],
] as const).flatMap(([title, start]) => [
  oneEvent(
    `utf8: ${title} behind the last event gives nothing`,
    `${decoder} step 1`,
    bytes("data:x\n\n", ...start),
    { data: "x" },
  ),
  noEvent(
    `utf8: ${title} behind a finished line does not finish its event`,
    `${decoder} step 1`,
    bytes("data:x\n", ...start),
  ),
]);

const elsewhere: readonly DecodeVector[] = [
  oneEvent(
    "utf8: a character cut by a line end is ill-formed on both lines",
    `${decoder} step 4`,
    bytes("data:", 0xE2, "\ndata:", 0x82, 0xAC, "\n\n"),
    { data: `${bad(1)}\n${bad(2)}` },
  ),
  oneEvent(
    "utf8: an ill-formed line is not blank",
    "HTML 9.2.6, line is empty",
    bytes("data:x\n", 0x80, "\ndata:y\n\n"),
    { data: "x\ny" },
  ),
  oneEvent(
    "utf8: a truncated sequence before the colon spoils the name",
    "HTML 9.2.6, field names compared literally",
    bytes("data", 0xC3, ":x\ndata:ok\n\n"),
    { data: "ok" },
  ),
  oneEvent(
    "utf8: an ill-formed byte before a name spoils it",
    "HTML 9.2.6, field names compared literally",
    bytes(0xFF, "data:x\ndata:ok\n\n"),
    { data: "ok" },
  ),
  oneEvent(
    "utf8: an overlong letter does not spell a name",
    "HTML 9.2.6, field names compared literally",
    bytes("d", 0xC1, 0xA1, "ta:x\ndata:ok\n\n"),
    { data: "ok" },
  ),
  oneEvent(
    "utf8: an overlong colon is no colon",
    "HTML 9.2.6, line does not contain a colon",
    bytes("data", 0xC0, 0xBA, "x\ndata:ok\n\n"),
    { data: "ok" },
  ),
  oneEvent(
    "utf8: a space behind an ill-formed byte is kept",
    "HTML 9.2.6, line contains a colon",
    bytes("data:", 0xC3, " x\n\n"),
    { data: `${bad(1)} x` },
  ),
  oneEvent(
    "utf8: the space before an ill-formed byte is removed",
    "HTML 9.2.6, line contains a colon",
    bytes("data: ", 0xC3, "x\n\n"),
    { data: `${bad(1)}x` },
  ),
  oneEvent(
    "utf8: a type is decoded in the same way",
    `${decoder} step 4`,
    bytes("event:", 0xE2, 0x82, "e", 0xC3, 0xA9, "\ndata:x\n\n"),
    { event: `${bad(1)}e\u00E9`, data: "x" },
  ),
  oneEvent(
    "utf8: an id is decoded in the same way",
    `${decoder} step 4`,
    bytes("id:", 0xFF, 0xC3, 0xA9, "\ndata:x\n\n"),
    { data: "x", id: `${bad(1)}\u00E9` },
  ),
  oneEvent(
    "utf8: an overlong NUL in an id is no NUL",
    "HTML 9.2.6, field name is id",
    bytes("id:1", 0xC0, 0x80, "\ndata:x\n\n"),
    { data: "x", id: `1${bad(2)}` },
  ),
  oneEvent(
    "utf8: an overlong digit in a retry is no digit",
    "HTML 9.2.6, field name is retry",
    bytes("retry:1", 0xC0, 0xB0, "\ndata:x\n\n"),
    { data: "x" },
  ),
  oneEvent(
    "utf8: an ill-formed byte behind a retry is no digit",
    "HTML 9.2.6, field name is retry",
    bytes("retry:10", 0x80, "\ndata:x\n\n"),
    { data: "x" },
  ),
  {
    name: "utf8: a comment is decoded in the same way",
    clause: `${decoder} step 4`,
    input: bytes(": ", 0xF0, 0x9F, "c", 0xC3, 0xA9, "\n\n"),
    dispatch: [],
    wire: [{ comments: [`${bad(1)}c\u00E9`] }],
    lastEventId: "",
  },
];

/** UTF-8 with replacement: one `U+FFFD` for each maximal subpart. */
export const utf8Vectors: readonly DecodeVector[] = [
  ...inData("well-formed", decoder, wellFormed),
  ...inData("overlong", `${decoder} steps 3 and 4`, overlong),
  ...inData("out of range", `${decoder} steps 3 and 4`, outOfRange),
  ...inData("continuation bytes", `${decoder} step 3`, continuation),
  ...inData("truncated", `${decoder} step 4`, truncated),
  ...inData("examples", decoder, unicodeTables),
  ...truncatedAtALineEnd,
  ...truncatedAtTheEnd,
  ...elsewhere,
];
