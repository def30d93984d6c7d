import { noEvent, oneEvent } from "./short_vector.ts";
import type { DecodeVector } from "./vector.ts";

type LineEnd = "CR" | "LF" | "CR LF";

const characters: Readonly<Record<LineEnd, string>> = {
  "CR": "\r",
  "LF": "\n",
  "CR LF": "\r\n",
};

const lineEnds: readonly LineEnd[] = ["CR", "LF", "CR LF"];

/** How many lines end when the second follows the first directly. */
const pairs: readonly (readonly [LineEnd, LineEnd, 1 | 2])[] = [
  ["CR", "CR", 2],
  ["CR", "LF", 1], // the characters of one CR LF
  ["CR", "CR LF", 2],
  ["LF", "CR", 2],
  ["LF", "LF", 2],
  ["LF", "CR LF", 2],
  ["CR LF", "CR", 2],
  ["CR LF", "LF", 2],
  ["CR LF", "CR LF", 2],
];

const waysToEnd = "HTML 9.2.6, the ways in which a line can end";

/** Two data lines with a pair between them: one event or two. */
const pairsBetweenLines = pairs.map(([first, second, ends]): DecodeVector => {
  const input = `data:x${characters[first]}${characters[second]}data:y\n\n`;
  return ends === 1
    ? oneEvent(
      `line ends: ${first} then ${second} between lines is one line end`,
      waysToEnd,
      input,
      { data: "x\ny" },
    )
    : {
      name: `line ends: ${first} then ${second} between lines is a blank line`,
      clause: waysToEnd,
      input,
      dispatch: [
        { data: "x", lastEventId: "" },
        { data: "y", lastEventId: "" },
      ],
      wire: [{ data: "x" }, { data: "y" }],
      lastEventId: "",
    };
});

/** A pair at the end of the stream, where no further byte can decide. */
const pairsAtTheEnd = pairs.map(([first, second, ends]): DecodeVector => {
  const input = `data:x${characters[first]}${characters[second]}`;
  return ends === 1
    ? noEvent(
      `line ends: ${first} then ${second} at the end is no blank line`,
      waysToEnd,
      input,
    )
    : oneEvent(
      `line ends: ${first} then ${second} at the end dispatches`,
      waysToEnd,
      input,
      { data: "x" },
    );
});

/**
 * Three in a row are two blank lines, of which the second adds nothing. Where
 * a CR stands before an LF the two are one line end, and with the third they
 * are a pair above.
 */
const triplesInARow = ([
  ["CR", "CR", "CR"],
  ["CR", "CR", "CR LF"],
  ["CR", "CR LF", "CR"],
  ["CR", "CR LF", "LF"],
  ["CR", "CR LF", "CR LF"],
  ["LF", "CR", "CR"],
  ["LF", "CR", "CR LF"],
  ["LF", "LF", "CR"],
  ["LF", "LF", "LF"],
  ["LF", "LF", "CR LF"],
  ["LF", "CR LF", "CR"],
  ["LF", "CR LF", "LF"],
  ["LF", "CR LF", "CR LF"],
  ["CR LF", "CR", "CR"],
  ["CR LF", "CR", "CR LF"],
  ["CR LF", "LF", "CR"],
  ["CR LF", "LF", "LF"],
  ["CR LF", "LF", "CR LF"],
  ["CR LF", "CR LF", "CR"],
  ["CR LF", "CR LF", "LF"],
  ["CR LF", "CR LF", "CR LF"],
] as const).map(([first, second, third]): DecodeVector => ({
  name: `line ends: ${first}, ${second}, ${third} in a row are two blank lines`,
  clause: waysToEnd,
  input: "data:x" + characters[first] + characters[second] +
    characters[third] + "data:y\n\n",
  dispatch: [
    { data: "x", lastEventId: "" },
    { data: "y", lastEventId: "" },
  ],
  wire: [{ data: "x" }, { data: "y" }],
  lastEventId: "",
}));

/** A line end behind a field, then a pair behind the next one. */
const triplesAroundAField = lineEnds.flatMap((before) =>
  pairs.map(([first, second, ends]): DecodeVector => {
    const input = "data:x" + characters[before] + "data:y" +
      characters[first] + characters[second] + "data:z\n\n";
    const name = `line ends: ${before}, a field, ${first}, ${second}`;
    return ends === 1
      ? oneEvent(`${name} is no blank line`, waysToEnd, input, {
        data: "x\ny\nz",
      })
      : {
        name: `${name} is a blank line`,
        clause: waysToEnd,
        input,
        dispatch: [
          { data: "x\ny", lastEventId: "" },
          { data: "z", lastEventId: "" },
        ],
        wire: [{ data: "x\ny" }, { data: "z" }],
        lastEventId: "",
      };
  })
);

