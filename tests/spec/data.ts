import { noEvent, oneEvent } from "./short_vector.ts";
import type { DecodeVector } from "./vector.ts";

const append = "HTML 9.2.6, field name is data";
const step2 = "HTML 9.2.6, dispatch step 2";
const step3 = "HTML 9.2.6, dispatch step 3";
const step7 = "HTML 9.2.6, dispatch step 7";

/** The lines of one block, and the data that they give. */
const blocks: readonly (readonly [string, string, string, string])[] = [
  ["a name alone is an empty line", step3, "data", ""],
  ["a name and a colon are an empty line", step3, "data:", ""],
  ["two empty lines are one LF", step3, "data\ndata", "\n"],
  ["three empty lines are two LF", step3, "data:\ndata\ndata: ", "\n\n"],
  ["an empty line first is kept", append, "data\ndata:x", "\nx"],
  ["two empty lines first are kept", append, "data:\ndata:\ndata:x", "\n\nx"],
  ["an empty line last is kept", step3, "data:x\ndata", "x\n"],
  ["two empty lines last are kept", step3, "data:x\ndata:\ndata:", "x\n\n"],
  ["an empty line within is kept", append, "data:x\ndata\ndata:y", "x\n\ny"],
  [
    "empty lines all around are kept",
    step3,
    "data\ndata:x\ndata\ndata:y\ndata",
    "\nx\n\ny\n",
  ],
  ["equal lines are all kept", append, "data:x\ndata:x\ndata:x", "x\nx\nx"],
  [
    "lines that look like fields are text",
    append,
    "data:data:x\ndata:event: e\ndata:id:1\ndata:retry:5\ndata::c",
    "data:x\nevent: e\nid:1\nretry:5\n:c",
  ],
  [
    "lines of JSON are joined",
    append,
    'data: {\ndata:    "a": 1,\ndata:    "b": [2]\ndata: }',
    '{\n   "a": 1,\n   "b": [2]\n}',
  ],
  ["whitespace alone is dispatched", step2, "data:\t\ndata:  ", "\t\n "],
  ["the text 0 is dispatched", step2, "data:0", "0"],
  ["the text false is dispatched", step2, "data:false", "false"],
  ["the text null is dispatched", step2, "data:null", "null"],
  ["the text undefined is dispatched", step2, "data:undefined", "undefined"],
  ["the text [DONE] means nothing", step2, "data: [DONE]", "[DONE]"],
];

/** The data lines of a block, and when they make an event. */
export const dataVectors: readonly DecodeVector[] = [
  ...blocks.map(([title, clause, lines, data]) =>
    oneEvent(`data: ${title}`, clause, `${lines}\n\n`, { data })
  ),
  oneEvent(
    "data: three lines, the stock ticker of the specification",
    "HTML 9.2.6, example 1",
    "data: YHOO\ndata: +2\ndata: 10\n\n",
    { data: "YHOO\n+2\n10" },
  ),
  {
    name: "data: empty lines, the third example of the specification",
    clause: "HTML 9.2.6, example 3",
    input: "data\n\ndata\ndata\n\ndata:",
    dispatch: [{ data: "", lastEventId: "" }, { data: "\n", lastEventId: "" }],
    wire: [{ data: "" }, { data: "\n" }],
    lastEventId: "",
  },
  {
    name: "data: two identical events, the fourth example",
    clause: "HTML 9.2.6, example 4",
    input: "data:test\n\ndata: test\n\n",
    dispatch: [
      { data: "test", lastEventId: "" },
      { data: "test", lastEventId: "" },
    ],
    wire: [{ data: "test" }, { data: "test" }],
    lastEventId: "",
  },
  oneEvent(
    "data: lines between other fields belong together",
    append,
    "data:a\nevent:e\ndata:b\nid:1\ndata:c\nretry:5\ndata:d\n\n",
    { event: "e", data: "a\nb\nc\nd", id: "1", retry: 5 },
  ),
  {
    name: "data: an event does not keep the lines of the one before",
    clause: step7,
    input: "data:a\ndata:b\n\ndata:c\n\ndata\n\n",
    dispatch: [
      { data: "a\nb", lastEventId: "" },
      { data: "c", lastEventId: "" },
      { data: "", lastEventId: "" },
    ],
    wire: [{ data: "a\nb" }, { data: "c" }, { data: "" }],
    lastEventId: "",
  },
  {
    name: "data: a block without it is not dispatched",
    clause: step2,
    input: "event:e\nid:1\nretry:5\n:c\n\n",
    dispatch: [],
    wire: [{ event: "e", id: "1", retry: 5, comments: ["c"] }],
    lastEventId: "1",
    reconnectionTime: 5,
  },
  {
    name: "data: a block without it between two events repeats neither",
    clause: step2,
    input: "data:a\n\nevent:e\n\ndata:b\n\n",
    dispatch: [{ data: "a", lastEventId: "" }, { data: "b", lastEventId: "" }],
    wire: [{ data: "a" }, { event: "e" }, { data: "b" }],
    lastEventId: "",
  },
  noEvent(
    "data: lines without a blank line behind them are no event",
    "HTML 9.2.6, end of the file",
    "data:a\ndata:b\n",
  ),
  oneEvent(
    "data: a thousand lines are one event",
    append,
    `${"data:x\n".repeat(1_000)}\n`,
    { data: `${"x\n".repeat(999)}x` },
  ),
  oneEvent(
    "data: a thousand empty lines are 999 LF",
    append,
    `${"data\n".repeat(1_000)}\n`,
    { data: "\n".repeat(999) },
  ),
  oneEvent(
    "data: a line of 70,000 characters is whole",
    append,
    `data:${"0123456789".repeat(7_000)}\n\n`,
    { data: "0123456789".repeat(7_000) },
  ),
  oneEvent(
    "data: a line of 20,000 four-byte characters is whole",
    append,
    `data:x${"\u{1F995}".repeat(20_000)}\n\n`,
    { data: `x${"\u{1F995}".repeat(20_000)}` },
  ),
  {
    name: "data: a hundred events keep their order",
    clause: "HTML 9.2.6, lines processed in order",
    input: Array.from({ length: 100 }, (_, n) => `data:${n}\n\n`).join(""),
    dispatch: Array.from({ length: 100 }, (_, n) => ({
      data: `${n}`,
      lastEventId: "",
    })),
    wire: Array.from({ length: 100 }, (_, n) => ({ data: `${n}` })),
    lastEventId: "",
  },
];
