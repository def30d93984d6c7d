import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertStringIncludes,
} from "@std/assert";
import {
  createHello,
  type HelloOptions,
  TEXT,
} from "../../examples/datastar_hello.ts";
import { createChart } from "../../examples/datastar_svg.ts";
import type { ServerSentEvent } from "../../mod.ts";
import { eventStreamResponse } from "../../server.ts";
import {
  consoleError,
  consoleLog,
  datastarScript,
  type DatastarScriptHandler,
  dispatchCustomEvent,
  executeScript,
  htmlResponse,
  patchElements,
  patchSignals,
  prefetch,
  redirect,
  removeElements,
  removeSignals,
  replaceUrl,
  scriptResponse,
  serveDatastarScript,
  signalsResponse,
} from "../../datastar/mod.ts";
import { serve } from "../helpers/server.ts";
import { bundle, temporaryFolder } from "../runtimes/process.ts";
import { type Browser, launchChromium } from "./chromium.ts";

type Page = Awaited<ReturnType<Browser["open"]>>;

/** A file with Datastar's bundle. It is not on npm: without it, its tests are ignored. */
const BUNDLE = Deno.env.get("DATASTAR_BUNDLE");

async function integrityOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-384", bytes);
  return `sha384-${new Uint8Array(hash).toBase64()}`;
}

/** What drives a page. */
interface Driver extends AsyncDisposable {
  readonly serveScript: DatastarScriptHandler;
  readonly integrity: string;
}

/** The bundle, read from its file. */
async function datastar(): Promise<Driver> {
  assert(BUNDLE !== undefined);
  const bytes = await Deno.readFile(BUNDLE);
  const integrity = await integrityOf(bytes);
  return {
    serveScript: serveDatastarScript({ source: () => bytes, integrity }),
    integrity,
    async [Symbol.asyncDispose]() {},
  };
}

/** The stand-in, fetched from a server and checked. */
async function standIn(): Promise<Driver> {
  await using folder = await temporaryFolder();
  const output = `${folder.path}/stand_in.js`;
  await bundle("../system/datastar_stand_in.ts", output);
  const bytes = await Deno.readFile(output);
  const integrity = await integrityOf(bytes);
  const upstream = serve(() => new Response(bytes));
  return {
    serveScript: serveDatastarScript({ source: upstream.url, integrity }),
    integrity,
    [Symbol.asyncDispose]: () => upstream[Symbol.asyncDispose](),
  };
}

const DRIVERS = [
  { name: "the stand-in", start: standIn, ignore: false },
  { name: "Datastar", start: datastar, ignore: BUNDLE === undefined },
] as const;

function html(text: string): Response {
  return new Response(text, {
    headers: { "content-type": "text/html; charset=utf-8" },
  });
}

/** Something that a server sends, and what the page is then. */
interface Case {
  readonly name: string;
  /** The elements that the page begins with. */
  readonly stage?: string;
  /** What is sent: events, or a response without an event stream. */
  readonly send: readonly ServerSentEvent[] | (() => Response);
  /** An expression of what the page is to show; what is in `#stage`, if there is none. */
  readonly read?: string;
  readonly expected: unknown;
  /** What Chromium says to it. */
  readonly complaints?: readonly string[];
  /** Whether it takes Datastar, since it is not about reading events. */
  readonly datastarOnly?: boolean;
}

const LIST = '<ul id="list"><li id="a">A</li><li id="b">B</li></ul>';
const list = (items: string) => `<ul id="list">${items}</ul>`;
const NASTY =
  "</script><script>seen.push(1)</script><!-- <script> </body></html></head> \u2028 ' \" \\ `${1}`";

/** An expression that waits until another one is true, and is that. */
const soon = (expression: string) =>
  `new Promise((resolve) => {
    const look = () => {
      const value = ${expression};
      if (value) resolve(value);
      else requestAnimationFrame(look);
    };
    look();
  })`;

/** What is left of scripts: none of them adds another one. */
const SCRIPTS = "document.querySelectorAll('body script').length";

