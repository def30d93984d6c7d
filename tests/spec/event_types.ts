import { noEvent, oneEvent } from "./short_vector.ts";
import type { DecodeVector } from "./vector.ts";

const fieldNameIsEvent = "HTML 9.2.6, field name is event";
const step2 = "HTML 9.2.6, dispatch step 2";
const step6 = "HTML 9.2.6, dispatch step 6";

/** Types that are text like any other. */
const types: readonly (readonly [string, string])[] = [
  ["a word", "add"],
  ["message, which is kept as it was written", "message"],
  ["Message, in its own case", "Message"],
  ["open, which is no connection event", "open"],
  ["error, which is no connection event", "error"],
  ["close, which ends nothing", "close"],
  ["constructor", "constructor"],
  ["__proto__", "__proto__"],
  ["toString", "toString"],
  ["undefined", "undefined"],
  ["0", "0"],
  ["data", "data"],
  ["a word with a space", "two words"],
  ["a list", "a,b;c"],
  ["letters beyond ASCII", "caf\u00E9 \u8C46\u8150"],
  ["a character beyond the BMP", "\u{1F995}"],
  ["NUL, which only an id refuses", "a\u0000b"],
  ["U+2028", "a\u2028b"],
  ["10,000 characters", "e".repeat(10_000)],
];

/** The event type buffer: set, replaced, emptied. */
export const eventTypeVectors: readonly DecodeVector[] = [
  ...types.map(([title, type]) =>
    oneEvent(
      `event types: one may be ${title}`,
      fieldNameIsEvent,
      `event:${type}\ndata:x\n\n`,
      { event: type, data: "x" },
    )
  ),
  oneEvent(
    "event types: one loses the space behind its colon",
    "HTML 9.2.6, line contains a colon",
    "event: e\ndata: x\n\n",
    { event: "e", data: "x" },
  ),
  oneEvent(
    "event types: one behind the data counts",
    fieldNameIsEvent,
    "data:x\nevent:late\n\n",
    { event: "late", data: "x" },
  ),
  oneEvent(
    "event types: one between data lines does not part them",
    fieldNameIsEvent,
    "data:x\nevent:e\ndata:y\n\n",
    { event: "e", data: "x\ny" },
  ),
  oneEvent(
    "event types: the last of several wins",
    fieldNameIsEvent,
    "event:a\nevent:b\ndata:x\nevent:c\n\n",
    { event: "c", data: "x" },
  ),
  oneEvent(
    "event types: an empty one is absent",
    step6,
    "event:\ndata:x\n\n",
    { data: "x" },
  ),
  oneEvent(
    "event types: one of a lone space is absent",
    step6,
    "event: \ndata:x\n\n",
    { data: "x" },
  ),
  oneEvent(
    "event types: a name without a colon is absent",
    step6,
    "event\ndata:x\n\n",
    { data: "x" },
  ),
  oneEvent(
    "event types: an empty one takes back the one before",
    fieldNameIsEvent,
    "event:e\nevent:\ndata:x\n\n",
    { data: "x" },
  ),
  oneEvent(
    "event types: a lone space takes back the one before",
    fieldNameIsEvent,
    "event:e\nevent: \ndata:x\n\n",
    { data: "x" },
  ),
  oneEvent(
    "event types: a name without a colon takes back the one before",
    fieldNameIsEvent,
    "event:e\ndata:x\nevent\n\n",
    { data: "x" },
  ),
  oneEvent(
    "event types: one behind an empty one counts",
    fieldNameIsEvent,
    "event:a\nevent:\nevent:b\ndata:x\n\n",
    { event: "b", data: "x" },
  ),
  oneEvent(
    "event types: message behind another replaces it",
    fieldNameIsEvent,
    "event:e\nevent:message\ndata:x\n\n",
    { event: "message", data: "x" },
  ),
  oneEvent(
    "event types: one with empty data is dispatched",
    step2,
    "event:e\ndata\n\n",
    { event: "e", data: "" },
  ),
  {
    name: "event types: one does not reach the next event",
    clause: "HTML 9.2.6, dispatch step 7",
    input: "event:e\ndata:x\n\ndata:y\n\n",
    dispatch: [
      { event: "e", data: "x", lastEventId: "" },
      { data: "y", lastEventId: "" },
    ],
    wire: [{ event: "e", data: "x" }, { data: "y" }],
    lastEventId: "",
  },
  {
    name: "event types: each event has its own",
    clause: "HTML 9.2.6, dispatch step 7",
    input: "event:add\ndata:1\n\nevent:remove\ndata:2\n\nevent:add\ndata:3\n\n",
    dispatch: [
      { event: "add", data: "1", lastEventId: "" },
      { event: "remove", data: "2", lastEventId: "" },
      { event: "add", data: "3", lastEventId: "" },
    ],
    wire: [
      { event: "add", data: "1" },
      { event: "remove", data: "2" },
      { event: "add", data: "3" },
    ],
    lastEventId: "",
  },
  {
    name: "event types: one without data is not dispatched",
    clause: step2,
    input: "event:e\n\n",
    dispatch: [],
    wire: [{ event: "e" }],
    lastEventId: "",
  },
  {
    name: "event types: one without data does not reach the next event",
    clause: step2,
    input: "event:e\n\ndata:x\n\n",
    dispatch: [{ data: "x", lastEventId: "" }],
    wire: [{ event: "e" }, { data: "x" }],
    lastEventId: "",
  },
  {
    name: "event types: message without data is carried too",
    clause: "DESIGN, wire view",
    input: "event:message\n\n",
    dispatch: [],
    wire: [{ event: "message" }],
    lastEventId: "",
  },
  noEvent(
    "event types: an empty one without data gives nothing",
    "DESIGN, wire view",
    "event:\n\nevent\n\nevent: \n\n",
  ),
  noEvent(
    "event types: one taken back without data gives nothing",
    "DESIGN, wire view",
    "event:e\nevent:\n\n",
  ),
  {
    name: "event types: one in a comment does not count",
    clause: "HTML 9.2.6, line starts with a colon",
    input: ":event:e\ndata:x\n\n",
    dispatch: [{ data: "x", lastEventId: "" }],
    wire: [{ data: "x", comments: ["event:e"] }],
    lastEventId: "",
  },
];
