import { assertEquals, assertThrows } from "@std/assert";
import { EventBuildError } from "../../mod.ts";
import { removeElements } from "../../datastar/mod.ts";

for (const selector of ["", " ", "#a\n", "#a\r#b"]) {
  Deno.test(`removeElements refuses the selector ${JSON.stringify(selector)}`, () => {
    assertThrows(() => removeElements(selector), EventBuildError);
  });
}

Deno.test("removeElements refuses to be without a selector", () => {
  assertThrows(
    () => removeElements(undefined as unknown as string),
    EventBuildError,
  );
});

Deno.test("removeElements lets no option of others through", () => {
  const options = { mode: "inner", selector: "#b", namespace: "html" };
  assertEquals(
    removeElements("#a", options as Parameters<typeof removeElements>[1]).data,
    "selector #a\nmode remove",
  );
});
