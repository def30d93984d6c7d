import { noEvent, oneEvent } from "./short_vector.ts";
import { bytes, type DecodeVector } from "./vector.ts";

const utf8Decode = "Encoding, UTF-8 decode steps 1 and 2";
const otherName = "HTML 9.2.6, any other field name";

/** A block that a byte in front of it spoils, then one that it does not. */
const spoilsTheFirstLine = ([
  ["a second BOM", bytes(0xEF, 0xBB, 0xBF, 0xEF, 0xBB, 0xBF)],
  ["U+FFFE", bytes(0xEF, 0xBF, 0xBE)],
  ["U+FFFF", bytes(0xEF, 0xBF, 0xBF)],
  ["U+FEFE, a BOM but for its last byte,", bytes(0xEF, 0xBB, 0xBE)],
  ["the first byte of a BOM", bytes(0xEF)],
  ["the first two bytes of a BOM", bytes(0xEF, 0xBB)],
  ["the last two bytes of a BOM", bytes(0xBB, 0xBF)],
  ["an overlong BOM", bytes(0xF0, 0x8F, 0xBB, 0xBF)],
  ["a BOM that was encoded twice", "\u00EF\u00BB\u00BF"],
  ["a space and a BOM", " \uFEFF"],
  ["FF FE, the BOM of UTF-16LE,", bytes(0xFF, 0xFE)],
  ["FE FF, the BOM of UTF-16BE,", bytes(0xFE, 0xFF)],
] as const).map(([title, start]) =>
  oneEvent(
    `bom: ${title} makes the first line an unknown field`,
    utf8Decode,
    bytes(
      ...(typeof start === "string" ? [start] : start),
      "data:1\n\ndata:2\n\n",
    ),
    { data: "2" },
  )
);