const CASES: readonly Case[] = [
  {
    name: "outer, by id",
    stage: LIST,
    send: [patchElements('<li id="a" class="x">new\nline</li>')],
    expected: list('<li id="a" class="x">new\nline</li><li id="b">B</li>'),
  },
  {
    name: "outer, several elements by id",
    stage: LIST,
    send: [patchElements('<li id="b">2</li><li id="a">1</li>')],
    expected: list('<li id="a">1</li><li id="b">2</li>'),
  },
  {
    name: "outer, with a selector",
    stage: LIST,
    send: [patchElements("<li>new</li>", { selector: "#list > :first-child" })],
    expected: list('<li>new</li><li id="b">B</li>'),
  },
  {
    name: "outer keeps the element",
    stage: LIST,
    send: [
      executeScript("document.getElementById('a').mark = 'kept'"),
      patchElements('<li id="a">new</li>'),
    ],
    read:
      "[document.getElementById('a').mark, document.getElementById('a').textContent]",
    expected: ["kept", "new"],
    datastarOnly: true,
  },
  {
    name: "inner",
    stage: LIST,
    send: [patchElements("<b>x</b>y", { selector: "#a", mode: "inner" })],
    expected: list('<li id="a"><b>x</b>y</li><li id="b">B</li>'),
  },
  {
    name: "replace makes a new element",
    stage: LIST,
    send: [
      executeScript("document.getElementById('a').mark = 'kept'"),
      patchElements('<li id="a">new</li>', { mode: "replace" }),
    ],
    read:
      "[document.getElementById('a').mark ?? 'gone', document.getElementById('a').textContent]",
    expected: ["gone", "new"],
  },
  {
    name: "prepend",
    stage: LIST,
    send: [patchElements("<li>x</li>", { selector: "#list", mode: "prepend" })],
    expected: list('<li>x</li><li id="a">A</li><li id="b">B</li>'),
  },
  {
    name: "append, to every target",
    stage: LIST,
    send: [patchElements("<i>x</i>", { selector: "li", mode: "append" })],
    expected: list('<li id="a">A<i>x</i></li><li id="b">B<i>x</i></li>'),
  },
  {
    name: "before",
    stage: LIST,
    send: [patchElements("<li>x</li>", { selector: "#b", mode: "before" })],
    expected: list('<li id="a">A</li><li>x</li><li id="b">B</li>'),
  },
  {
    name: "after",
    stage: LIST,
    send: [patchElements("<li>x</li>", { selector: "#b", mode: "after" })],
    expected: list('<li id="a">A</li><li id="b">B</li><li>x</li>'),
  },
  {
    name: "remove",
    stage: LIST,
    send: [removeElements("#a, #none")],
    expected: list('<li id="b">B</li>'),
  },
  {
    name: "no elements, with mode inner",
    stage: LIST,
    send: [patchElements("", { selector: "#list", mode: "inner" })],
    expected: list(""),
  },
  {
    name: "lines and empty lines of elements",
    stage: '<pre id="text"></pre>',
    send: [patchElements('<pre id="text">a\r\n\r\n  b\n\nc\rd</pre>')],
    expected: '<pre id="text">a\n\n  b\n\nc\nd</pre>',
  },
  {
    name: "namespace svg",
    stage: '<svg><circle id="dot" r="1"></circle></svg>',
    send: [patchElements('<rect id="dot" width="2"/>', { namespace: "svg" })],
    read:
      "(({ outerHTML, namespaceURI }) => [outerHTML, namespaceURI])(document.getElementById('dot'))",
    expected: [
      '<rect id="dot" width="2"></rect>',
      "http://www.w3.org/2000/svg",
    ],
  },
  {
    // Without something between them Datastar 1.0.2 takes every other one only.
    name: "namespace svg, several elements on lines",
    stage: '<svg id="svg"><rect id="a"></rect><rect id="b"></rect></svg>',
    send: [
      patchElements('<g id="b"/>\n<g id="a"/>', { namespace: "svg" }),
      patchElements("<path/>\n<path/>", {
        selector: "#svg",
        mode: "append",
        namespace: "svg",
      }),
    ],
    read:
      "[...document.querySelectorAll('#svg > *')].map((e) => e.tagName + e.id)",
    expected: ["ga", "gb", "path", "path"],
  },
  {
    name: "namespace mathml",
    stage: '<math id="sum"></math>',
    send: [patchElements("<mn>1</mn>", {
      selector: "#sum",
      mode: "append",
      namespace: "mathml",
    })],
    read: "document.querySelector('#sum > mn').namespaceURI",
    expected: "http://www.w3.org/1998/Math/MathML",
  },
  {
    name: "a view transition",
    stage: LIST,
    send: [patchElements('<li id="a">new</li>', { useViewTransition: true })],
    read: soon("document.getElementById('a').textContent === 'new'"),
    expected: true,
  },
  {
    name: "a view transition of an element",
    stage: LIST,
    send: [patchElements('<li id="a">new</li>', {
      useViewTransition: true,
      viewTransitionSelector: "#list",
    })],
    read: soon("document.getElementById('a').textContent === 'new'"),
    expected: true,
  },
  {
    name: "signals, set and removed",
    send: [
      patchSignals({
        user: { name: "Ada", tags: ["a", "b"], age: 36 },
        a: { b: 1, c: 2 },
        old: 1,
      }),
      patchSignals({ user: { name: "Grace", age: null } }),
      patchSignals({ user: { name: "Nobody" }, fresh: "ü\u2028\n" }, {
        onlyIfMissing: true,
      }),
      removeSignals(["old", "a.b"]),
    ],
    read: "(({ done, ...signals }) => signals)(signals())",
    expected: {
      user: { name: "Grace", tags: ["a", "b"] },
      a: { c: 2 },
      fresh: "ü\u2028\n",
    },
  },
  {
    name: "signals, as text of several lines",
    send: [patchSignals('{\n  "x": "a b",\n\n  "y": [1,\n2]\n}')],
    read: "(({ done, ...signals }) => signals)(signals())",
    expected: { x: "a b", y: [1, 2] },
  },
  {
    name: "a script, which is removed",
    send: [executeScript(`seen.push(${JSON.stringify(NASTY)})`)],
    read: `[seen, ${SCRIPTS}]`,
    expected: [[NASTY], 0],
  },
  {
    name: "a script of several lines, with comments and regular expressions",
    send: [executeScript(
      "// <!-- one\nif (/<\\/body>/.test('</body>'))\r\n  seen.push('a');\n\nseen.push(`b\nc`)",
    )],
    read: "seen",
    expected: ["a", "b\nc"],
  },
  {
    name: "a script with attributes, which stays",
    send: [executeScript("seen.push(document.currentScript.dataset.x)", {
      autoRemove: false,
      attributes: {
        "id": "kept",
        "data-x": NASTY,
        "async": true,
        "defer": false,
      },
    })],
    read:
      "[seen, document.getElementById('kept').getAttributeNames().sort(), document.body.lastElementChild.id]",
    expected: [[NASTY], ["async", "data-x", "id"], "kept"],
  },
  {
    name: "a script that is a module",
    send: [executeScript(
      "seen.push(typeof document.currentScript, import.meta.url.length > 0); document.body.dataset.ran = ''",
      { attributes: { type: "module" } },
    )],
    // Modules run later.
    read: soon("'ran' in document.body.dataset && seen"),
    expected: ["object", true],
  },
  {
    name: "a custom event at the document",
    send: [
      executeScript(
        "document.addEventListener('s\"</script>', (event) => seen.push(event.detail))",
      ),
      dispatchCustomEvent('s"</script>', { text: NASTY, n: 1 }),
    ],
    read: `[seen, ${SCRIPTS}]`,
    expected: [[{ text: NASTY, n: 1 }], 0],
  },
  {
    name: "a custom event at elements",
    stage: LIST,
    send: [
      executeScript(
        "document.addEventListener('x', ({ target, bubbles, cancelable, composed, detail }) => seen.push([target.id, bubbles, cancelable, composed, detail]), true)",
      ),
      dispatchCustomEvent("x", undefined, { selector: "li[id]" }),
      dispatchCustomEvent("x", 1, {
        selector: "#a",
        bubbles: false,
        cancelable: false,
        composed: false,
      }),
    ],
    read: "seen",
    expected: [
      ["a", true, true, true, null],
      ["b", true, true, true, null],
      ["a", false, false, false, 1],
    ],
  },
  {
    name: "the console",
    send: [
      executeScript("console.log = (...args) => seen.push(args)"),
      consoleLog(NASTY),
      consoleLog({ a: [1, NASTY] }),
      consoleError(new RangeError("too much </script>")),
    ],
    read: "seen",
    expected: [[NASTY], [{ a: [1, NASTY] }]],
    complaints: ["RangeError: too much </script>"],
  },
  {
    name: "another URL, without loading",
    send: [replaceUrl("?page=2&x='</script>\"")],
    read: "[location.search, history.length]",
    expected: ["?page=2&x=%27%3C/script%3E%22", 2],
  },
  {
    name: "rules to prefetch",
    send: [prefetch(["next?a=1&b=</script>", "/help"])],
    read:
      "(({ type, text }) => [type, JSON.parse(text)])(document.querySelector('body > script:last-of-type'))",
    expected: ["speculationrules", {
      prefetch: [{ source: "list", urls: ["next?a=1&b=</script>", "/help"] }],
    }],
  },
  {
    name: "a response of elements",
    stage: LIST,
    send: () =>
      htmlResponse('<li>x</li><li class="ü">y</li>', {
        selector: "#list",
        mode: "append",
      }),
    expected: list(
      '<li id="a">A</li><li id="b">B</li><li>x</li><li class="ü">y</li>',
    ),
    datastarOnly: true,
  },
  {
    name: "a response of elements, by id",
    stage: LIST,
    send: () => htmlResponse('<li id="b">2</li>'),
    expected: list('<li id="a">A</li><li id="b">2</li>'),
    datastarOnly: true,
  },
  {
    name: "a response of elements, with a selector that is not ASCII",
    stage: '<p class="größe-漢😀0">A</p>',
    send: () => htmlResponse("x", { selector: ".größe-漢😀0", mode: "inner" }),
    expected: '<p class="größe-漢😀0">x</p>',
    datastarOnly: true,
  },
  {
    name: "a response that removes elements",
    stage: LIST,
    send: () => htmlResponse("", { selector: "#a", mode: "remove" }),
    expected: list('<li id="b">B</li>'),
    datastarOnly: true,
  },
  {
    name: "a response of svg",
    stage: '<svg id="svg"></svg>',
    send: () =>
      htmlResponse('<g id="g"></g>', {
        selector: "#svg",
        mode: "append",
        namespace: "svg",
        useViewTransition: false,
      }),
    read: "document.getElementById('g').namespaceURI",
    expected: "http://www.w3.org/2000/svg",
    datastarOnly: true,
  },
  {
    name: "a response of signals",
    send: () => signalsResponse({ x: { y: NASTY }, done: null }),
    read: "signals()",
    expected: { x: { y: NASTY } },
    datastarOnly: true,
  },
  {
    name: "a response of signals that are missing",
    send: () => signalsResponse({ done: 1, x: 1 }, { onlyIfMissing: true }),
    read: "signals()",
    expected: { done: false, x: 1 },
    datastarOnly: true,
  },
  {
    name: "a response of a script",
    send: () =>
      scriptResponse(
        `seen.push(${JSON.stringify(NASTY)}, document.currentScript.dataset.x)`,
        { attributes: { "id": "s", "data-x": "ü\"'</script>", "async": true } },
      ),
    read: "[seen, document.getElementById('s').getAttribute('async')]",
    expected: [[NASTY, "ü\"'</script>"], ""],
    datastarOnly: true,
  },
];

