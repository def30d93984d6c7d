import { assertEquals, assertMatch } from "@std/assert";
import { type EndpointCase, requestFor } from "./datastar_cases.ts";

/** Asks the endpoint for the events of a case, and checks the answer to the byte. */
export async function checkCase(
  { events, expected }: EndpointCase,
  method: string,
  origin: string,
  fetch: (request: Request) => Promise<Response>,
): Promise<void> {
  const response = await fetch(requestFor(events, method, origin));
  const text = new TextDecoder("utf-8", { ignoreBOM: true })
    .decode(await response.bytes());
  if (expected === undefined) {
    assertMatch(text, /^Cannot write event[^\n]+\n$/);
    assertEquals(response.status, 400);
    return;
  }
  assertEquals(text, expected);
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("content-type"), "text/event-stream");
}
