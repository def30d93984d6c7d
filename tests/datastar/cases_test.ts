import { assertEquals } from "@std/assert";
import { encodeEvent, EventParser, formatEvent } from "../../mod.ts";
import { datastarData, type DatastarEvent } from "../../datastar/mod.ts";
import { chunkings, utf8 } from "../helpers/bytes.ts";
import { present } from "../helpers/events.ts";
import { CASES, textOf } from "./cases.ts";

/** Without the keys that are `undefined`. */
function compact(data: DatastarEvent | undefined): unknown {
  return Object.fromEntries(
    Object.entries(data ?? {}).filter(([, value]) => value !== undefined),
  );
}

for (const example of CASES) {
  const { name, event, id, retry, data } = example;
  const text = textOf(example);

  Deno.test(`${name}: is written, to the byte`, () => {
    assertEquals(new TextDecoder().decode(encodeEvent(event)), text);
  });

  for (const { name: chunking, chunks } of chunkings(utf8(text))) {
    Deno.test(`${name}: is read by datastarData ${chunking}`, () => {
      const parser = new EventParser({ data: datastarData, view: "wire" });
      const events = chunks.flatMap((chunk) => parser.feed(chunk));
      assertEquals(
        events.map((event) =>
          present({ ...event, lastEventId: undefined, data: undefined })
        ),
        [present({ event: `datastar-${data.type}`, id, retry })],
      );
      assertEquals(compact(events[0].data), { ...data });
    });
  }

  Deno.test(`${name}: is written again by datastarData as it was`, () => {
    const parser = new EventParser({ data: datastarData, view: "wire" });
    const [read] = parser.feed(utf8(text));
    const { rewritten: lines = example.lines } = example;
    assertEquals(
      formatEvent(read, { data: datastarData }),
      textOf({ ...example, lines }),
    );
  });
}
