import { noEvent, oneEvent } from "./short_vector.ts";
import type { DecodeVector } from "./vector.ts";

const fieldNameIsId = "HTML 9.2.6, field name is id";
const step1 = "HTML 9.2.6, dispatch step 1";

/** Ids that are text like any other. */
const ids: readonly (readonly [string, string])[] = [
  ["a number", "1"],
  ["0", "0"],
  ["-1", "-1"],
  ["null", "null"],
  ["undefined", "undefined"],
  ["a UUID", "4d4f1a4e-7c0e-4b8e-9d5c-0a6c4d0b1f7a"],
  ["a Redis entry ID", "1526919030474-55"],
  ["a TAB", "\t"],
  ["words", "a b  c"],
  ["the text backslash 0", "\\0"],
  ["the text %00", "%00"],
  ["control characters", "\u0001\u001F\u007F"],
  ["U+2028", "a\u2028b"],
  ["letters beyond ASCII", "\u2026\u00E9"],
  ["characters beyond the BMP", "\u{1F194}\u{10FFFF}"],
  ["U+FFFD", "\uFFFD"],
  ["10,000 characters", "1".repeat(10_000)],
];

/** Ids that are ignored. */
const withNul: readonly (readonly [string, string])[] = [
  ["alone", "\u0000"],
  ["behind a space", " \u0000"],
  ["first", "\u0000a"],
  ["within", "a\u0000b"],
  ["last", "a\u0000"],
  ["everywhere", "\u0000a\u0000b\u0000"],
];

