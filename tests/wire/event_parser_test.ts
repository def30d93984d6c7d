import { Buffer } from "node:buffer";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  EventDataError,
  type EventDataRead,
  EventDataStringReader,
  type EventDecoderOptions,
  EventParser,
  EventSizeError,
  jsonData,
  type ServerSentEvent,
} from "../../mod.ts";
import { chunkings, cut, utf8 } from "../helpers/bytes.ts";
import { present } from "../helpers/events.ts";
import { collectGarbage } from "../helpers/garbage.ts";
import { interpretWhole } from "../helpers/reference.ts";

const NOTHING = new Uint8Array();

function heapUsed(): number {
  collectGarbage();
  return Deno.memoryUsage().heapUsed;
}

function dataOf(events: readonly { readonly data?: unknown }[]): unknown[] {
  return events.map((event) => event.data);
}

Deno.test("EventParser hands out events of one shape in both views", () => {
  const chunk = utf8(
    "data: a\n\n:c\nid: 1\nevent: e\nretry: 5\ndata: b\ndata: c\n\n",
  );
  for (const view of ["dispatch", "wire"] as const) {
    for (const event of new EventParser({ view }).feed(chunk)) {
      assertEquals(Object.keys(event), [
        "event",
        "data",
        "id",
        "retry",
        "comments",
        "lastEventId",
      ]);
    }
  }
});

Deno.test("EventParser starts from the last event ID that it is given", () => {
  const parser = new EventParser({ lastEventId: "7" });
  assertEquals(parser.lastEventId, "7");
  const events = parser.feed(utf8("data: a\n\nid\ndata: b\n\n"));
  assertEquals(events.map((event) => event.lastEventId), ["7", ""]);
  assertEquals(events.map((event) => event.id), [undefined, ""]);
  assertEquals(parser.lastEventId, "");
});

Deno.test("EventParser does not commit the id of an unfinished block", () => {
  const parser = new EventParser();
  parser.feed(utf8("id: 1\ndata: a\n"));
  assertEquals(parser.lastEventId, "");
  parser.feed(utf8("\n"));
  assertEquals(parser.lastEventId, "1");
});

Deno.test("EventParser counts a retry at its line", () => {
  const parser = new EventParser();
  parser.feed(utf8("retry: 5"));
  assertEquals(parser.reconnectionTime, undefined);
  parser.feed(utf8("\n"));
  assertEquals(parser.reconnectionTime, 5);
});

Deno.test("EventParser does not keep the chunks that it is fed", () => {
  const parser = new EventParser();
  const buffer = new Uint8Array(200);
  const events = [];
  for (const chunk of cut(utf8(`data: ${"é🦕".repeat(100)}\n\n`), () => 150)) {
    buffer.set(chunk);
    events.push(...parser.feed(buffer.subarray(0, chunk.length)));
    buffer.fill(0);
  }
  assertEquals(dataOf(events), ["é🦕".repeat(100)]);
});

Deno.test("EventParser refuses what is not bytes", () => {
  const chunk: unknown = "data: x\n\n";
  assertThrows(
    () => new EventParser().feed(chunk as Uint8Array),
    TypeError,
    'a chunk must be a Uint8Array, got "data: x\\n\\n"',
  );
});

for (const maxEventSize of [-1, NaN]) {
  Deno.test(`EventParser refuses a maxEventSize of ${maxEventSize}`, () => {
    assertThrows(
      () => new EventParser({ maxEventSize }),
      RangeError,
      `maxEventSize must be at least 0, got ${maxEventSize}`,
    );
  });
}

