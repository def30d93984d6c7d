import { assertStringIncludes, assertThrows } from "@std/assert";
import { EventBuildError } from "../../mod.ts";
import { prefetch } from "../../datastar/mod.ts";

Deno.test("prefetch refuses to be without a URL", () => {
  assertThrows(() => prefetch([]), EventBuildError, "there must be a URL");
});

Deno.test("prefetch refuses a list with one URL that would run", () => {
  assertThrows(() => prefetch(["/a", "javascript:b"]), EventBuildError);
});

Deno.test("prefetch stays in the page unless autoRemove is true", () => {
  const attributes = { nonce: "n" };
  assertStringIncludes(
    prefetch("/a", { attributes }).data ?? "",
    '<script type="speculationrules" nonce="n">{',
  );
  assertStringIncludes(
    prefetch("/a", { autoRemove: true }).data ?? "",
    'type="speculationrules" data-effect="el.remove()">{',
  );
});

Deno.test("prefetch takes attributes as a list", () => {
  const { data = "" } = prefetch("/a", { attributes: ['nonce="n"'] });
  assertStringIncludes(data, '<script type=speculationrules nonce="n">{');
});

for (const attributes of [{ type: "module" }, ['TYPE="module"']]) {
  Deno.test(`prefetch refuses a type of its own: ${JSON.stringify(attributes)}`, () => {
    assertThrows(() => prefetch("/a", { attributes }), EventBuildError);
  });
}
