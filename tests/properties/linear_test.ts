import { assert, assertEquals } from "@std/assert";
import { EventDataError, EventParser, jsonData } from "../../mod.ts";
import { cut, utf8 } from "../helpers/bytes.ts";
import { countWork } from "../helpers/work.ts";

/** Inputs that were quadratic in one parser or another, as functions of their size. */
const inputs: Readonly<Record<string, (size: number) => string>> = {
  "one line of data": (n) => `data: ${"x".repeat(n)}\n\n`,
  "one line of data beyond ASCII": (n) => `data: ${"語".repeat(n / 3)}\n\n`,
  "an event of many lines": (n) => `${"data: 12345\n".repeat(n / 12)}\n`,
  "an event of many empty lines": (n) => `${"data\n".repeat(n / 5)}\n`,
  "many events": (n) => "data: 1\n\n".repeat(n / 9),
  "many events ended by CR": (n) => "data: 1\r\r".repeat(n / 9),
  "many events ended by CR LF": (n) => "data: 1\r\n\r\n".repeat(n / 11),
  "many blank lines": (n) => "\n".repeat(n),
  "many blank lines ended by CR": (n) => "\r".repeat(n),
  "a comment": (n) => `:${"x".repeat(n)}\n`,
  "many comments": (n) => ":\n".repeat(n / 2),
  "a line without a colon": (n) => `${"x".repeat(n)}\n`,
  "many lines without a colon": (n) => "x\n".repeat(n / 2),
  "many names that begin like a field": (n) => "dat\n".repeat(n / 4),
  "many types": (n) => "event: abc\n".repeat(n / 11),
  "many ids": (n) => "id: abc\n".repeat(n / 8),
};

const SIZE = 60_000;

for (const [name, make] of Object.entries(inputs)) {
  for (const chunkSize of [1, 64, 1000, 16_384, Infinity]) {
    for (const view of ["dispatch", "wire"] as const) {
      Deno.test(`EventParser takes linear work for ${name}, chunks of ${chunkSize}, ${view} view`, () => {
        const [small, large] = [SIZE, 4 * SIZE].map((size) => {
          // With a blank line, since lines that no event needs may wait for one.
          const chunks = cut(utf8(`${make(size)}\n`), () => chunkSize);
          const parser = new EventParser({ view });
          return countWork(() => chunks.forEach((chunk) => parser.feed(chunk)));
        });
        // Not 4 and a little, since only the large data is joined in two steps; a
        // quadratic reader takes 16 times the work.
        assert(
          large < 6 * small,
          `4 times the input takes ${large / small} times the work`,
        );
        assert(large < 10 * 4 * SIZE, `${large / (4 * SIZE)} steps per byte`);
      });
    }
  }
}

Deno.test("EventParser takes linear work for an event that comes among ignored lines", () => {
  // What an unfinished block keeps is copied out of each chunk: once.
  const chunk = utf8(`data: ${"d".repeat(50)}\n:${"c".repeat(1000)}\n`);
  const [few, many] = [100, 400].map((count) => {
    const parser = new EventParser();
    return countWork(() => {
      for (let i = 0; i < count; i++) parser.feed(chunk);
      assertEquals(parser.feed(utf8("\n")).length, 1);
    });
  });
  assert(
    many < 4.5 * few,
    `4 times the input takes ${many / few} times the work`,
  );
});

Deno.test("EventParser takes linear work behind unreadable events", () => {
  const [few, many] = [1000, 4000].map((count) => {
    const parser = new EventParser({ data: jsonData() });
    let chunk = utf8("data: ?\n\n".repeat(count));
    return countWork(() => {
      for (let i = 0; i <= count; i++) {
        try {
          parser.feed(chunk);
        } catch (error) {
          if (!(error instanceof EventDataError)) throw error;
        }
        chunk = new Uint8Array();
      }
    });
  });
  assert(
    many < 4.5 * few,
    `4 times the input takes ${many / few} times the work`,
  );
});
