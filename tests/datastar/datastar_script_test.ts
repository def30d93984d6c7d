import { assertEquals, assertThrows } from "@std/assert";
import { EventBuildError } from "../../mod.ts";
import {
  DATASTAR_VERSION,
  datastarScript,
  type DatastarScriptOptions,
} from "../../datastar/mod.ts";

const CDN = "https://cdn.jsdelivr.net/gh/starfederation/datastar";
/** The hashes of the design. */
const HASH_2 =
  "sha384-SnyFlWTdFL3c8+9/1WsPuMFBq6AQOGC1LmS9upY4YkM3En3wZr5q2UvydHaMgOVG";
const HASH_3 =
  "sha384-yHqFPXJio1slWODLf67ZFfuDhhPUccOzGpGJF0d5fitjEfihEVrVvzMsfH8TxCiO";

const WRITTEN: readonly (readonly [string, DatastarScriptOptions, string])[] = [
  [
    "the pinned release from the CDN, with its hash",
    {},
    `src="${CDN}@v1.0.3/bundles/datastar.js" integrity="${HASH_3}" crossorigin="anonymous"`,
  ],
  [
    "a release that is known, with its hash",
    { version: "1.0.2" },
    `src="${CDN}@v1.0.2/bundles/datastar.js" integrity="${HASH_2}" crossorigin="anonymous"`,
  ],
  [
    "a release that is not known, without a hash",
    { version: "1.0.0-RC.5", integrity: false },
    `src="${CDN}@v1.0.0-RC.5/bundles/datastar.js"`,
  ],
  [
    "a release with a hash of the caller's",
    { version: "9.9.9", integrity: HASH_2 },
    `src="${CDN}@v9.9.9/bundles/datastar.js" integrity="${HASH_2}" crossorigin="anonymous"`,
  ],
  ["a file of the site", { src: "/datastar.js" }, `src="/datastar.js"`],
  [
    "a file of the site with a hash, which needs no crossorigin",
    { src: "/datastar.js", integrity: HASH_3 },
    `src="/datastar.js" integrity="${HASH_3}"`,
  ],
  [
    "a file elsewhere with a hash, which needs crossorigin",
    { src: new URL("https://cdn.example/d.js"), integrity: HASH_3 },
    `src="https://cdn.example/d.js" integrity="${HASH_3}" crossorigin="anonymous"`,
  ],
  [
    "a file elsewhere without a scheme",
    { src: "//cdn.example/d.js", integrity: HASH_3 },
    `src="//cdn.example/d.js" integrity="${HASH_3}" crossorigin="anonymous"`,
  ],
  [
    "a file elsewhere without a hash",
    { src: "https://cdn.example/d.js?a=1&b=2" },
    `src="https://cdn.example/d.js?a=1&amp;b=2"`,
  ],
  [
    "a nonce",
    { src: "/d.js", nonce: 'a"b<c' },
    `src="/d.js" nonce="a&quot;b&lt;c"`,
  ],
];

for (const [what, options, attributes] of WRITTEN) {
  Deno.test(`datastarScript writes ${what}`, () => {
    assertEquals(
      datastarScript(options),
      `<script type="module" ${attributes}></script>`,
    );
  });
}

Deno.test("DATASTAR_VERSION is the release that is pinned", () => {
  assertEquals(DATASTAR_VERSION, "1.0.3");
});

for (
  const version of [
    "",
    "1",
    "v1.0.3",
    "1.0.3/../..",
    "1.0.3 ",
    "1.0.3\n",
    "latest",
    '1.0.3"',
  ]
) {
  Deno.test(`datastarScript refuses the version ${JSON.stringify(version)}`, () => {
    assertThrows(
      () => datastarScript({ version }),
      TypeError,
      "a version must be like",
    );
  });
}

Deno.test("datastarScript refuses a version beside a src", () => {
  assertThrows(
    () => datastarScript({ version: "1.0.3", src: "/d.js" }),
    TypeError,
  );
});

for (
  const integrity of [
    "sha1-oops",
    "sha384",
    "",
    "sha384-a\0",
    "sha384-a\ud800",
    "sha384-abc other",
  ]
) {
  Deno.test(`datastarScript refuses ${JSON.stringify(integrity)}, which browsers ignore`, () => {
    assertThrows(() => datastarScript({ integrity }), TypeError, "integrity");
  });
}

Deno.test("datastarScript refuses a release whose hash is not known, unless it is given or false", () => {
  assertThrows(() => datastarScript({ version: "1.0.1" }), TypeError, "known");
  assertEquals(
    datastarScript({ version: "1.0.1", integrity: false }),
    '<script type="module" src="https://cdn.jsdelivr.net/gh/starfederation/datastar@v1.0.1/bundles/datastar.js"></script>',
  );
});

for (const option of ["src", "nonce"]) {
  for (const value of ["\0", "\ud800"]) {
    Deno.test(`datastarScript refuses ${JSON.stringify(value)} in ${option}`, () => {
      assertThrows(() => datastarScript({ [option]: value }), EventBuildError);
    });
  }
}
