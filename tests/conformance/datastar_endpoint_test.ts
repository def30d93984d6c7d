import { assertEquals, assertMatch } from "@std/assert";
import { handler } from "../../examples/datastar_conformance.ts";
import { checkCase } from "./check_case.ts";
import {
  METHODS,
  OWN_CASES,
  requestFor,
  SAMPLE_CASES,
} from "./datastar_cases.ts";

const ORIGIN = "https://example.com";

for (const example of OWN_CASES) {
  Deno.test(`the conformance endpoint answers: ${example.name}`, async () => {
    for (const method of Object.keys(METHODS)) {
      await checkCase(example, method, ORIGIN, handler);
    }
  });
}

for (const example of SAMPLE_CASES) {
  Deno.test(`the conformance endpoint answers the sample: ${example.name}`, async () => {
    await checkCase(example, example.method, ORIGIN, handler);
  });
}

/** Requests that are no list of events, and the status of their answer. */
const NONSENSE: readonly (readonly [string, Request, number, RegExp])[] = [
  ["another path", new Request(`${ORIGIN}/`), 404, /only \/test/],
  [
    "another method",
    new Request(`${ORIGIN}/test`, { method: "OPTIONS" }),
    405,
    /GET, POST, PUT, PATCH, DELETE/,
  ],
  ["no signals", new Request(`${ORIGIN}/test`), 400, /parameter datastar/],
  [
    "signals that are no JSON",
    new Request(`${ORIGIN}/test?datastar={`),
    400,
    /must be JSON/,
  ],
  [
    "signals without events",
    new Request(`${ORIGIN}/test?datastar={}`),
    400,
    /array named events/,
  ],
  [
    "events that are no array",
    new Request(`${ORIGIN}/test?datastar={"events":{"length":1}}`),
    400,
    /array named events/,
  ],
  [
    "a form",
    new Request(`${ORIGIN}/test`, {
      method: "POST",
      body: new URLSearchParams({ datastar: '{"events":[]}' }),
    }),
    415,
    /application\/json/,
  ],
  [
    "more than a mebibyte",
    requestFor([{ elements: "x".repeat(1024 * 1024) }], "PUT", ORIGIN),
    413,
    /longer than 1048576 bytes/,
  ],
];

for (const [name, request, status, reason] of NONSENSE) {
  Deno.test(`the conformance endpoint refuses ${name}`, async () => {
    const response = await handler(request);
    assertMatch(await response.text(), reason);
    assertEquals(response.status, status);
  });
}
