import { assertEquals, assertStringIncludes } from "@std/assert";
import { replaceUrl } from "../../datastar/mod.ts";

Deno.test("replaceUrl passes its options on", () => {
  const event = replaceUrl("/a", {
    eventId: "e",
    retryDuration: 5,
    autoRemove: false,
    attributes: { nonce: "n" },
  });
  assertEquals([event.id, event.retry], ["e", 5]);
  assertStringIncludes(
    event.data ?? "",
    '<script nonce="n">window.history.replaceState(',
  );
});