/** What a block retains is exactly so many code units. */
const sizes:
  readonly (readonly [number, string, EventDecoderOptions["view"]?])[] = [
    [0, "data\n"],
    [1, "data: x\n"],
    [3, "data: 🦕x\n"],
    [3, "data: a\ndata: b\n"],
    [3, "data: a\ndata\ndata\n"],
    [6, "event: abc\ndata: abc\n"],
    [4, "id: ab\ndata: ab\n"],
    [7, ": x\nevent: abc\nid: de\ndata: fg\n"],
    [8, "event: abc\nevent: defgh\ndata: a\n"],
    [6, "id: ab\nid: cdef\ndata: a\n"],
    [3, "retry: 123\ndata: ab\n"],
    [4, ": abc\n", "wire"],
    [3, ":\n:\n:\n", "wire"],
    [5, "data: 12345"],
    [3, "data: \xff\xff\xff"],
  ];

for (const [size, lines, view = "dispatch"] of sizes) {
  for (const ended of [lines, `${lines}\n`]) {
    for (const text of [ended, ended.replaceAll("\n", "\r\n")]) {
      Deno.test(`EventParser retains ${size} code units for ${JSON.stringify(text)}`, () => {
        for (const { chunks } of chunkings(utf8(text))) {
          const limit = new EventParser({ view, maxEventSize: size });
          for (const chunk of chunks) limit.feed(chunk);
        }
        if (size === 0) return;
        for (const { name, chunks } of chunkings(utf8(text))) {
          const below = new EventParser({ view, maxEventSize: size - 1 });
          const feedAll = () => chunks.forEach((chunk) => below.feed(chunk));
          const error = assertThrows(feedAll, EventSizeError, "", name);
          assertEquals(error.maxEventSize, size - 1);
        }
      });
    }
  }
}

Deno.test("EventParser skips lines without a meaning, however long", () => {
  const long = "x".repeat(5000);
  const text =
    `:${long}\n${long}\n${long}: y\ndat: ${long}\ndatax:${long}\nids: ${long}\ndata: ok\n\n`;
  for (const { name, chunks } of chunkings(utf8(text))) {
    const parser = new EventParser({ maxEventSize: 2 });
    assertEquals(dataOf(chunks.flatMap((c) => parser.feed(c))), ["ok"], name);
  }
});

Deno.test("EventParser does not add up what it no longer retains", () => {
  const text = `${"event: abc\nid: abc\nretry: 123\n".repeat(100)}data: x\n\n`;
  for (const { name, chunks } of chunkings(utf8(text))) {
    // A type, an id, and one more that is being read.
    const parser = new EventParser({ maxEventSize: 9 });
    assertEquals(dataOf(chunks.flatMap((c) => parser.feed(c))), ["x"], name);
  }
});

Deno.test("EventParser counts each block anew", () => {
  const parser = new EventParser({ maxEventSize: 4 });
  const chunk = utf8("data: 1234\n\nid: 1\ndata: 123\n\n".repeat(10));
  assertEquals(parser.feed(chunk).length, 20);
});

Deno.test("EventParser returns the events before one that is too large, then throws for good", () => {
  const parser = new EventParser({ maxEventSize: 3 });
  const chunk = utf8("data: 1\n\ndata: 1234\n\ndata: 2\n\n");
  assertEquals(dataOf(parser.feed(chunk)), ["1"]);
  const error = assertThrows(
    () => parser.feed(NOTHING),
    EventSizeError,
    "it must not retain more than 3 code units, got 4",
  );
  assertInstanceOf(error, RangeError);
  for (let i = 0; i < 3; i++) {
    assertStrictEquals(
      assertThrows(() => parser.feed(utf8("data: 3\n\n"))),
      error,
    );
  }
});

Deno.test("EventParser retains little of many large chunks that hold little of an event", () => {
  // 2,000 times 64 KiB: more than is left if the text of each chunk stays.
  const chunk = utf8(`data: ${"d".repeat(20)}\n:${"c".repeat(65_000)}\n`);
  const parser = new EventParser();
  const before = heapUsed();
  for (let i = 0; i < 2000; i++) parser.feed(chunk);
  const grown = heapUsed() - before;
  assert(grown < 16 * 2 ** 20, `the heap grew by ${grown} bytes`);
  const [event] = parser.feed(utf8("\n"));
  assertEquals(event.data?.length, 2000 * 21 - 1);
});

