import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  EventDataError,
  type EventDataRead,
  EventParser,
  type ServerSentEvent,
} from "../../mod.ts";
import {
  chunkSizes,
  eventStreamBytes,
  longChunkSizes,
  longStreamBytes,
  plausibleStreamBytes,
  tinyStreamBytes,
  wideStreamBytes,
} from "../helpers/arbitraries.ts";
import { cut, utf8 } from "../helpers/bytes.ts";
import { present } from "../helpers/events.ts";
import { interpretWhole } from "../helpers/reference.ts";
import { waysIn } from "../helpers/ways_in.ts";

const [parser, ...streams] = waysIn;

for (
  const { ways, runs } of [
    { ways: [parser], runs: 20_000 },
    { ways: streams, runs: 1000 },
  ]
) {
  for (const { name, read } of ways) {
    Deno.test(`${name} reads any bytes in any chunking as the specification's steps do`, async () => {
      await fc.assert(
        fc.asyncProperty(eventStreamBytes, chunkSizes, async (bytes, sizes) => {
          const expected = interpretWhole(bytes);
          let i = 0;
          const chunks = cut(bytes, () => sizes[i++ % sizes.length]);
          for (const view of ["dispatch", "wire"] as const) {
            const actual = await read(chunks, { view });
            assertEquals(actual, {
              events: expected[view],
              lastEventId: expected.lastEventId,
              reconnectionTime: expected.reconnectionTime,
            });
          }
        }),
        { numRuns: runs },
      );
    });
  }
}

Deno.test("EventParser hands out with each chunk what the bytes so far say", () => {
  fc.assert(
    fc.property(
      fc.oneof(eventStreamBytes, plausibleStreamBytes, tinyStreamBytes),
      chunkSizes,
      fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }),
      (bytes, sizes, asked) => {
        const parser = new EventParser();
        const events: ServerSentEvent[] = [];
        let length = 0;
        let i = 0;
        for (const chunk of cut(bytes, () => sizes[i++ % sizes.length])) {
          events.push(...parser.feed(chunk));
          length += chunk.length;
          const expected = interpretWhole(bytes.subarray(0, length));
          assertEquals(events.length, expected.dispatch.length);
          assertEquals(parser.lastEventId, expected.lastEventId);
          // Not always, since the answer takes what is waiting for its block.
          if (!asked[i % asked.length]) continue;
          assertEquals(parser.reconnectionTime, expected.reconnectionTime);
        }
        assertEquals(
          events.map(present),
          interpretWhole(bytes).dispatch,
        );
      },
    ),
    { numRuns: 2000 },
  );
});

/** Chunks in one buffer, which is overwritten as soon as they have been used. */
function* reusing(
  bytes: Uint8Array<ArrayBuffer>,
  sizes: readonly number[],
): Generator<Uint8Array> {
  const buffer = new Uint8Array(Math.max(...sizes));
  let i = 0;
  for (const chunk of cut(bytes, () => sizes[i++ % sizes.length])) {
    buffer.set(chunk);
    yield buffer.subarray(0, chunk.length);
    buffer.fill(0x0a);
  }
}

for (
  const { what, streams, sizes, runs } of [
    {
      what: "what servers write",
      streams: plausibleStreamBytes,
      sizes: chunkSizes,
      runs: 2000,
    },
    {
      what: "what is beyond ASCII",
      streams: wideStreamBytes,
      sizes: chunkSizes,
      runs: 5000,
    },
    {
      what: "the smallest events",
      streams: tinyStreamBytes,
      sizes: chunkSizes,
      runs: 5000,
    },
    {
      what: "long lines in large chunks",
      streams: longStreamBytes,
      sizes: longChunkSizes,
      runs: 300,
    },
  ]
) {
  for (const view of ["dispatch", "wire"] as const) {
    Deno.test(`EventParser reads ${what} from a buffer that is reused, in the ${view} view`, () => {
      fc.assert(
        fc.property(streams, sizes, (bytes, sizes) => {
          const expected = interpretWhole(bytes);
          const parser = new EventParser({ view });
          const events: ServerSentEvent[] = [];
          for (const chunk of reusing(bytes, sizes)) {
            events.push(...parser.feed(chunk));
          }
          assertEquals(events.map(present), expected[view]);
          assertEquals(parser.lastEventId, expected.lastEventId);
        }),
        { numRuns: runs },
      );
    });
  }
}

Deno.test("EventParser finds its place in a chunk beyond ASCII, however little is behind an event", () => {
  // Of a chunk as long as this, what is behind the last line is decoded with it.
  const long = `data: ${"x".repeat(5000)}\n\n`;
  const heads = ["event: x\n", "event: é\n", "id: é\n", ": é\n", "retry: 1\n"];
  const tails = ["", "é", "d", "dé", "éd", "語", "🦕", "é\n", "\né", "\n\n"];
  for (const head of heads) {
    for (
      const data of ["data: é\n", "data: é\ndata: é\n", "data: x\nid: é\n"]
    ) {
      for (const tail of tails) {
        for (const lineEnd of ["\n", "\r\n"]) {
          const chunks = [`${long}${head}${data}\n${tail}`, `\ndata: z\n\n`]
            .map(
              (text) => utf8(text.replaceAll("\n", lineEnd)),
            );
          const parser = new EventParser();
          const events = chunks.flatMap((chunk) => parser.feed(chunk));
          const whole = Uint8Array.from(chunks.flatMap((bytes) => [...bytes]));
          assertEquals(events.map(present), interpretWhole(whole).dispatch);
        }
      }
    }
  }
});

const isReadable = (text: string) => text.length % 3 !== 0;

/** Reads only some of what there is. */
const pickyData: EventDataRead<string> = {
  lineReader() {
    const lines: string[] = [];
    return {
      readLine: (line) => void lines.push(line),
      data() {
        const text = lines.join("\n");
        if (isReadable(text)) return text;
        throw new Error("unreadable");
      },
    };
  },
};

const unreadable = fc.oneof(plausibleStreamBytes, tinyStreamBytes);

Deno.test("EventParser goes on behind events that cannot be read, from a buffer that is reused", () => {
  fc.assert(
    fc.property(unreadable, chunkSizes, (bytes, sizes) => {
      const data: EventDataRead<string> = {
        lineReader() {
          // What is waiting for its block must not be taken before this event.
          void parser.reconnectionTime;
          return pickyData.lineReader();
        },
      };
      const parser: EventParser = new EventParser({ data });
      const read: (string | undefined)[] = [];
      function feed(chunk: Uint8Array): boolean {
        try {
          const events = parser.feed(chunk);
          read.push(...events.map(({ data }) => data));
          return events.length > 0;
        } catch (error) {
          if (!(error instanceof EventDataError)) throw error;
          read.push("unreadable");
          return true;
        }
      }
      // What is left is asked for now and then only.
      for (const chunk of reusing(bytes, sizes)) feed(chunk);
      while (feed(new Uint8Array()));
      const expected = interpretWhole(bytes).dispatch.map(({ data }) => {
        return isReadable(data ?? "") ? data : "unreadable";
      });
      assertEquals(read, expected);
    }),
    { numRuns: 1500 },
  );
});