/** The page of a case, whose address has its number. */
function pageOf({ stage = "" }: Case, integrity: string): Response {
  return html(
    `<!doctype html><title>Case</title><link rel="icon" href="data:,">
<script>
  const seen = [];
  const signals = () => JSON.parse(document.getElementById("signals").textContent);
</script>
${datastarScript({ src: "/datastar.js", integrity })}
<body data-signals='{"done": false}'>
<div id="stage">${stage}</div>
<pre id="signals" data-json-signals></pre>
<div data-init="@get('events')"></div>`,
  );
}

for (const { name: driverName, start, ignore } of DRIVERS) {
  Deno.test({
    name: `${driverName} does what it is sent`,
    ignore,
    async fn(t) {
      await using driver = await start();
      await using server = serve((request) => {
        const [, number, name] = new URL(request.url).pathname.split("/");
        if (number === "datastar.js") return driver.serveScript(request);
        const { [Number(number)]: current } = CASES;
        if (current === undefined) return new Response(null, { status: 404 });
        if (name === "") return pageOf(current, driver.integrity);
        if (name !== "events") return new Response(null, { status: 404 });
        if (typeof current.send === "function") return current.send();
        return eventStreamResponse([
          ...current.send,
          patchSignals({ done: true }),
        ]);
      });
      await using browser = await launchChromium();
      let complaints = 0;
      for (const [i, current] of CASES.entries()) {
        if (current.datastarOnly && start !== datastar) continue;
        await t.step(current.name, async () => {
          const page = await browser.open(`${server.url}${i}/`);
          await arrived(page, current);
          const { read = "document.getElementById('stage').innerHTML" } =
            current;
          assertEquals(await page.evaluate(read), current.expected);
          await page.close();
          const said = browser.complaints.slice(complaints);
          complaints = browser.complaints.length;
          assertEquals(said, current.complaints ?? []);
        });
      }
    },
  });
}

