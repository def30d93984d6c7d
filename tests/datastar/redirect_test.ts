import { assertStringIncludes, assertThrows } from "@std/assert";
import { EventBuildError } from "../../mod.ts";
import { prefetch, redirect, replaceUrl } from "../../datastar/mod.ts";

/** All that put a URL into a page. */
const ALL = { redirect, replaceUrl, prefetch };

const REFUSED = [
  "javascript:alert(1)",
  "JAVASCRIPT:alert(1)",
  " javascript:alert(1)",
  "\x00javascript:alert(1)",
  "java\nscript:alert(1)",
  "java\tscript\r:alert(1)",
  "vbscript:x",
  "data:text/html,<script>alert(1)</script>",
  "blob:https://example.com/1",
  "https://",
  "http://a b/",
];

const TAKEN = [
  "/home",
  "?page=2",
  "#top",
  "../up",
  "//other.example/path",
  "https://example.com/?a=1&b=\"'<>",
  "/search?q=javascript:alert(1)",
  "mailto:a@example.com",
];

for (const [name, make] of Object.entries(ALL)) {
  for (const url of REFUSED) {
    Deno.test(`${name} refuses ${JSON.stringify(url)}`, () => {
      assertThrows(
        () => make(url),
        EventBuildError,
        "Cannot write event: a URL ",
      );
    });
  }

  for (const url of TAKEN) {
    Deno.test(`${name} takes ${JSON.stringify(url)} as it is`, () => {
      assertStringIncludes(make(url).data ?? "", JSON.stringify(url));
    });
  }

  Deno.test(`${name} takes a URL object, and refuses one that would run`, () => {
    assertStringIncludes(
      make(new URL("https://example.com")).data ?? "",
      '"https://example.com/"',
    );
    assertThrows(() => make(new URL("javascript:a")), EventBuildError);
  });
}
