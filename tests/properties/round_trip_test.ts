import { assertEquals, assertInstanceOf } from "@std/assert";
import fc from "fast-check";
import {
  encodeEvent,
  EventBuildError,
  EventParser,
  type ServerSentEvent,
} from "../../mod.ts";
import { anyText, chunkSizes } from "../helpers/arbitraries.ts";
import { cut } from "../helpers/bytes.ts";
import { present } from "../helpers/events.ts";

const retry = fc.oneof(
  fc.maxSafeNat(),
  fc.constantFrom(0, 1, Number.MAX_SAFE_INTEGER),
);

const anyEvent: fc.Arbitrary<ServerSentEvent> = fc.record({
  event: anyText,
  data: anyText,
  id: anyText,
  retry: fc.oneof(retry, fc.double(), fc.constantFrom(-1, 2 ** 53)),
  comments: fc.array(anyText, { maxLength: 3 }),
}, { requiredKeys: [] });

const lineOfText = anyText.map((text) =>
  text.replace(/[\r\n\0]/g, "").toWellFormed()
);

const writableEvent: fc.Arbitrary<ServerSentEvent> = fc.record({
  event: lineOfText,
  data: anyText,
  id: lineOfText,
  retry,
  comments: fc.array(lineOfText, { minLength: 1, maxLength: 3 }),
}, { requiredKeys: ["data"] });

/** What comes back of an event that was written. */
function readBack(
  { event, data, lastEventId: _, ...rest }: ServerSentEvent,
): ServerSentEvent {
  return {
    ...(event ? { event } : {}),
    ...(data === undefined
      ? {}
      : { data: data.replace(/\r\n|\r/g, "\n").toWellFormed() }),
    ...rest,
  };
}

function read(bytes: Uint8Array<ArrayBuffer>, sizes: number[]) {
  const parser = new EventParser({ view: "wire" });
  let i = 0;
  return cut(bytes, () => sizes[i++ % sizes.length])
    .flatMap((chunk) => parser.feed(chunk))
    .map(present)
    .map(({ lastEventId: _, ...event }) => event);
}

Deno.test("an event that is written is read back, in any chunking", () => {
  fc.assert(
    fc.property(writableEvent, chunkSizes, (event, sizes) => {
      assertEquals(read(encodeEvent(event), sizes), [readBack(event)]);
    }),
    { numRuns: 5000 },
  );
});

Deno.test("no field of an event can forge another, an event or a line", () => {
  fc.assert(
    fc.property(anyEvent, chunkSizes, (event, sizes) => {
      let bytes: Uint8Array<ArrayBuffer>;
      try {
        bytes = encodeEvent(event);
      } catch (error) {
        assertInstanceOf(error, EventBuildError);
        return;
      }
      const before = encodeEvent({ data: "before" });
      const after = encodeEvent({ data: "after" });
      const { comments, ...fields } = readBack(event);
      assertEquals(
        read(Uint8Array.from([...before, ...bytes, ...after]), sizes),
        [
          { data: "before" },
          { ...fields, ...(comments?.length ? { comments } : {}) },
          { data: "after" },
        ],
      );
    }),
    { numRuns: 5000 },
  );
});