Deno.test("EventParser throws for unreadable data at once if no event came before it", () => {
  const parser = new EventParser({ data: jsonData() });
  const error = assertThrows(
    () => parser.feed(utf8("event: e\ndata: {\n\ndata: 2\n\n")),
    EventDataError,
    'Cannot read event data of event "e": ',
  );
  assertInstanceOf(error, SyntaxError);
  assertInstanceOf(error.cause, SyntaxError);
  assertEquals(error.event, "e");
  assertEquals(error.data, "{");
  assertEquals(dataOf(parser.feed(NOTHING)), [2]);
});

Deno.test("EventParser hands out everything around unreadable events, in every chunking", () => {
  const text =
    "data: 1\n\ndata: ?\n\nid: 3\ndata: 3\n\ndata: ?\r\n\r\ndata: ?\r\rdata: 6\n\n";
  for (const { name, chunks } of chunkings(utf8(text))) {
    const parser = new EventParser({ data: jsonData() });
    const seen: unknown[] = [];
    const feed = (chunk: Uint8Array): boolean => {
      try {
        seen.push(...dataOf(parser.feed(chunk)));
        return true;
      } catch (error) {
        assertInstanceOf(error, EventDataError);
        seen.push("error");
        return false;
      }
    };
    for (const chunk of chunks) feed(chunk);
    // What is left comes with empty chunks.
    for (let i = 0; i < 10; i++) feed(NOTHING);
    assertEquals(seen, [1, "error", 3, "error", "error", 6], name);
    assertEquals(parser.lastEventId, "3");
  }
});

Deno.test("EventParser keeps the chunk that comes with a call that throws", () => {
  const parser = new EventParser({ data: jsonData() });
  assertEquals(dataOf(parser.feed(utf8("data: 1\n\ndata: ?\n\nda"))), [1]);
  assertThrows(() => parser.feed(utf8("ta: 2\n\n")), EventDataError);
  assertEquals(dataOf(parser.feed(utf8("data: 3\n\n"))), [2, 3]);
});

Deno.test("EventParser does not pile up chunks for a caller that feeds on and on", () => {
  const parser = new EventParser({ data: jsonData(), maxEventSize: 1000 });
  const chunk = utf8("data: ?\n\n".repeat(100));
  const feedOn = () => {
    for (let i = 0; i < 10; i++) {
      try {
        parser.feed(chunk);
      } catch (error) {
        if (!(error instanceof EventDataError)) throw error;
      }
    }
  };
  assertThrows(feedOn, EventSizeError);
});

Deno.test("EventParser skips unreadable data when asked, its id and retry count", () => {
  const parser = new EventParser({ data: jsonData(), onInvalidData: "skip" });
  const events = parser.feed(
    utf8("data: 1\n\nid: 2\nretry: 5\ndata: ?\n\ndata: 3\n\n"),
  );
  assertEquals(dataOf(events), [1, 3]);
  assertEquals(events[1].lastEventId, "2");
  assertEquals(parser.reconnectionTime, 5);
});

Deno.test("EventParser makes an EventDataError of what a codec throws", () => {
  const cause = new RangeError("out of range");
  const data = {
    lineReader: () => ({
      readLine() {
        throw cause;
      },
      data: () => undefined,
    }),
  };
  const error = assertThrows(
    () => new EventParser({ data }).feed(utf8(`data: ${"x".repeat(5000)}\n\n`)),
    EventDataError,
    "Cannot read event data: out of range, got",
  );
  assertStrictEquals(error.cause, cause);
  assertEquals(error.data, "x".repeat(1024));
});

