import { assertEquals, assertThrows } from "@std/assert";
import {
  dataByEvent,
  encodeEvent,
  EventDataError,
  EventParser,
  formatEvent,
  jsonData,
  lineData,
  stringData,
} from "../../mod.ts";
import { utf8 } from "../helpers/bytes.ts";

const TEXT =
  "event: n\ndata: 1\n\nid: 7\nevent: other\ndata: 2\n\ndata: 3\n\n" +
  "event: message\ndata: 4\n\ndata: 5\nevent: n\n\n";

function read(text: string, data: Parameters<typeof dataByEvent>[0]) {
  return new EventParser({ data: dataByEvent(data) }).feed(utf8(text))
    .map(({ data, lastEventId }) => [data, lastEventId]);
}

Deno.test("dataByEvent reads with the codec of the type, wherever the type stands", () => {
  assertEquals(read(TEXT, { n: jsonData<number>(), message: lineData }), [
    [1, ""],
    [["3"], "7"],
    [["4"], "7"],
    [5, "7"],
  ]);
});

Deno.test("dataByEvent leaves out types without a codec, their ids count", () => {
  assertEquals(read(TEXT, { n: jsonData<number>() }), [[1, ""], [5, "7"]]);
});

Deno.test("dataByEvent reads other types with the fallback", () => {
  const data = dataByEvent({ n: jsonData<number>() }, stringData);
  const events = new EventParser({ data }).feed(utf8(TEXT));
  assertEquals(events.map((event) => event.data), [1, "2", "3", "4", 5]);
});

for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
  Deno.test(`dataByEvent does not take ${name} for a type that has a codec`, () => {
    assertEquals(read(`event: ${name}\ndata: 1\n\n`, { n: stringData }), []);
    assertThrows(
      () =>
        formatEvent<unknown>({ event: name, data: "x" }, {
          data: dataByEvent({ n: stringData }),
        }),
      EventDataError,
    );
  });
}

Deno.test("dataByEvent reads several lines", () => {
  assertEquals(read("data: a\ndata: b\n\n", { message: lineData }), [
    [["a", "b"], ""],
  ]);
});

Deno.test("dataByEvent writes with the codec of the type", () => {
  const data = dataByEvent({ n: jsonData<number>(), message: lineData });
  const write = (event: string | undefined, value: number | string[]) =>
    new TextDecoder().decode(
      encodeEvent<number | string[]>({ event, data: value }, { data }),
    );
  assertEquals(write("n", 1), "event: n\ndata: 1\n\n");
  assertEquals(write(undefined, ["a", "b"]), "data: a\ndata: b\n\n");
  assertEquals(write("message", ["a"]), "event: message\ndata: a\n\n");
});

Deno.test("dataByEvent cannot write data of a type without a codec", () => {
  const data = dataByEvent({ n: jsonData<number>() });
  for (const event of [undefined, "other"]) {
    assertThrows(
      () => formatEvent<number>({ event, data: 1 }, { data }),
      EventDataError,
      "no codec is given for events of this type",
    );
  }
  assertEquals(
    formatEvent<number>({ event: "other" }, { data }),
    "event: other\n\n",
  );
});

Deno.test("dataByEvent in dataByEvent leaves out what the inner one leaves out", () => {
  const inner = dataByEvent({ a: stringData });
  const data = dataByEvent({ b: jsonData<number>() }, inner);
  const events = new EventParser({ data }).feed(
    utf8("event: a\ndata: 1\n\nevent: b\ndata: 1\n\nevent: c\ndata: 1\n\n"),
  );
  assertEquals(events.map((event) => event.data), ["1", 1]);
});

Deno.test("dataByEvent passes on what a codec throws, with the type", () => {
  const parser = new EventParser({ data: dataByEvent({ n: jsonData() }) });
  const error = assertThrows(
    () => parser.feed(utf8("event: n\ndata: ?\n\n")),
    EventDataError,
  );
  assertEquals([error.event, error.data], ["n", "?"]);
});

Deno.test("dataByEvent leaves blocks without data to the wire view", () => {
  const data = dataByEvent({ n: jsonData<number>() });
  const events = new EventParser<unknown>({ data, view: "wire" }).feed(
    utf8("event: other\nid: 1\n\nevent: other\ndata: x\n\n:c\n\n"),
  );
  assertEquals(events.map((event) => event.id ?? event.comments), ["1", ["c"]]);
});
