import { assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);

Deno.test("README.md lists every example, once", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", ROOT));
  const files = await Array.fromAsync(Deno.readDir(new URL("examples", ROOT)));
  assertEquals(
    [...readme.matchAll(/^\| \[`examples\/([^`]+)`\]/gm)].map(([, name]) =>
      name
    ).sort(),
    // What begins with `_` is what they share.
    files.map(({ name }) => name).filter((name) => !name.startsWith("_"))
      .sort(),
  );
});
