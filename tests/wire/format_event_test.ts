import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertThrows,
} from "@std/assert";
import {
  encodeEvent,
  EventBuildError,
  EventDataError,
  EventParser,
  formatEvent,
  jsonData,
  lineData,
  type ServerSentEvent,
} from "../../mod.ts";
import { present } from "../helpers/events.ts";
import encode from "../vectors/encode_sample.json" with { type: "json" };

/** Each is written as its text; the text is read back as the event, or as the third. */
const table: readonly (readonly [ServerSentEvent, string, ServerSentEvent?])[] =
  [
    [{ data: "x" }, "data: x\n\n"],
    [{ data: "" }, "data: \n\n"],
    [{ data: " x" }, "data:  x\n\n"],
    [{ data: "a\nb" }, "data: a\ndata: b\n\n"],
    [{ data: "\n" }, "data: \ndata: \n\n"],
    [{ data: "a\n" }, "data: a\ndata: \n\n"],
    [{ data: "a\rb" }, "data: a\ndata: b\n\n", { data: "a\nb" }],
    [{ data: "a\r\nb" }, "data: a\ndata: b\n\n", { data: "a\nb" }],
    [{ data: "a\n\rb" }, "data: a\ndata: \ndata: b\n\n", { data: "a\n\nb" }],
    [{ data: "\r\n\r" }, "data: \ndata: \ndata: \n\n", { data: "\n\n" }],
    [{ data: "$&\n$1" }, "data: $&\ndata: $1\n\n"],
    [{ data: "a\u2028b\u0085c" }, "data: a\u2028b\u0085c\n\n"],
    [{ data: "\uFEFFx" }, "data: \uFEFFx\n\n"],
    [{ data: "\ud800" }, "data: \ud800\n\n", { data: "\uFFFD" }],
    [{ event: "e", data: "x" }, "event: e\ndata: x\n\n"],
    [{ event: "message", data: "x" }, "event: message\ndata: x\n\n"],
    [{ event: " e: ", data: "x" }, "event:  e: \ndata: x\n\n"],
    [{ event: "", data: "x" }, "data: x\n\n", { data: "x" }],
    [{ event: "e" }, "event: e\n\n"],
    [{ id: "1", data: "x" }, "id: 1\ndata: x\n\n"],
    [{ id: "" }, "id: \n\n"],
    [{ id: "日本 🦕" }, "id: 日本 🦕\n\n"],
    [{ retry: 0 }, "retry: 0\n\n"],
    [{ retry: -0 }, "retry: 0\n\n", { retry: 0 }],
    [
      { retry: Number.MAX_SAFE_INTEGER },
      "retry: 9007199254740991\n\n",
    ],
    [{ comments: [""] }, ": \n\n"],
    [{ comments: ["a", " b", "data: c"] }, ": a\n:  b\n: data: c\n\n"],
    [{ comments: [], data: "x" }, "data: x\n\n", { data: "x" }],
    [
      {
        lastEventId: "not written",
        data: "d",
        retry: 5,
        id: "i",
        event: "e",
        comments: ["c"],
      },
      ": c\nevent: e\nid: i\nretry: 5\ndata: d\n\n",
      { comments: ["c"], event: "e", id: "i", retry: 5, data: "d" },
    ],
  ];

for (const [event, text, back = event] of table) {
  Deno.test(`formatEvent writes ${JSON.stringify(event)}`, () => {
    assertEquals(formatEvent(event), text);
    assertEquals(
      new TextDecoder("utf-8", { ignoreBOM: true }).decode(encodeEvent(event)),
      text.toWellFormed(),
    );
    const [read] = new EventParser({ view: "wire" }).feed(encodeEvent(event));
    const { lastEventId: _, ...rest } = present(read);
    assertEquals(rest, back);
  });
}