/** Every kind of line, ended in one way; no value may keep a part of it. */
const everyKindOfLine = lineEnds.map((lineEnd): DecodeVector => ({
  name: `line ends: ${lineEnd} ends every kind of line`,
  clause: "HTML 9.2.5, end-of-line",
  input: [":c", "event:e", "id:1", "retry:5", "data:x", "data", "", ""].join(
    characters[lineEnd],
  ),
  dispatch: [
    { event: "e", data: "x\n", id: "1", retry: 5, lastEventId: "1" },
  ],
  wire: [{ event: "e", data: "x\n", id: "1", retry: 5, comments: ["c"] }],
  lastEventId: "1",
  reconnectionTime: 5,
}));

const leadingBlankLines = lineEnds.map((lineEnd) =>
  oneEvent(
    `line ends: ${lineEnd} first in the stream is a blank line`,
    "HTML 9.2.6, line is empty",
    `${characters[lineEnd]}data:x\n\n`,
    { data: "x" },
  )
);

const notLineEnds = ([
  ["a TAB", "\t"],
  ["VT", "\v"],
  ["FF", "\f"],
  ["NUL", "\u0000"],
  ["U+001C FILE SEPARATOR", "\u001C"],
  ["U+001D GROUP SEPARATOR", "\u001D"],
  ["U+001E RECORD SEPARATOR", "\u001E"],
  ["U+0085 NEXT LINE", "\u0085"],
  ["U+010A, whose low byte is LF", "\u010A"],
  ["U+010D, whose low byte is CR", "\u010D"],
  ["U+2028 LINE SEPARATOR", "\u2028"],
  ["U+2029 PARAGRAPH SEPARATOR", "\u2029"],
  ["U+240A SYMBOL FOR LINE FEED", "\u240A"],
  ["backslash n", "\\n"],
  ["backslash r", "\\r"],
] as const).map(([title, text]) =>
  oneEvent(
    `line ends: ${title} ends no line`,
    waysToEnd,
    `data:a${text}${text}data:b\n\n`,
    { data: `a${text}${text}data:b` },
  )
);

const notBlankLines = ([
  ["a space", " "],
  ["a TAB", "\t"],
  ["VT", "\v"],
  ["FF", "\f"],
  ["NUL", "\u0000"],
  ["U+0085", "\u0085"],
  ["U+00A0", "\u00A0"],
  ["U+2028", "\u2028"],
] as const).map(([title, text]) =>
  oneEvent(
    `line ends: a line of only ${title} is not blank`,
    "HTML 9.2.6, line is empty",
    `data:x\n${text}\ndata:y\n\n`,
    { data: "x\ny" },
  )
);

/** How lines end, how they do not, and where the blank ones are. */
export const lineEndVectors: readonly DecodeVector[] = [
  ...pairsBetweenLines,
  ...pairsAtTheEnd,
  ...triplesInARow,
  ...triplesAroundAField,
  ...everyKindOfLine,
  ...leadingBlankLines,
  ...notLineEnds,
  ...notBlankLines,
  noEvent(
    "line ends: a stream of blank lines gives nothing",
    "HTML 9.2.6, dispatch step 2",
    "\r\n\r\r\n\n\n\r",
  ),
  {
    name: "line ends: more blank lines between events add nothing",
    clause: "HTML 9.2.6, dispatch step 2",
    input: "data:x\n\n\n\n\r\n\r\n\r\rdata:y\r\n\r\n\n",
    dispatch: [{ data: "x", lastEventId: "" }, { data: "y", lastEventId: "" }],
    wire: [{ data: "x" }, { data: "y" }],
    lastEventId: "",
  },
  {
    name: "line ends: LF CR is two line ends each time",
    clause: waysToEnd,
    input: "data:x\n\rdata:y\n\rdata:z\n\r",
    dispatch: [
      { data: "x", lastEventId: "" },
      { data: "y", lastEventId: "" },
      { data: "z", lastEventId: "" },
    ],
    wire: [{ data: "x" }, { data: "y" }, { data: "z" }],
    lastEventId: "",
  },
];
