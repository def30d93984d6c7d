import { assertEquals, assertMatch } from "@std/assert";
import { utf8 } from "../helpers/bytes.ts";
import { CODINGS, decode, serveCoded } from "../helpers/codings.ts";
import { installRuntimes } from "./install.ts";
import {
  bundle,
  run,
  startWorkerd,
  type TemporaryFolder,
  temporaryFolder,
} from "./process.ts";
import { passOnCoded, type ProxyReport } from "./proxies.ts";

const runtimes = await installRuntimes();

let folder: TemporaryFolder;

Deno.test.beforeAll(async () => {
  folder = await temporaryFolder();
  const { path } = folder;
  await bundle("proxies_cli.ts", `${path}/cli.mjs`);
  await bundle("proxies_worker.ts", `${path}/worker.mjs`);
});

Deno.test.afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

/** Where the proxy runs, as a command or by itself. */
const proxies: Readonly<
  Record<string, (url: string) => Promise<ProxyReport[]>>
> = {
  Deno: (url) => passOnCoded(url, CODINGS),
  "Node 20": (url) => runOn(runtimes.node20, url),
  "the newest Node": (url) => runOn(runtimes.node, url),
  Bun: (url) => runOn(runtimes.bun, url),
  async workerd(url) {
    const { path } = folder;
    await using worker = await startWorkerd(
      runtimes.workerd,
      path,
      "worker.mjs",
    );
    const query = new URLSearchParams([
      ["server", url],
      ...CODINGS.map((coding) => ["coding", coding]),
    ]);
    const response = await fetch(`http://127.0.0.1:${worker.port}/?${query}`);
    return await response.json();
  },
};

async function runOn(command: string, url: string): Promise<ProxyReport[]> {
  const args = [`${folder.path}/cli.mjs`, url, ...CODINGS];
  return JSON.parse(await run(command, args));
}

/** What every runtime but Deno decodes, so that it can be transformed. */
const DECODED: readonly string[] = ["gzip", "br"];

const EVENTS = utf8("id: 1\ndata: é 🦕\n\n".repeat(20));

for (const [name, passOn] of Object.entries(proxies)) {
  Deno.test(`proxyEventStream on ${name} names the coding that what it passes on has, and loses nothing without a word`, async () => {
    await using upstream = serveCoded(EVENTS, "text/event-stream");
    const reports = await passOn(upstream.url);
    assertEquals(reports.length, 2 * CODINGS.length);
    for (const report of reports) {
      const { coding, transformed, status, contentEncoding, errors } = report;
      const body = Uint8Array.from(report.body);
      if (status === 502) {
        // Node 20 takes off the codings of a list in the wrong order, which fails.
        const fails = name === "Node 20" && coding.includes(", ");
        const isDecoded = name !== "Deno" && DECODED.includes(coding);
        if (!fails) assertEquals([transformed, isDecoded], [true, false]);
        assertEquals(errors.length, 1);
        if (!fails) assertMatch(errors[0], /content coding must be one/);
        continue;
      }
      assertEquals([status, errors], [200, []]);
      const text = decode(body, contentEncoding ?? "identity");
      const expected = transformed
        ? Uint8Array.of(...utf8(": \n\n"), ...EVENTS)
        : EVENTS;
      assertEquals(text, expected, `${coding}, named ${contentEncoding}`);
    }
  });
}