/** Waits until a page has all that it is sent. */
async function arrived(page: Page, { send, expected, read }: Case) {
  if (typeof send !== "function") {
    await page.locator("#signals", { hasText: /"done": ?true/ }).waitFor();
    return;
  }
  // Nothing can come behind it: until it shows what it should, or the time is up.
  const shown = read ?? "document.getElementById('stage').innerHTML";
  await page.waitForFunction(
    `(() => { try { return JSON.stringify(${shown}) === ${
      JSON.stringify(JSON.stringify(expected))
    }; } catch { return false; } })()`,
    undefined,
    { timeout: 5000 },
  ).catch(() => {});
}

for (const { name: driverName, start, ignore } of DRIVERS) {
  Deno.test({
    name: `${driverName} goes where redirect leads, and back`,
    ignore,
    async fn() {
      await using driver = await start();
      await using server = serve((request) => {
        const { pathname, search } = new URL(request.url);
        if (pathname === "/datastar.js") return driver.serveScript(request);
        if (pathname === "/events") {
          return eventStreamResponse([redirect("/there?a='\"</script>")]);
        }
        if (pathname === "/there") return html(`<p id="there">${search}</p>`);
        return pageOf({ name: "", send: [], expected: "" }, driver.integrity);
      });
      await using browser = await launchChromium();
      const page = await browser.open("about:blank");
      await page.goto(server.url);
      await page.locator("#there").waitFor();
      assertStringIncludes(page.url(), "/there?a=%27%22%3C/script%3E");
      // The page before is an entry of the history.
      assertEquals(await page.evaluate("history.length"), 3);
    },
  });

  Deno.test({
    name: `${driverName} has Chromium prefetch what prefetch says`,
    ignore,
    async fn() {
      await using driver = await start();
      const prefetched = Promise.withResolvers<string>();
      await using server = serve((request) => {
        const { pathname, search } = new URL(request.url);
        if (pathname === "/datastar.js") return driver.serveScript(request);
        if (pathname === "/events") {
          return eventStreamResponse([prefetch("/next?a=</script>")]);
        }
        if (request.headers.get("sec-purpose")?.startsWith("prefetch")) {
          prefetched.resolve(pathname + search);
        }
        return pageOf({ name: "", send: [], expected: "" }, driver.integrity);
      });
      await using browser = await launchChromium();
      await browser.open(server.url);
      assertEquals(await prefetched.promise, "/next?a=%3C/script%3E");
    },
  });

  Deno.test({
    name: `${driverName} is not run if its hash is another one`,
    ignore,
    async fn() {
      await using driver = await start();
      const asked: string[] = [];
      await using server = serve((request) => {
        const { pathname } = new URL(request.url);
        asked.push(pathname);
        return pathname === "/datastar.js"
          ? driver.serveScript(request)
          : pageOf(
            { name: "", send: [], expected: "" },
            driver.integrity.replace(/-..../, "-AAAA"),
          );
      });
      await using browser = await launchChromium();
      const page = await browser.open("about:blank");
      const said = page.waitForEvent("console");
      await page.goto(server.url);
      assertStringIncludes((await said).text(), "integrity");
      assertEquals(asked, ["/", "/datastar.js"]);
      assertEquals(await page.locator("#signals").textContent(), "");
    },
  });
}