/** The last event ID buffer, and the string that it is committed to. */
export const idVectors: readonly DecodeVector[] = [
  ...ids.map(([title, id]) =>
    oneEvent(
      `ids: one may be ${title}`,
      fieldNameIsId,
      `id:${id}\ndata:x\n\n`,
      {
        data: "x",
        id,
      },
    )
  ),
  ...withNul.map(([title, value]): DecodeVector => ({
    name: `ids: one with NUL ${title} leaves the one before`,
    clause: fieldNameIsId,
    input: `id:1\ndata:x\n\nid:${value}\ndata:y\n\n`,
    dispatch: [
      { data: "x", id: "1", lastEventId: "1" },
      { data: "y", lastEventId: "1" },
    ],
    wire: [{ data: "x", id: "1" }, { data: "y" }],
    lastEventId: "1",
  })),
  noEvent(
    "ids: one with NUL in a block of its own gives nothing",
    fieldNameIsId,
    "id:a\u0000b\n\n",
  ),
  oneEvent(
    "ids: one with NUL leaves a valid one of its block",
    fieldNameIsId,
    "id:1\nid:2\u0000\ndata:x\n\n",
    { data: "x", id: "1" },
  ),
  oneEvent(
    "ids: one with NUL leaves a reset of its block",
    fieldNameIsId,
    "id\nid:2\u0000\ndata:x\n\n",
    { data: "x", id: "" },
  ),
  oneEvent(
    "ids: a valid one behind one with NUL counts",
    fieldNameIsId,
    "id:\u0000\nid:2\ndata:x\n\n",
    { data: "x", id: "2" },
  ),
  oneEvent(
    "ids: one behind the data counts",
    fieldNameIsId,
    "data:x\nid:1\n\n",
    { data: "x", id: "1" },
  ),
  oneEvent(
    "ids: the last of several in a block wins",
    fieldNameIsId,
    "id:1\ndata:x\nid:2\nid:3\n\n",
    { data: "x", id: "3" },
  ),
  oneEvent(
    "ids: an empty one first is a reset to what was empty",
    fieldNameIsId,
    "id:\ndata:x\n\n",
    { data: "x", id: "" },
  ),
  oneEvent(
    "ids: an empty one last in a block is the one that counts",
    fieldNameIsId,
    "id:1\nid:\ndata:x\n\n",
    { data: "x", id: "" },
  ),
  oneEvent(
    "ids: one behind an empty one in a block counts",
    fieldNameIsId,
    "id:1\nid\nid:3\ndata:x\n\n",
    { data: "x", id: "3" },
  ),
  {
    name: "ids: one persists until the next",
    clause: step1,
    input: "data:a\n\nid:1\ndata:b\n\ndata:c\n\nevent:e\ndata:d\n\n" +
      "id:2\ndata:e\n\ndata:f\n\n",
    dispatch: [
      { data: "a", lastEventId: "" },
      { data: "b", id: "1", lastEventId: "1" },
      { data: "c", lastEventId: "1" },
      { event: "e", data: "d", lastEventId: "1" },
      { data: "e", id: "2", lastEventId: "2" },
      { data: "f", lastEventId: "2" },
    ],
    wire: [
      { data: "a" },
      { data: "b", id: "1" },
      { data: "c" },
      { event: "e", data: "d" },
      { data: "e", id: "2" },
      { data: "f" },
    ],
    lastEventId: "2",
  },
  {
    name: "ids: the same one twice stands on both events",
    clause: step1,
    input: "id:1\ndata:a\n\nid:1\ndata:b\n\n",
    dispatch: [
      { data: "a", id: "1", lastEventId: "1" },
      { data: "b", id: "1", lastEventId: "1" },
    ],
    wire: [{ data: "a", id: "1" }, { data: "b", id: "1" }],
    lastEventId: "1",
  },
  {
    name: "ids: one with a colon and no value resets",
    clause: fieldNameIsId,
    input: "id:1\ndata:a\n\nid:\ndata:b\n\ndata:c\n\n",
    dispatch: [
      { data: "a", id: "1", lastEventId: "1" },
      { data: "b", id: "", lastEventId: "" },
      { data: "c", lastEventId: "" },
    ],
    wire: [{ data: "a", id: "1" }, { data: "b", id: "" }, { data: "c" }],
    lastEventId: "",
  },
  {
    name: "ids: one without a colon resets",
    clause: "HTML 9.2.6, line does not contain a colon",
    input: "id:1\ndata:a\n\nid\ndata:b\n\ndata:c\n\n",
    dispatch: [
      { data: "a", id: "1", lastEventId: "1" },
      { data: "b", id: "", lastEventId: "" },
      { data: "c", lastEventId: "" },
    ],
    wire: [{ data: "a", id: "1" }, { data: "b", id: "" }, { data: "c" }],
    lastEventId: "",
  },
  {
    name: "ids: one of a lone space resets",
    clause: "HTML 9.2.6, line contains a colon",
    input: "id:1\ndata:a\n\nid: \ndata:b\n\n",
    dispatch: [
      { data: "a", id: "1", lastEventId: "1" },
      { data: "b", id: "", lastEventId: "" },
    ],
    wire: [{ data: "a", id: "1" }, { data: "b", id: "" }],
    lastEventId: "",
  },
  {
    name: "ids: one of two spaces does not reset",
    clause: "HTML 9.2.6, line contains a colon",
    input: "id:1\ndata:a\n\nid:  \ndata:b\n\ndata:c\n\n",
    dispatch: [
      { data: "a", id: "1", lastEventId: "1" },
      { data: "b", id: " ", lastEventId: " " },
      { data: "c", lastEventId: " " },
    ],
    wire: [{ data: "a", id: "1" }, { data: "b", id: " " }, { data: "c" }],
    lastEventId: " ",
  },
  {
    name: "ids: the second example of the specification resets",
    clause: "HTML 9.2.6, example 2",
    input: ": test stream\n\ndata: first event\nid: 1\n\n" +
      "data:second event\nid\n\ndata:  third event\n\n",
    dispatch: [
      { data: "first event", id: "1", lastEventId: "1" },
      { data: "second event", id: "", lastEventId: "" },
      { data: " third event", lastEventId: "" },
    ],
    wire: [
      { comments: ["test stream"] },
      { data: "first event", id: "1" },
      { data: "second event", id: "" },
      { data: " third event" },
    ],
    lastEventId: "",
  },
  {
    name: "ids: one in a block without data counts",
    clause: step1,
    input: "id:1\n\n",
    dispatch: [],
    wire: [{ id: "1" }],
    lastEventId: "1",
  },
  {
    name: "ids: one in a block without data is not the id of the next event",
    clause: step1,
    input: "id:1\n\ndata:x\n\n",
    dispatch: [{ data: "x", lastEventId: "1" }],
    wire: [{ id: "1" }, { data: "x" }],
    lastEventId: "1",
  },
  {
    name: "ids: one in a block with a type and no data counts",
    clause: step1,
    input: "event:e\nid:9\n\ndata:x\n\n",
    dispatch: [{ data: "x", lastEventId: "9" }],
    wire: [{ event: "e", id: "9" }, { data: "x" }],
    lastEventId: "9",
  },
  {
    name: "ids: a reset in a block without data counts",
    clause: step1,
    input: "id:1\ndata:a\n\nid\n\ndata:b\n\n",
    dispatch: [
      { data: "a", id: "1", lastEventId: "1" },
      { data: "b", lastEventId: "" },
    ],
    wire: [{ data: "a", id: "1" }, { id: "" }, { data: "b" }],
    lastEventId: "",
  },
  {
    name: "ids: a reset before any id is carried",
    clause: "DESIGN, wire view",
    input: "id:\n\n",
    dispatch: [],
    wire: [{ id: "" }],
    lastEventId: "",
  },
  {
    name: "ids: the last of several blocks without data counts",
    clause: step1,
    input: "id:1\n\nid:2\n\nid:3\n\ndata:x\n\n",
    dispatch: [{ data: "x", lastEventId: "3" }],
    wire: [{ id: "1" }, { id: "2" }, { id: "3" }, { data: "x" }],
    lastEventId: "3",
  },
  {
    name: "ids: one behind the last event counts once its block ends",
    clause: step1,
    input: "id:1\ndata:x\n\nid:2\n\n",
    dispatch: [{ data: "x", id: "1", lastEventId: "1" }],
    wire: [{ data: "x", id: "1" }, { id: "2" }],
    lastEventId: "2",
  },
  noEvent(
    "ids: one of an unfinished block does not count",
    "HTML 9.2.6, end of the file",
    "id:1\ndata:x\n",
  ),
  {
    name: "ids: a reset of an unfinished block does not count",
    clause: "HTML 9.2.6, end of the file",
    input: "id:1\ndata:x\n\nid\ndata:y\n",
    dispatch: [{ data: "x", id: "1", lastEventId: "1" }],
    wire: [{ data: "x", id: "1" }],
    lastEventId: "1",
  },
  {
    name: "ids: one in a comment does not count",
    clause: "HTML 9.2.6, line starts with a colon",
    input: ":id:1\ndata:x\n\n",
    dispatch: [{ data: "x", lastEventId: "" }],
    wire: [{ data: "x", comments: ["id:1"] }],
    lastEventId: "",
  },
];
