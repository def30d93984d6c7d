import { assertEquals } from "@std/assert";
import {
  encodeEvent,
  EventDataMultiLineReader,
  EventDataStringReader,
  EventParser,
  lineData,
  stringData,
} from "../../mod.ts";

Deno.test("EventDataStringReader joins lines by line feeds", () => {
  for (
    const [lines, expected] of [
      [[], undefined],
      [[""], ""],
      [["a"], "a"],
      [["", ""], "\n"],
      [["a", "", "b"], "a\n\nb"],
    ] as const
  ) {
    const reader = new EventDataStringReader();
    for (const line of lines) reader.readLine(line);
    assertEquals(reader.data(), expected);
  }
});

Deno.test("stringData is the default", () => {
  const bytes = encodeEvent({ data: "a\n\nb" }, { data: stringData });
  assertEquals(bytes, encodeEvent({ data: "a\n\nb" }));
  assertEquals(
    new EventParser({ data: stringData }).feed(bytes),
    new EventParser().feed(bytes),
  );
});

Deno.test("EventDataMultiLineReader keeps lines apart", () => {
  const reader = new EventDataMultiLineReader();
  assertEquals(reader.data(), undefined);
  reader.readLine("");
  reader.readLine("a");
  assertEquals(reader.data(), ["", "a"]);
});

for (const data of [[""], ["a"], ["a", "b"], ["", "", ""], [" a", "b "]]) {
  Deno.test(`lineData writes and reads back ${JSON.stringify(data)}`, () => {
    const bytes = encodeEvent({ data }, { data: lineData });
    const [event] = new EventParser({ data: lineData }).feed(bytes);
    assertEquals(event.data, data);
  });
}
