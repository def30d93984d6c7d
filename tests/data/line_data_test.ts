import { assertThrows } from "@std/assert";
import { EventDataError, formatEvent, lineData } from "../../mod.ts";

for (
  const [data, message] of [
    [[], "a list of lines must not be empty, got an array"],
    [["a", "b\nc"], 'a line must not contain a line end, got "b\\nc"'],
    [["\r"], 'a line must not contain a line end, got "\\r"'],
  ] as const
) {
  Deno.test(`lineData refuses to write ${JSON.stringify(data)}`, () => {
    assertThrows(
      () => formatEvent({ event: "e", data: [...data] }, { data: lineData }),
      EventDataError,
      `Cannot write event data of event "e": ${message}`,
    );
  });
}
