import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { chunkSizes, eventStreamBytes } from "../helpers/arbitraries.ts";
import { cut } from "../helpers/bytes.ts";
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