Deno.test("EventParser gives a codec the lines of an event and its type, once", () => {
  const calls: unknown[] = [];
  const data = {
    lineReader: () => ({
      readLine: (line: string) => calls.push(line),
      data: (event: string | undefined) => {
        calls.push({ event });
        return calls.length;
      },
    }),
  };
  const parser = new EventParser({ data, view: "wire" });
  const events = parser.feed(
    utf8("data: a\ndata\ndata: b\nevent: late\n\n:no data\n\ndata: c\n\n"),
  );
  assertEquals(calls, ["a", "", "b", { event: "late" }, "c", {
    event: undefined,
  }]);
  assertEquals(events.map(present), [
    { event: "late", data: 4, lastEventId: "" },
    { comments: ["no data"], lastEventId: "" },
    { data: 6, lastEventId: "" },
  ]);
});

Deno.test("EventParser keeps a line end behind a line that came close to the limit", () => {
  for (
    const chunks of [
      ["data:a\rdata:bbbbbb\n\n"],
      ["data:a\r", "data:bbbbbb", "\n\n"],
      ["data:a\r", "data:bbb", "bbb", "\n", "\n"],
    ]
  ) {
    const parser = new EventParser({ maxEventSize: 10 });
    const events = chunks.flatMap((text) => parser.feed(utf8(text)));
    assertEquals(dataOf(events), ["a\nbbbbbb"], chunks.join("|"));
  }
});

/** Feeds chunks, and empty ones behind them, and writes down what comes. */
function drain(parser: EventParser<unknown>, chunks: readonly string[]) {
  const seen: unknown[] = [];
  for (const text of [...chunks, ...Array<string>(20).fill("")]) {
    try {
      seen.push(...dataOf(parser.feed(utf8(text))));
    } catch (error) {
      assertInstanceOf(error, Error);
      seen.push(error.name);
    }
  }
  return seen;
}

Deno.test("EventParser loses nothing between an unreadable event and a line close to the limit", () => {
  const parser = new EventParser({ data: jsonData(), maxEventSize: 20 });
  const chunks = [
    `data:?\n\ndata:1\n\n:${"c".repeat(30)}`,
    "\n",
    "",
    "data:2\n\n",
  ];
  assertEquals(drain(parser, chunks), ["EventDataError", 1, 2]);
});

Deno.test("EventParser goes on behind an unreadable event of a chunk larger than the limit", () => {
  const parser = new EventParser({ data: jsonData(), maxEventSize: 50 });
  const chunk = `data:?\n\n${"data:1\n\n".repeat(10)}`;
  assertEquals(drain(parser, [chunk, chunk]), [
    "EventDataError",
    ...Array(10).fill(1),
    "EventDataError",
    ...Array(10).fill(1),
  ]);
});

Deno.test("EventParser does not take another view of memory for bytes", () => {
  const buffer = utf8("data:x\n\n").buffer;
  const views = [
    new DataView(buffer),
    new Uint16Array(buffer),
    new Int8Array(buffer),
    new Uint8ClampedArray(buffer),
  ];
  for (const view of views) {
    const chunk: unknown = view;
    assertThrows(
      () => new EventParser().feed(chunk as Uint8Array),
      TypeError,
      "a chunk must be a Uint8Array",
    );
  }
});

Deno.test("EventParser retains little of chunks whose types come and go", () => {
  const filler = (length: number) => `:${"c".repeat(length)}\n`;
  const data = "data:0123456789abc\n";
  const chunks = [
    utf8(`event:${"x".repeat(33_000)}\n${data}${filler(30_000)}`),
    utf8(`event:\n${data}${filler(63_000)}`),
  ];
  const parser = new EventParser({ maxEventSize: 2 ** 20 });
  const before = heapUsed();
  for (let i = 0; i < 2000; i++) parser.feed(chunks[i % 2]);
  const grown = heapUsed() - before;
  assert(grown < 16 * 2 ** 20, `the heap grew by ${grown} bytes`);
});

