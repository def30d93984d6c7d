import { assertEquals } from "@std/assert";
import { chunkings, utf8 } from "../helpers/bytes.ts";
import { waysIn } from "../helpers/ways_in.ts";
import { decodeVectors } from "./vectors.ts";
import { sampleVectors } from "./sample_vectors.ts";

const vectors = [...decodeVectors, ...sampleVectors()];

for (const { name, read } of waysIn) {
  for (const view of ["dispatch", "wire"] as const) {
    Deno.test(`${name} reads all vectors in every chunking, ${view} view`, async () => {
      for (const vector of vectors) {
        const bytes = typeof vector.input === "string"
          ? utf8(vector.input)
          : vector.input;
        for (const { name: chunking, chunks } of chunkings(bytes)) {
          const actual = await read(chunks, { view });
          const expected = {
            events: view === "dispatch" ? vector.dispatch : vector.wire,
            lastEventId: vector.lastEventId,
            reconnectionTime: vector.reconnectionTime,
          };
          const events = view === "dispatch"
            ? actual.events
            : actual.events.map(({ lastEventId: _, ...event }) => event);
          assertEquals(
            { ...actual, events },
            { ...expected, events: [...expected.events] },
            `${vector.name} (${vector.clause}), ${chunking}`,
          );
        }
      }
    });
  }
}

Deno.test("all vectors have names of their own", () => {
  const names = vectors.map((vector) => vector.name);
  assertEquals(names.length, new Set(names).size);
});