Deno.test("serveDatastarScript gives a page no script that was changed on its way", async () => {
  await using upstream = serve(() => new Response("document.title = 'Ran'"));
  const errors: unknown[] = [];
  const script = serveDatastarScript({
    source: upstream.url,
    integrity: await integrityOf(new TextEncoder().encode("another one")),
    onError: (error) => errors.push(error),
  });
  await using server = serve((request) =>
    new URL(request.url).pathname === "/datastar.js"
      ? script(request)
      : html(`<title>Case</title><link rel="icon" href="data:,">
        ${datastarScript({ src: "/datastar.js" })}`)
  );
  await using browser = await launchChromium();
  const page = await browser.open(server.url);
  assertEquals(await page.title(), "Case");
  assertEquals(errors.length, 1);
  assertStringIncludes(browser.complaints.join(), "502");
});

/** Has a page keep what it shows of the greeting, every time that it changes. */
async function record(page: Page): Promise<void> {
  await page.evaluate(`
    globalThis.shown = [];
    new MutationObserver(() => {
      shown.push(document.querySelector("#message > span").textContent);
    }).observe(document.querySelector("main"), {
      attributes: true, characterData: true, childList: true, subtree: true,
    })
  `);
}

/** Asserts that what a page has shown only grew, from when it was started to its end. */
async function assertTyped(page: Page): Promise<void> {
  const shown = await page.evaluate<string[]>("shown");
  assertEquals(shown.at(-1), TEXT);
  const typed = shown.slice(shown.lastIndexOf(""));
  for (const [i, text] of typed.entries()) {
    assert(TEXT.startsWith(text), text);
    assertGreaterOrEqual(text.length, typed[Math.max(i - 1, 0)].length);
  }
}