Deno.test("EventParser hands out ids and errors that keep no chunk in memory", () => {
  const kept: unknown[] = [];
  const text = `id: ${crypto.randomUUID()}\ndata: [${"1,".repeat(100_000)}\n\n`;
  const before = heapUsed();
  for (let i = 0; i < 300; i++) {
    const parser = new EventParser({ data: jsonData() });
    const error = assertThrows(() => parser.feed(utf8(text)), EventDataError);
    kept.push(parser.lastEventId, error.data);
  }
  const grown = heapUsed() - before;
  assert(grown < 16 * 2 ** 20, `the heap grew by ${grown} bytes`);
  assertEquals(kept.length, 600);
});

Deno.test("EventDataError says its reason on one short line", () => {
  const data = {
    lineReader: () => ({
      readLine() {
        throw new Error(`forged\nline ${"x".repeat(1000)}`);
      },
      data: () => undefined,
    }),
  };
  const error = assertThrows(
    () => new EventParser({ data }).feed(utf8("data: x\n\n")),
    EventDataError,
    "forged line xxx",
  );
  assert(!error.message.includes("\n") && error.message.length < 300);
});

Deno.test("EventParser does not know until, even if its options have it for others", () => {
  const options = { maxEventSize: 100, until: () => true };
  const events = new EventParser(options).feed(utf8("data: a\n\ndata: b\n\n"));
  assertEquals(dataOf(events), ["a", "b"]);
});

Deno.test("EventParser reads from a Buffer that is reused", () => {
  const parser = new EventParser();
  const buffer = Buffer.alloc(5000, "x\n");
  for (const type of ["a", "b", "a", "c"]) {
    buffer.write(`event: ${type}\ndata: 1\n\n`);
    assertEquals(parser.feed(buffer).map(({ event }) => event), [type]);
  }
});

Deno.test("EventParser reads on while more comes than it hands out", () => {
  const parser = new EventParser({ data: jsonData<number>() });
  const read: unknown[] = [];
  function feed(text: string): boolean {
    try {
      const events = parser.feed(utf8(text));
      read.push(...dataOf(events));
      return events.length > 0;
    } catch (error) {
      assertInstanceOf(error, EventDataError);
      read.push("?");
      return true;
    }
  }
  for (let n = 0; n < 100; n++) feed(`data: ?\n\ndata: ${n}\n\ndata: ?\n\n`);
  while (feed(""));
  assertEquals(
    read,
    Array.from({ length: 100 }, (_, n) => ["?", n, "?"]).flat(),
  );
});

Deno.test("EventParser retains little of a line that is asked about", () => {
  const parser = new EventParser();
  parser.feed(utf8("retry: 5\ndata: "));
  const before = heapUsed();
  for (let n = 0; n < 100_000; n++) {
    parser.feed(utf8("abc"));
    assertEquals(parser.reconnectionTime, 5);
  }
  const grown = heapUsed() - before;
  assert(grown < 2_000_000, `it grew by ${grown} bytes`);
  const [event] = parser.feed(utf8("\n\n"));
  assertEquals(event.data, "abc".repeat(100_000));
});

Deno.test("EventParser knows a reconnection time before its block ends", () => {
  const parser = new EventParser();
  assertEquals(parser.feed(utf8("data: a\nretry: 5")), []);
  assertEquals(parser.reconnectionTime, undefined);
  assertEquals(parser.feed(utf8("0\nda")), []);
  assertEquals(parser.reconnectionTime, 50);
  const [event] = parser.feed(utf8("ta: b\n\n"));
  assertEquals([event.data, event.retry], ["a\nb", 50]);
});

Deno.test("EventParser loses nothing when its codec asks it for its state", () => {
  const seen: unknown[] = [];
  const data: EventDataRead<string> = {
    lineReader() {
      seen.push([parser.reconnectionTime, parser.lastEventId]);
      return new EventDataStringReader();
    },
  };
  const parser = new EventParser({ data });
  const first = "id: 1\ndata: a\n\nretry: 7\ndata: b\n\nid: 3\ndata: c";
  const events = parser.feed(utf8(first)).concat(parser.feed(utf8("\n\n")));
  assertEquals(dataOf(events), ["a", "b", "c"]);
  assertEquals(seen, [[undefined, "1"], [7, "1"], [7, "3"]]);
});

