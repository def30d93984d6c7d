import { noEvent } from "./short_vector.ts";
import type { DecodeVector } from "./vector.ts";

const startsWithColon = "HTML 9.2.6, line starts with a colon";
const wireView = "DESIGN, wire view";

/** A comment line, and its text in the wire view. */
const texts: readonly (readonly [string, string, string])[] = [
  ["a colon alone is an empty one", ":", ""],
  ["one of a lone space is empty", ": ", ""],
  ["one of two spaces is one space", ":  ", " "],
  ["one without a space is whole", ":c", "c"],
  ["one loses the space behind its colon", ": c", "c"],
  ["one loses one of two spaces", ":  c", " c"],
  ["one keeps a TAB", ":\tc", "\tc"],
  ["one keeps a no-break space", ":\u00A0c", "\u00A0c"],
  ["one keeps a trailing space", ":c ", "c "],
  ["one may be a colon", "::", ":"],
  ["one keeps a space behind a second colon", ":: c", ": c"],
  ["one keeps NUL", ":a\u0000b", "a\u0000b"],
  ["one keeps U+2028", ":a\u2028b", "a\u2028b"],
  ["one may have letters beyond ASCII", ": \u8C46\u{1F995}", "\u8C46\u{1F995}"],
  [
    "one of 70,000 characters is whole",
    `:${"c".repeat(70_000)}`,
    "c".repeat(70_000),
  ],
];

/** Lines that start with a colon: nothing to dispatch, something to pass on. */
export const commentVectors: readonly DecodeVector[] = [
  ...texts.map(([title, line, comment]): DecodeVector => ({
    name: `comments: ${title}`,
    clause: wireView,
    input: `${line}\n\n`,
    dispatch: [],
    wire: [{ comments: [comment] }],
    lastEventId: "",
  })),
  {
    name: "comments: several in a block keep their order",
    clause: wireView,
    input: ":a\n: b\n:\n:a\n\n",
    dispatch: [],
    wire: [{ comments: ["a", "b", "", "a"] }],
    lastEventId: "",
  },
  {
    name: "comments: those that look like fields are none",
    clause: startsWithColon,
    input: ":data:x\n:event:y\n:id:1\n:retry:5\n\n",
    dispatch: [],
    wire: [{ comments: ["data:x", "event:y", "id:1", "retry:5"] }],
    lastEventId: "",
  },
  {
    name: "comments: one between data lines does not part them",
    clause: startsWithColon,
    input: "data:a\n:c\ndata:b\n:\ndata:c\n\n",
    dispatch: [{ data: "a\nb\nc", lastEventId: "" }],
    wire: [{ data: "a\nb\nc", comments: ["c", ""] }],
    lastEventId: "",
  },
  {
    name: "comments: one adds nothing to what is dispatched",
    clause: startsWithColon,
    input: ":a\nevent:e\n:b\nid:1\n:c\nretry:5\n:d\ndata:x\n:e\n\n",
    dispatch: [
      { event: "e", data: "x", id: "1", retry: 5, lastEventId: "1" },
    ],
    wire: [
      {
        event: "e",
        data: "x",
        id: "1",
        retry: 5,
        comments: ["a", "b", "c", "d", "e"],
      },
    ],
    lastEventId: "1",
    reconnectionTime: 5,
  },
  {
    name: "comments: those of a block do not reach the next",
    clause: wireView,
    input: ":a\ndata:x\n\ndata:y\n\n:b\n\ndata:z\n\n",
    dispatch: [
      { data: "x", lastEventId: "" },
      { data: "y", lastEventId: "" },
      { data: "z", lastEventId: "" },
    ],
    wire: [
      { data: "x", comments: ["a"] },
      { data: "y" },
      { comments: ["b"] },
      { data: "z" },
    ],
    lastEventId: "",
  },
  {
    name: "comments: each block of keep-alives is one event to pass on",
    clause: wireView,
    input: ":\n\n:\n\n:\n\n",
    dispatch: [],
    wire: [{ comments: [""] }, { comments: [""] }, { comments: [""] }],
    lastEventId: "",
  },
  {
    name: "comments: keep-alives without a blank line join the next block",
    clause: wireView,
    input: ":a\n:a\ndata:x\n\n",
    dispatch: [{ data: "x", lastEventId: "" }],
    wire: [{ data: "x", comments: ["a", "a"] }],
    lastEventId: "",
  },
  {
    name: "comments: one with an unknown field is still passed on",
    clause: wireView,
    input: "foo:bar\n:c\nfoo\n\n",
    dispatch: [],
    wire: [{ comments: ["c"] }],
    lastEventId: "",
  },
  {
    name: "comments: one with an id and a retry is passed on with them",
    clause: wireView,
    input: ": keep-alive 8000\nid: 1\nretry: 3000\n\n",
    dispatch: [],
    wire: [{ id: "1", retry: 3000, comments: ["keep-alive 8000"] }],
    lastEventId: "1",
    reconnectionTime: 3000,
  },
  {
    name: "comments: one ended by CR does not take the next line",
    clause: "HTML 9.2.6, the ways in which a line can end",
    input: "data:a\n:c\rdata:b\n\n",
    dispatch: [{ data: "a\nb", lastEventId: "" }],
    wire: [{ data: "a\nb", comments: ["c"] }],
    lastEventId: "",
  },
  noEvent(
    "comments: a space before the colon makes an unknown field",
    startsWithColon,
    " :c\n\n",
  ),
  noEvent(
    "comments: a number sign or slashes make none",
    startsWithColon,
    "# c\n// c\n;c\n\n",
  ),
  noEvent(
    "comments: one of an unfinished block is discarded",
    "HTML 9.2.6, end of the file",
    ": c\n",
  ),
];
