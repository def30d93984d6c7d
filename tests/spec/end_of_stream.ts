import { noEvent, oneEvent } from "./short_vector.ts";
import type { DecodeVector } from "./vector.ts";

const endOfFile = "HTML 9.2.6, end of the file";

/** What may be left over, none of which counts. */
const unfinished: readonly (readonly [string, string])[] = [
  ["a part of a name", "d"],
  ["a name", "data"],
  ["a name and its colon", "data:"],
  ["a name, its colon and a space", "data: "],
  ["a data line without its end", "data:y"],
  ["a part of a type line", "event"],
  ["a type line without its end", "event:e"],
  ["a part of an id line", "id"],
  ["an id line without a value", "id:"],
  ["an id line without its end", "id:2"],
  ["a part of a retry line", "retry"],
  ["a retry line without its end", "retry:5"],
  ["a colon", ":"],
  ["a comment without its end", ": c"],
  ["an unknown name", "foo"],
  ["an unknown field without its end", "foo:bar"],
  ["a space", " "],
  ["NUL", "\u0000"],
  ["a data line ended by LF", "data:y\n"],
  ["a data line ended by CR", "data:y\r"],
  ["a data line ended by CR LF", "data:y\r\n"],
  ["an empty data line", "data\n"],
  ["two data lines", "data:y\ndata:z\n"],
  ["a data line and a part of one", "data:y\ndata:z"],
  ["a type line", "event:e\n"],
  ["an id line", "id:2\n"],
  ["a reset line", "id\n"],
  ["an ignored retry line", "retry:-5\n"],
  ["a comment line", ": c\n"],
  ["an unknown line", "foo:bar\n"],
  ["all of an event but its blank line", ":c\nevent:e\nid:2\ndata:y\n"],
  ["an event and a space for a blank line", "id:2\ndata:y\n "],
  ["an event and NUL for a blank line", "id:2\ndata:y\n\u0000"],
  ["an event and a colon for a blank line", "id:2\ndata:y\n:"],
  ["an event and a part of a name", "id:2\ndata:y\nd"],
];

/** What the end of the stream leaves undone. */
export const endOfStreamVectors: readonly DecodeVector[] = [
  noEvent("end of stream: an empty stream gives nothing", endOfFile, ""),
  noEvent("end of stream: a blank line alone gives nothing", endOfFile, "\n"),
  ...unfinished.map(([title, rest]) =>
    oneEvent(
      `end of stream: discards ${title}`,
      endOfFile,
      `id:1\ndata:x\n\n${rest}`,
      { data: "x", id: "1" },
    )
  ),
  noEvent(
    "end of stream: a first event without its blank line is discarded",
    endOfFile,
    "event:e\nid:1\ndata:x\n",
  ),
  noEvent(
    "end of stream: a first line without its end is discarded",
    endOfFile,
    "data:x",
  ),
  oneEvent(
    "end of stream: a blank line right before it dispatches",
    endOfFile,
    "event:e\nid:1\ndata:x\n\n",
    { event: "e", data: "x", id: "1" },
  ),
  {
    name: "end of stream: all but the retry of an unfinished event is lost",
    clause: "HTML 9.2.6, field name is retry",
    input: "id:1\ndata:x\n\n: c\nevent:e\nid:2\nretry:7\ndata:y\n",
    dispatch: [{ data: "x", id: "1", lastEventId: "1" }],
    wire: [{ data: "x", id: "1" }],
    lastEventId: "1",
    reconnectionTime: 7,
  },
  {
    name: "end of stream: a retry line of an unfinished event counts alone",
    clause: "HTML 9.2.6, field name is retry",
    input: "retry:7\n",
    dispatch: [],
    wire: [],
    lastEventId: "",
    reconnectionTime: 7,
  },
];