Deno.test("EventParser loses nothing when it is asked for its state behind an unreadable event", () => {
  const parser = new EventParser({ data: jsonData<number>() });
  assertThrows(
    () => parser.feed(utf8("data: ?\n\ndata: 2\n\nretry: 7\n")),
    EventDataError,
  );
  assertEquals(parser.reconnectionTime, undefined);
  assertEquals(dataOf(parser.feed(utf8("data: 3\n\n"))), [2, 3]);
  assertEquals(parser.reconnectionTime, 7);
});

Deno.test("EventParser takes no line before its time when the codec of a tiny event asks it for its state", () => {
  const first = "data: 1\n\ndata: second\n\nretry: 5\nevent: too long\n";
  for (const maxEventSize of [20, 7]) {
    const seen: unknown[] = [];
    const data: EventDataRead<string, ServerSentEvent> = {
      lineReader() {
        seen.push(parser.reconnectionTime);
        return new EventDataStringReader();
      },
    };
    const parser = new EventParser({ data, maxEventSize });
    const events = parser.feed(utf8(first));
    assertEquals(dataOf(events), ["1", "second"]);
    assertEquals(events.map(({ event }) => event), [undefined, undefined]);
    if (maxEventSize === 7) {
      assertThrows(() => parser.feed(utf8("data: third\n\n")), EventSizeError);
    } else {
      const [third] = parser.feed(utf8("data: third\n\n"));
      assertEquals(third.event, "too long");
      assertEquals(third.retry, 5);
      assertEquals(seen, [undefined, undefined, 5]);
    }
  }
});

Deno.test("EventParser lets a chunk wait behind a tiny event that cannot be read, however large", () => {
  const parser = new EventParser({ data: jsonData(), maxEventSize: 16 });
  const chunk = utf8("data: 4\n\n".repeat(1000));
  assertEquals(dataOf(parser.feed(utf8("data: 1\n\ndata: ?\n\ndata: 3\n\n"))), [
    1,
  ]);
  assertThrows(() => parser.feed(chunk), EventDataError);
  const events = parser.feed(NOTHING).concat(parser.feed(NOTHING));
  assertEquals(dataOf(events), [3, ...Array.from({ length: 1000 }, () => 4)]);
});

Deno.test("EventParser refuses a chunk from the codec that it asks", () => {
  const data: EventDataRead<string, ServerSentEvent> = {
    lineReader: () => ({
      readLine() {
        parser.feed(NOTHING);
      },
      data: () => "",
    }),
  };
  const parser: EventParser = new EventParser({ data });
  const error = assertThrows(
    () => parser.feed(utf8("data: 1\n\n")),
    EventDataError,
  );
  assertInstanceOf(error.cause, TypeError);
  assertEquals(dataOf(parser.feed(NOTHING)), []);
});

Deno.test("EventParser reads an event whose lines come in thousands of chunks", () => {
  const parser = new EventParser();
  const expected = Array.from({ length: 5000 }, (_, n) => `line ${n}`);
  for (const line of expected) {
    assertEquals(parser.feed(utf8(`data: ${line}\n`)), []);
  }
  const [event] = parser.feed(utf8("\n"));
  assertEquals(event.data, expected.join("\n"));
  assertEquals(parser.feed(utf8("data: next\n\n"))[0].data, "next");
});

Deno.test("EventParser reads a long chunk behind as much as is gathered at most", () => {
  const expected = "日本".repeat(8000);
  for (let kept = 16_370; kept <= 16_390; kept++) {
    const bytes = utf8(`data: ${expected}\n\n`);
    const sizes = [4096, 4096, 4096, kept - 3 * 4096, 9001, 4097];
    const parser = new EventParser();
    const chunks = cut(bytes, () => sizes.shift() ?? Infinity);
    const events = chunks.flatMap((chunk) => parser.feed(chunk));
    assertEquals(dataOf(events), [expected]);
  }
});