const FULL = "#progress[aria-valuenow='100']";
const NOT_FULL = "#progress:not([aria-valuenow='100'])";

Deno.test("the page of examples/datastar_hello.ts is patched by the stand-in, in two windows", async () => {
  await using driver = await standIn();
  const hello = createHello({ script: driver.serveScript });
  await using server = serve(hello.handler);
  await using browser = await launchChromium();
  const pages = [
    await browser.open(server.url),
    await browser.open(server.url),
  ];
  for (const page of pages) {
    await page.locator(FULL).waitFor();
    await record(page);
  }
  const response = await fetch(`${server.url}start`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"delay": 50}',
  });
  assertEquals(response.status, 204);
  for (const page of pages) await page.locator(NOT_FULL).waitFor();
  for (const page of pages) {
    await page.locator(FULL).waitFor();
    await assertTyped(page);
  }
  hello.stop();
  assertEquals(browser.complaints, []);
});

Deno.test("the page of examples/datastar_svg.ts is patched by the stand-in", async () => {
  await using driver = await standIn();
  const chart = createChart({ script: driver.serveScript, pace: 50 });
  await using server = serve(chart.handler);
  await using browser = await launchChromium();
  const page = await browser.open(server.url);
  await curvesChange(page);
  chart.stop();
  assertEquals(browser.complaints, []);
});

/** Waits until the curves of the chart are others, twice. */
async function curvesChange(page: Page): Promise<void> {
  for (let i = 0; i < 2; i++) {
    const d = await page.locator("path.pier").last().getAttribute("d");
    await page.waitForFunction(
      `document.querySelector("path.pier:not(.area)").getAttribute("d") !== ${
        JSON.stringify(d)
      }`,
    );
  }
  const namespaces = await page.evaluate(
    "[...document.querySelectorAll('#curves, #curves *')].map((e) => e.namespaceURI)",
  );
  assertEquals(namespaces, Array(7).fill("http://www.w3.org/2000/svg"));
}

Deno.test({
  name: "the page of examples/datastar_hello.ts types, in two windows",
  ignore: BUNDLE === undefined,
  async fn() {
    await using driver = await datastar();
    const hello = createHello({ script: driver.serveScript });
    const started: unknown[] = [];
    await using server = serve(hello.handler);
    await using browser = await launchChromium();
    const pages = [
      await browser.open(server.url),
      await browser.open(server.url),
    ];
    for (const page of pages) {
      await page.getByRole("status").getByText("Connected").waitFor();
      await page.locator(FULL).waitFor();
      await record(page);
      page.on("request", (request) => {
        if (request.method() === "POST") started.push(request.postDataJSON());
      });
    }

    const [first, second] = pages;
    await first.getByLabel("Milliseconds").fill("2000");
    await first.getByRole("button", { name: "Start", exact: true }).click();
    // It comes back to both; and it goes slowly, so that it can be started over.
    for (const page of pages) {
      await page.getByRole("button", { name: "Start over" }).waitFor();
      await page.locator("#progress[aria-valuenow='0']").waitFor();
      assertEquals(await page.getByLabel("Milliseconds").inputValue(), "2000");
    }

    await second.getByLabel("Milliseconds").fill("40");
    await second.getByLabel("Milliseconds").press("Enter");
    for (const page of pages) {
      await page.locator(FULL).waitFor();
      await page.getByRole("button", { name: "Start", exact: true }).waitFor();
      assertEquals(await page.getByLabel("Milliseconds").inputValue(), "40");
      await assertTyped(page);
    }
    // Signals whose names begin with an underscore stay in the page.
    assertEquals(started, [{ delay: 2000 }, { delay: 40 }]);
    hello.stop();
    for (const page of pages) {
      await page.getByRole("status").getByText("Server stopped").waitFor();
    }
    assertEquals(browser.complaints.filter((text) => !/503/.test(text)), []);
  },
});

