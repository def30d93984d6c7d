import { type } from "arktype";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertThrows,
} from "@std/assert";
import * as v from "valibot";
import * as z from "zod";
import {
  encodeEvent,
  EventDataError,
  EventDataJsonReader,
  EventParser,
  formatEvent,
  jsonData,
  JsonEventData,
  type StandardSchema,
} from "../../mod.ts";
import { utf8 } from "../helpers/bytes.ts";

for (
  const data of [0, "", "a\nb", null, false, [], {}, { a: [1, { b: null }] }]
) {
  Deno.test(`jsonData writes and reads back ${JSON.stringify(data)}`, () => {
    const codec = jsonData<unknown>();
    const bytes = encodeEvent({ data }, { data: codec });
    const [event] = new EventParser({ data: codec }).feed(bytes);
    assertEquals(event.data, data);
  });
}

Deno.test("jsonData reads JSON of several lines", () => {
  const parser = new EventParser({ data: jsonData() });
  const [event] = parser.feed(utf8('data: {\ndata: "a":\ndata: 1}\n\n'));
  assertEquals(event.data, { a: 1 });
});

Deno.test("jsonData reads empty data as none: the event is delivered, its id counts", () => {
  const parser = new EventParser({ data: jsonData() });
  const events = parser.feed(utf8("id: 1\nretry: 5\ndata:\n\ndata\n\n"));
  assertEquals(events.map(({ data, lastEventId }) => [data, lastEventId]), [
    [undefined, "1"],
    [undefined, "1"],
  ]);
});

Deno.test("EventDataJsonReader has no data without a line", () => {
  assertEquals(new EventDataJsonReader().data(undefined), undefined);
});

Deno.test("jsonData cannot write what JSON cannot hold", () => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  for (
    const data of [() => {}, Symbol("s"), 1n, { n: 1n }, NaN, Infinity, cycle]
  ) {
    const error = assertThrows(
      () => formatEvent<unknown>({ data }, { data: jsonData<unknown>() }),
      EventDataError,
      "Cannot write event data: ",
    );
    assertEquals(error.data, data);
  }
});

Deno.test("jsonData does not write data that is undefined", () => {
  assertEquals(
    formatEvent({ id: "1", data: undefined }, { data: jsonData<number>() }),
    "id: 1\n\n",
  );
});

Deno.test("jsonData does not let __proto__ reach a prototype", () => {
  const parser = new EventParser({ data: jsonData<object>() });
  const [{ data }] = parser.feed(utf8('data: {"__proto__":{"x":1}}\n\n'));
  assert(data !== undefined && !("x" in data));
});

/** The same schema from three libraries. */
const schemas: readonly (readonly [string, StandardSchema<{ n: number }>])[] = [
  ["zod", z.object({ n: z.number() })],
  ["valibot", v.object({ n: v.number() })],
  ["arktype", type({ n: "number" })],
];

for (const [library, schema] of schemas) {
  Deno.test(`jsonData checks with a schema of ${library}`, () => {
    const parser = new EventParser({ data: jsonData({ schema }) });
    const [event] = parser.feed(utf8('data: {"n":1}\n\n'));
    assertEquals(event.data, { n: 1 });
    const error = assertThrows(
      () => parser.feed(utf8('event: e\ndata: {"n":"x"}\n\n')),
      EventDataError,
      'Cannot read event data of event "e": ',
    );
    assert(error.message.includes(" at n"), error.message);
    assertEquals(error.data, '{"n":"x"}');
    assert(Array.isArray(error.cause));
    assertEquals(parser.feed(utf8('data: {"n":2}\n\n')).length, 1);
  });
}

Deno.test("jsonData hands out what the schema makes of the value", () => {
  const schema = z.object({ at: z.coerce.date() });
  const parser = new EventParser({ data: jsonData({ schema }) });
  const [event] = parser.feed(utf8('data: {"at":"2026-11-22"}\n\n'));
  assertInstanceOf(event.data?.at, Date);
});

Deno.test("jsonData refuses a schema that validates asynchronously", () => {
  const rejecting: StandardSchema<number> = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: () => Promise.reject(new Error("nobody waits for this")),
    },
  };
  for (
    const schema of [z.number().refine(() => Promise.resolve(true)), rejecting]
  ) {
    const parser = new EventParser({ data: jsonData({ schema }) });
    assertThrows(
      () => parser.feed(utf8("data: 1\n\n")),
      EventDataError,
      "a schema must validate synchronously",
    );
  }
});

Deno.test("JsonEventData is the codec that jsonData makes", () => {
  const data = new JsonEventData<number>();
  const [event] = new EventParser({ data }).feed(
    encodeEvent({ data: 1 }, { data }),
  );
  assertEquals(event.data, 1);
  assertInstanceOf(jsonData(), JsonEventData);
  assertInstanceOf(data.lineReader(), EventDataJsonReader);
});
