import { assertEquals } from "@std/assert";
import { isDatastarRequest } from "../../datastar/mod.ts";

for (
  const [value, expected] of [
    [undefined, false],
    ["true", true],
    ["false", false],
    ["", false],
    ["1", false],
  ] as const
) {
  Deno.test(`isDatastarRequest is ${expected} if the header is ${value}`, () => {
    const headers: HeadersInit = value === undefined
      ? {}
      : { "Datastar-Request": value };
    const request = new Request("https://example.com", { headers });
    assertEquals(isDatastarRequest(request), expected);
  });
}