/** How much is gathered at first, and at most; what is longer is decoded at once. */
const bounds = [512, 2048, 4096, 12_288, 16_384];

for (const bound of bounds) {
  Deno.test(`EventParser reads what is cut in a character about ${bound} bytes`, () => {
    const value = "x".repeat(bound - 20) + "🦕".repeat(10);
    const expected = [value, "é".repeat(bound)];
    const text = expected.map((data) => `data: ${data}\n\n`).join("");
    for (let first = bound - 16; first < bound + 16; first++) {
      for (const second of [1, 100, 4096, 4097, Infinity]) {
        const parser = new EventParser();
        let count = 0;
        const chunks = cut(utf8(text), () => count++ === 0 ? first : second);
        const events = chunks.flatMap((chunk) => parser.feed(chunk));
        assertEquals(dataOf(events), expected);
      }
    }
  });

  Deno.test(`EventParser reads a line of many chunks, cut about ${bound} bytes`, () => {
    const expected = "語x".repeat(20_000);
    for (let size = bound - 3; size < bound + 3; size++) {
      for (const sizes of [[size], [1000, size], [size, 3, 4000]]) {
        const parser = new EventParser();
        let count = 0;
        const chunks = cut(
          utf8(`: hello\n\ndata: ${expected}\n\n`),
          () => sizes[count++ % sizes.length],
        );
        const events = chunks.flatMap((chunk) => parser.feed(chunk));
        assertEquals(dataOf(events), [expected]);
      }
    }
  });
}

Deno.test("EventParser does not take the end of a line for a tiny event", () => {
  // A chunk as long as this is decoded at once, whatever it ends with.
  const long = `data: ${"x".repeat(5000)}\n\n`;
  const tails = [
    "data: y",
    "data",
    "d",
    ": y",
    "id: y",
    "data: y\r",
    "data: y\n",
  ];
  for (const tail of tails) {
    for (
      const next of ["data: 1\n\n", "data:\n\n", "data: 12\n\ndata: 3\n\n"]
    ) {
      const chunks = [`${long}${tail}`, next, "data: z\n\n"].map(utf8);
      const parser = new EventParser();
      const events = chunks.flatMap((chunk) => parser.feed(chunk));
      const whole = Uint8Array.from(chunks.flatMap((bytes) => [...bytes]));
      assertEquals(events.map(present), interpretWhole(whole).dispatch);
    }
  }
});

Deno.test("EventParser does not end a tiny event with what its memory held before", () => {
  const parser = new EventParser();
  const events: ServerSentEvent[] = [];
  const expected: string[] = [];
  for (let i = 0; i < 5000; i++) {
    const data = "1234567".slice(0, i % 8);
    for (const chunk of [`data:${data}\n`, "data: x\n", "\n"]) {
      events.push(...parser.feed(utf8(chunk)));
      // The answer takes the line that is waiting for its block.
      assertEquals(parser.reconnectionTime, undefined);
    }
    expected.push(`${data}\nx`);
  }
  assertEquals(dataOf(events), expected);
});

Deno.test("EventParser ends a line at CR alone behind a type, an id or a retry that came before", () => {
  for (const field of ["event: update", "id: 12345678", "retry: 1000"]) {
    for (const rest of ["data: b\n\n", "\rdata: b\n\n", "", "x\n\n"]) {
      const bytes = utf8(`${field}\ndata: a\n\n${field}\r${rest}`);
      const parser = new EventParser();
      assertEquals(
        parser.feed(bytes).map(present),
        interpretWhole(bytes).dispatch,
      );
      assertEquals(parser.feed(utf8("data: c\n\n")).length, 1);
    }
  }
});