/** One byte order mark, first in the stream, is no part of it. */
export const bomVectors: readonly DecodeVector[] = [
  oneEvent(
    "bom: one at the start is dropped",
    utf8Decode,
    bytes(0xEF, 0xBB, 0xBF, "data:x\n\n"),
    { data: "x" },
  ),
  oneEvent(
    "bom: the first of a stream may stand before an id",
    utf8Decode,
    "\uFEFFid:1\ndata:x\n\n",
    { data: "x", id: "1" },
  ),
  oneEvent(
    "bom: the first of a stream may stand before a retry",
    utf8Decode,
    "\uFEFFretry:5\ndata:x\n\n",
    { data: "x", retry: 5 },
  ),
  oneEvent(
    "bom: the first of a stream may stand before a type",
    utf8Decode,
    "\uFEFFevent:e\ndata:x\n\n",
    { event: "e", data: "x" },
  ),
  oneEvent(
    "bom: the first of a stream may stand before a name without a colon",
    utf8Decode,
    "\uFEFFdata\n\n",
    { data: "" },
  ),
  {
    name: "bom: the first of a stream may stand before a comment",
    clause: utf8Decode,
    input: "\uFEFF: c\n\n",
    dispatch: [],
    wire: [{ comments: ["c"] }],
    lastEventId: "",
  },
  oneEvent(
    "bom: the first of a stream may stand before a blank line",
    utf8Decode,
    "\uFEFF\ndata:x\n\n",
    { data: "x" },
  ),
  oneEvent(
    "bom: the first of a stream may stand before a CR",
    utf8Decode,
    "\uFEFF\rdata:x\r\r",
    { data: "x" },
  ),
  noEvent("bom: one alone is an empty stream", utf8Decode, "\uFEFF"),
  noEvent(
    "bom: two alone are an unfinished line",
    "HTML 9.2.6, end of the file",
    "\uFEFF\uFEFF",
  ),
  noEvent(
    "bom: its first byte alone is an unfinished line",
    "HTML 9.2.6, end of the file",
    bytes(0xEF),
  ),
  noEvent(
    "bom: its first two bytes alone are an unfinished line",
    "HTML 9.2.6, end of the file",
    bytes(0xEF, 0xBB),
  ),
  oneEvent(
    "bom: its first two bytes and a line end are an unknown field",
    otherName,
    bytes(0xEF, 0xBB, "\ndata:x\n\n"),
    { data: "x" },
  ),
  ...spoilsTheFirstLine,
  {
    name: "bom: one before a later block makes its line an unknown field",
    clause: utf8Decode,
    input: "data:1\n\n\uFEFFdata:2\n\ndata:3\n\n",
    dispatch: [{ data: "1", lastEventId: "" }, { data: "3", lastEventId: "" }],
    wire: [{ data: "1" }, { data: "3" }],
    lastEventId: "",
  },
  oneEvent(
    "bom: one before a later line of a block makes it an unknown field",
    otherName,
    "data:1\n\uFEFFdata:2\ndata:3\n\n",
    { data: "1\n3" },
  ),
  noEvent(
    "bom: one behind a blank line is not first in the stream",
    utf8Decode,
    "\n\uFEFFdata:x\n\n",
  ),
  {
    name: "bom: one behind a first BOM and a line is not first in the stream",
    clause: utf8Decode,
    input: "\uFEFF:c\n\uFEFFdata:x\n\n",
    dispatch: [],
    wire: [{ comments: ["c"] }],
    lastEventId: "",
  },
  noEvent(
    "bom: one before a colon makes an unknown field, not a comment",
    otherName,
    "\n\uFEFF:c\n\n",
  ),
  oneEvent(
    "bom: one alone on a later line is not a blank line",
    "HTML 9.2.6, line is empty",
    "data:1\n\uFEFF\ndata:2\n\n",
    { data: "1\n2" },
  ),
  oneEvent(
    "bom: one behind a name makes an unknown field",
    otherName,
    "data\uFEFF:x\ndata:ok\n\n",
    { data: "ok" },
  ),
  oneEvent(
    "bom: one at the start of data is kept",
    "HTML 9.2.6, field name is data",
    "data:\uFEFFx\n\n",
    { data: "\uFEFFx" },
  ),
  oneEvent(
    "bom: one between the colon and a space keeps both",
    "HTML 9.2.6, line contains a colon",
    "data:\uFEFF x\n\n",
    { data: "\uFEFF x" },
  ),
  oneEvent(
    "bom: one within data is kept behind one that was dropped",
    "HTML 9.2.6, field name is data",
    "\uFEFFdata:a\uFEFFb\uFEFF\n\n",
    { data: "a\uFEFFb\uFEFF" },
  ),
  oneEvent(
    "bom: one at the start of a type is kept",
    "HTML 9.2.6, field name is event",
    "event:\uFEFFe\ndata:x\n\n",
    { event: "\uFEFFe", data: "x" },
  ),
  oneEvent(
    "bom: one at the start of an id is kept",
    "HTML 9.2.6, field name is id",
    "id:\uFEFF1\ndata:x\n\n",
    { data: "x", id: "\uFEFF1" },
  ),
  oneEvent(
    "bom: one at the start of a retry is no digit",
    "HTML 9.2.6, field name is retry",
    "retry:\uFEFF5\ndata:x\n\n",
    { data: "x" },
  ),
  {
    name: "bom: one at the start of a comment is kept",
    clause: "DESIGN, wire view",
    input: ":\uFEFFc\n\n",
    dispatch: [],
    wire: [{ comments: ["\uFEFFc"] }],
    lastEventId: "",
  },
  noEvent(
    "bom: UTF-16LE is not detected",
    "HTML 9.2.6, UTF-8 decode",
    bytes(0xFF, 0xFE, "d\0a\0t\0a\0:\0x\0\n\0\n\0"),
  ),
  noEvent(
    "bom: UTF-16BE is not detected",
    "HTML 9.2.6, UTF-8 decode",
    bytes(0xFE, 0xFF, "\0d\0a\0t\0a\0:\0x\0\n\0\n"),
  ),
];