for (const dev of [false, true]) {
  const what = dev ? "loads itself anew, once" : "stays, and comes back";
  Deno.test({
    name:
      `the page of examples/datastar_hello.ts ${what}, after the server was restarted`,
    ignore: BUNDLE === undefined,
    async fn() {
      await using driver = await datastar();
      const old = serveHello({ script: driver.serveScript, dev }, 0);
      await using browser = await launchChromium();
      const pages: Page[] = [];
      for (let i = 0; i < 2; i++) {
        const page = await browser.open(`http://127.0.0.1:${old.port}/`);
        await page.getByRole("status").getByText("Connected").waitFor();
        await page.evaluate("document.body.dataset.old = ''");
        pages.push(page);
      }
      await old[Symbol.asyncDispose]();
      for (const page of pages) {
        await page.getByRole("status").getByText("Server stopped").waitFor();
      }

      await using fresh = serveHello(
        { script: driver.serveScript, dev },
        old.port,
      );
      for (const page of pages) {
        await page.locator(dev ? "body:not([data-old])" : "body[data-old]")
          .getByRole("status").getByText("Connected").waitFor();
      }
      if (!dev) {
        assertEquals(fresh.asked.filter((path) => path !== "/hello"), []);
        return;
      }
      // Both pages ask twice: with the start they know, and with the new one.
      await fresh.reloaded;
      assertEquals(fresh.asked.filter((path) => path === "/").length, 2);
      const starts = fresh.asked.filter((path) => /^.hotreload/.test(path));
      assertEquals([starts.length, new Set(starts).size], [4, 2]);
    },
  });
}

/** Serves the greeting on a port, until it is stopped as by Ctrl-C. */
function serveHello(options: HelloOptions, port: number) {
  const hello = createHello(options);
  const asked: string[] = [];
  const reloaded = Promise.withResolvers<void>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port, onListen() {} },
    (request) => {
      const { pathname, searchParams } = new URL(request.url);
      asked.push(pathname + (searchParams.get("start") ?? ""));
      const starts = asked.filter((path) => /^.hotreload/.test(path));
      if (starts.length === 4) reloaded.resolve();
      return hello.handler(request);
    },
  );
  return {
    port: server.addr.port,
    asked,
    reloaded: reloaded.promise,
    async [Symbol.asyncDispose]() {
      hello.stop();
      await server.shutdown();
    },
  };
}

Deno.test({
  name: "the page of examples/datastar_svg.ts moves, pauses and goes on",
  ignore: BUNDLE === undefined,
  async fn() {
    await using driver = await datastar();
    const chart = createChart({ script: driver.serveScript, pace: 50 });
    const asked: [paused: unknown, status: number][] = [];
    await using server = serve(async (request) => {
      const response = await chart.handler(request);
      const signals = new URL(request.url).searchParams.get("datastar");
      if (signals !== null) {
        asked.push([JSON.parse(signals).paused, response.status]);
      }
      return response;
    });
    await using browser = await launchChromium();
    const page = await browser.open(server.url);
    const status = page.getByRole("status");
    await status.getByText("Connected").waitFor();
    await curvesChange(page);
    await page.locator("#pier", { hasText: /^\d+\.\d$/ }).waitFor();

    const answered = page.waitForResponse((response) =>
      response.status() === 204
    );
    await page.getByRole("button", { name: "Pause" }).click();
    await status.getByText("Paused").waitFor();
    await answered;
    await page.getByRole("button", { name: "Go on" }).click();
    await status.getByText("Connected").waitFor();
    await curvesChange(page);
    assertEquals(asked, [[false, 200], [true, 204], [false, 200]]);

    chart.stop();
    await status.getByText("Server stopped").waitFor();
    assertEquals(browser.complaints.filter((text) => !/503/.test(text)), []);
  },
});