/** The refused value, the field at fault, and what the message says. */
const refused: readonly (readonly [object, string | undefined, string])[] = [
  ...["a\nb", "a\rb", "a\r\nb", "\n", "a\n\ndata: x"].flatMap((text) =>
    [
      [{ event: text }, "event", "event must not contain a line end"],
      [{ id: text }, "id", "id must not contain a line end"],
      [{ comments: [text] }, "comments", "must not contain a line end"],
    ] as const
  ),
  ...["\ud800", "a\udc00\ud800b"].flatMap((text) =>
    [
      [{ event: text }, "event", "lone surrogate"],
      [{ id: text }, "id", "lone surrogate"],
      [{ comments: ["ok", text] }, "comments", "lone surrogate"],
    ] as const
  ),
  [{ id: "a\0b" }, "id", 'id must not contain NUL, got "a\\u0000b"'],
  ...[-1, 1.5, 1e-7, NaN, Infinity, -Infinity, 2 ** 53, 1e21].map((retry) =>
    [
      { retry },
      "retry",
      `retry must be an integer from 0 to Number.MAX_SAFE_INTEGER, got ${retry}`,
    ] as const
  ),
  [{ retry: "5" }, "retry", 'got "5"'],
  [{ retry: 5n }, "retry", "got 5"],
  [{ id: 5, data: "x" }, "id", "id must be text, got 5"],
  [{ event: null, data: "x" }, "event", "event must be text, got null"],
  [{ comments: "c" }, "comments", 'comments must be an array, got "c"'],
  [{ comments: [1] }, "comments", "must be text, got 1"],
  [{ data: 5 }, "data", "data must be a string or have a codec, got 5"],
  [{ data: null }, "data", "got null"],
  [{ data: { a: 1 } }, "data", "got an object"],
  [{}, undefined, "it must have a field or a comment"],
  [{ comments: [] }, undefined, "it must have a field or a comment"],
  [{ event: "" }, undefined, "it must have a field or a comment"],
  [{ event: undefined, data: undefined }, undefined, "must have a field"],
  [{ lastEventId: "1" }, undefined, "it must have a field or a comment"],
];

for (const [event, field, message] of refused) {
  Deno.test(`formatEvent refuses ${Deno.inspect(event)}`, () => {
    for (const write of [formatEvent, encodeEvent]) {
      const error = assertThrows(
        () => write(event),
        EventBuildError,
        `Cannot write event: `,
      );
      assert(error.message.includes(message), error.message);
      assertEquals(error.field, field);
      assertEquals(error.name, "EventBuildError");
      assertInstanceOf(error, TypeError);
    }
  });
}

Deno.test("formatEvent cuts a long value in its message at 40 characters", () => {
  const error = assertThrows(
    () => formatEvent({ id: `\n${"x".repeat(1000)}` }),
    EventBuildError,
  );
  assert(error.message.endsWith(`got "\\n${"x".repeat(39)}"…`), error.message);
  assertEquals(error.value, `\n${"x".repeat(1000)}`);
});

for (const { name, kind, input, ...vector } of encode.vectors) {
  Deno.test(`encodeEvent: sample vector ${name}`, () => {
    const event = reviveNumbers(input);
    if (
      kind === "hostile" &&
      !("data" in input && vector.hostile_field === "data")
    ) {
      assertThrows(() => encodeEvent(event), EventBuildError);
      return;
    }
    if (vector.decoded === null) {
      assertThrows(() => encodeEvent(event), EventBuildError);
      return;
    }
    const [read] = new EventParser({ view: "wire" }).feed(encodeEvent(event));
    const { lastEventId: _, ...rest } = present(read);
    if (kind === "valid") assertEquals<unknown>(rest, vector.decoded);
    else assert([...vector.accept ?? []].some((data) => data === rest.data));
  });
}

/** `{ "$num": "1e21" }` stands for a number that JSON cannot hold. */
function reviveNumbers(input: object): ServerSentEvent {
  return Object.fromEntries(
    Object.entries(input).map(([key, value]) => [
      key,
      typeof value === "object" && value !== null && "$num" in value
        ? Number(value.$num)
        : value,
    ]),
  );
}

Deno.test("formatEvent writes the data with the codec that it is given", () => {
  assertEquals(
    formatEvent({ data: { a: [1] } }, { data: jsonData<{ a: number[] }>() }),
    'data: {"a":[1]}\n\n',
  );
  assertEquals(
    formatEvent({ event: "e", data: ["a", ""] }, { data: lineData }),
    "event: e\ndata: a\ndata: \n\n",
  );
});

Deno.test("formatEvent tells the codec the type of the event", () => {
  const types: (string | undefined)[] = [];
  const data = {
    writeData(text: string, event: string | undefined) {
      types.push(event);
      return text;
    },
  };
  for (const event of [undefined, "", "e"]) {
    formatEvent({ event, data: "x" }, { data });
  }
  assertEquals(types, [undefined, undefined, "e"]);
});

Deno.test("formatEvent passes on what a codec throws", () => {
  assertThrows(
    () => formatEvent({ data: 1n }, { data: jsonData<bigint>() }),
    EventDataError,
    "Cannot write event data: ",
  );
});

Deno.test("formatEvent refuses a codec that does not give text", () => {
  const data = { writeData: (value: unknown) => value as string };
  assertThrows(
    () => formatEvent({ data: 5 }, { data }),
    EventBuildError,
    "data must be a string",
  );
});
