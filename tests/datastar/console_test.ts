import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { EventDataError, type ServerSentEvent } from "../../mod.ts";
import { consoleError, consoleLog } from "../../datastar/mod.ts";

function dataOf({ data }: ServerSentEvent): string {
  return data ?? "";
}

const cycle: unknown[] = [];
cycle.push(cycle);

for (const [name, write] of Object.entries({ consoleLog, consoleError })) {
  const method = name === "consoleLog" ? "log" : "error";

  for (
    const [value, text] of [
      ["a\n\"'", '"a\\n\\"\'"'],
      [1, "1"],
      [null, "null"],
      [[{}], "[{}]"],
    ] as const
  ) {
    Deno.test(`${name} writes ${text}`, () => {
      assertStringIncludes(
        dataOf(write(value)),
        `>console.${method}(${text})<`,
      );
    });
  }

  Deno.test(`${name} refuses what JSON cannot hold`, () => {
    for (const value of [undefined, () => {}, Symbol("s"), 1n, cycle]) {
      assertThrows(() => write(value), EventDataError);
    }
  });

  Deno.test(`${name} passes its options on`, () => {
    const event = write(1, {
      eventId: "e",
      retryDuration: 5,
      autoRemove: false,
      attributes: { nonce: "n" },
    });
    assertEquals([event.id, event.retry], ["e", 5]);
    assertStringIncludes(dataOf(event), `<script nonce="n">console.`);
  });
}

Deno.test("consoleError writes the name and the message of an error, not its stack", () => {
  const data = dataOf(consoleError(new RangeError('too "much"')));
  assertStringIncludes(data, 'console.error("RangeError: too \\"much\\"")<');
});
