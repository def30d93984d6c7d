import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type DefaultTreeAdapterTypes, parseFragment } from "parse5";
import {
  encodeEvent,
  EventBuildError,
  EventDataError,
  EventParser,
  type ServerSentEvent,
} from "../../mod.ts";
import {
  consoleError,
  consoleLog,
  datastarData,
  type DatastarEvent,
  datastarScript,
  dispatchCustomEvent,
  executeScript,
  htmlResponse,
  patchElements,
  type PatchElementsOptions,
  patchSignals,
  prefetch,
  redirect,
  removeElements,
  removeSignals,
  replaceUrl,
  scriptResponse,
  signalsResponse,
} from "../../datastar/mod.ts";
import { anyText } from "../helpers/arbitraries.ts";

/** Texts that try to leave the place where they are put. */
const hostile = fc.array(
  fc.oneof(
    { weight: 1, arbitrary: anyText },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        "</script",
        "</script>",
        "</SCRIPT/",
        "</scr\nipt>",
        "<!--",
        "-->",
        "<script>",
        "</html>",
        "</body",
        "<",
        ">",
        "/",
        "\\",
        '"',
        "'",
        "`",
        "&",
        "&quot;",
        "&#10;",
        "=",
        "${x}",
        "\nselector #evil",
        "\relements <i>evil</i>",
        "\r\nmode remove",
        "\n\nevent: evil",
        "javascript:",
        "\t",
        "\f",
        "#a",
        "b",
        "\u007f",
        "\ufffe",
      ),
    },
  ),
  { maxLength: 6 },
).map((parts) => parts.join(""));

/** What a builder makes, or `undefined` if it refuses with an error of ours. */
function accepted<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    const isTyped = error instanceof EventBuildError ||
      error instanceof EventDataError || error instanceof TypeError;
    if (!isTyped) throw error;
    return undefined;
  }
}

/** The lines of a text, as they are once they were written and read. */
function linesOf(text: string): string[] {
  return text.toWellFormed().split(/\r\n|\r|\n/);
}

interface Expected {
  readonly event: string;
  readonly id?: string | undefined;
  readonly retry?: number | undefined;
  readonly lines: readonly string[];
}

/** Writes an event and reads it back: it must be one, and exactly what is expected. */
function assertReadsBack(event: ServerSentEvent, expected: Expected): void {
  const parser = new EventParser({ view: "wire" });
  const events = parser.feed(encodeEvent(event));
  assertEquals(events.length, 1);
  const [{ event: type, id, retry, comments, data }] = events;
  assertEquals(
    { event: type, id, retry, comments, lines: data?.split("\n") },
    { id: undefined, retry: undefined, comments: undefined, ...expected },
  );
}

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
}

/** The one element that a text of HTML must be. */
function parseElement(html: string): Element {
  const { childNodes } = parseFragment(html);
  assertEquals(childNodes.length, 1, html);
  const [element] = childNodes as DefaultTreeAdapterTypes.Element[];
  const texts = element.childNodes as DefaultTreeAdapterTypes.TextNode[];
  return {
    name: element.tagName,
    attributes: Object.fromEntries(
      element.attrs.map(({ name, value }) => [name, value]),
    ),
    text: texts.map(({ nodeName, value }) => {
      assertEquals(nodeName, "#text", html);
      return value;
    }).join(""),
  };
}

/** The script element of an event that runs one, which must be nothing else. */
function scriptOf(event: ServerSentEvent): Element {
  const parser = new EventParser({ data: datastarData, view: "wire" });
  const events = parser.feed(encodeEvent(event));
  assertEquals(events.length, 1);
  const [{ event: type, data }] = events;
  assertEquals(type, "datastar-patch-elements");
  assert(data?.type === "patch-elements");
  const { elements = "", selector, mode, useViewTransition, namespace } = data;
  assertEquals(
    [selector, mode, useViewTransition, namespace],
    ["body", "append", false, "html"],
  );
  assertEquals(
    event.data?.split("\n").filter((line) => !line.startsWith("elements ")),
    ["selector body", "mode append"],
  );
  const element = parseElement(elements);
  assertEquals(element.name, "script");
  return element;
}

/** A script without the escapes of `<`, those that were there and those that were made. */
function unescaped(script: string): string {
  return script.replaceAll("\\u003C", "<").replaceAll("<!\\u002d-", "<!--")
    .replaceAll(/\\+</g, "<");
}

/** A text as HTML has it: with LF, and without NUL. */
function asHtmlText(script: string): string {
  return linesOf(script).join("\n").replaceAll("\0", "\ufffd");
}

/** The options that are there, at random. */
function some<T>(values: { [K in keyof T]: fc.Arbitrary<T[K]> }) {
  return fc.record(values, { requiredKeys: [] });
}

/** A text that is fine two times of three, so that not all options are refused. */
function mostly(...fine: string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(...fine) },
    { weight: 1, arbitrary: hostile },
  );
}

const mode = mostly("outer", "inner", "replace", "append", "remove");
const eventOptions = {
  eventId: mostly("1", "€"),
  retryDuration: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom<unknown>(0, 1, 1000, 1e9) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<unknown>(-1, 1.5, NaN, "1\ndata: x"),
    },
  ),
};

function retryOf(options: { readonly retryDuration?: unknown }) {
  return options.retryDuration === 1000
    ? undefined
    : options.retryDuration as number | undefined;
}

Deno.test("patchElements lets nothing forge a data line, a field or an event", () => {
  const options = some<Record<string, unknown>>({
    ...eventOptions,
    selector: mostly("#a", " a > b "),
    mode,
    namespace: mostly("html", "svg", "mathml"),
    useViewTransition: fc.oneof(
      { weight: 4, arbitrary: fc.boolean() },
      { weight: 1, arbitrary: hostile },
    ),
    viewTransitionSelector: mostly("#b"),
  });
  let taken = 0;
  fc.assert(
    fc.property(hostile, options, (elements, options) => {
      const event = accepted(() =>
        patchElements(elements, options as PatchElementsOptions)
      );
      if (event === undefined) return;
      taken++;
      const { selector, mode, namespace, useViewTransition } = options;
      const hasElements = elements !== "" || mode !== "remove";
      assertReadsBack(event, {
        event: "datastar-patch-elements",
        id: options.eventId as string | undefined,
        retry: retryOf(options),
        lines: [
          ...(selector === undefined ? [] : [`selector ${selector}`]),
          ...(mode === undefined || mode === "outer" ? [] : [`mode ${mode}`]),
          ...(useViewTransition ? ["useViewTransition true"] : []),
          ...(useViewTransition && options.viewTransitionSelector !== undefined
            ? [`viewTransitionSelector ${options.viewTransitionSelector}`]
            : []),
          ...(namespace === undefined || namespace === "html"
            ? []
            : [`namespace ${namespace}`]),
          ...(hasElements
            ? linesOf(elements).map((line) => `elements ${line}`)
            : []),
        ],
      });
    }),
    { numRuns: 5000 },
  );
  assert(taken > 100, `only ${taken} were written`);
});

Deno.test("removeElements lets nothing forge a data line", () => {
  fc.assert(
    fc.property(hostile, hostile, (selector, eventId) => {
      const event = accepted(() => removeElements(selector, { eventId }));
      if (event === undefined) return;
      assertReadsBack(event, {
        event: "datastar-patch-elements",
        id: eventId,
        lines: [`selector ${selector}`, "mode remove"],
      });
    }),
    { numRuns: 2000 },
  );
});

Deno.test("patchSignals lets no text forge a data line", () => {
  const text = fc.oneof(
    hostile,
    fc.tuple(hostile, fc.constantFrom("\n", "\r", "\r\n", " ")).map((
      [value, space],
    ) => `{${space}"a":${space}${JSON.stringify(value)}}${space}`),
  );
  fc.assert(
    fc.property(text, fc.boolean(), (text, onlyIfMissing) => {
      const event = accepted(() => patchSignals(text, { onlyIfMissing }));
      if (event === undefined) return;
      assertReadsBack(event, {
        event: "datastar-patch-signals",
        lines: [
          ...(onlyIfMissing ? ["onlyIfMissing true"] : []),
          ...linesOf(text).map((line) => `signals ${line}`),
        ],
      });
    }),
    { numRuns: 3000 },
  );
});

/**
 * Whether a key of JSON has an escape: V8 15.0 reads some of those wrong, the `"\r"` of
 * `JSON.parse('{"a":"x","":-5,"\\r":0}')` as a backslash once it has parsed others.
 */
function hasEscape(key: string): boolean {
  return JSON.stringify(key).length !== key.length + 2;
}

Deno.test("patchSignals writes an object on one line, which is read back equal", () => {
  const signals = fc.dictionary(
    hostile.filter((key) => key !== "__proto__" && !hasEscape(key)),
    fc.oneof(hostile, fc.integer(), fc.boolean(), fc.constant(null)),
  );
  fc.assert(
    fc.property(signals, (signals) => {
      const event = patchSignals(signals);
      const parser = new EventParser({ data: datastarData });
      const events = parser.feed(encodeEvent(event));
      assertEquals(events.map(({ data }) => data), [{
        type: "patch-signals",
        signals: { ...signals },
        onlyIfMissing: false,
      }]);
      assertEquals(event.data?.includes("\n"), false);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("removeSignals removes the signals of its paths and no other", () => {
  const path = hostile.filter((path) => !path.split(".").some(hasEscape));
  fc.assert(
    fc.property(fc.array(path, { maxLength: 3 }), (paths) => {
      const event = accepted(() => removeSignals(paths));
      if (event === undefined) return;
      assertEquals(event.data?.includes("\n"), false);
      const patch = JSON.parse(event.data?.replace("signals ", "") ?? "");
      for (const path of paths) {
        let value: unknown = patch;
        for (const name of path.split(".")) {
          // One that is in another which is removed, too, goes with it.
          if (value === null) break;
          value = (value as Record<string, unknown>)[name];
        }
        assertEquals(value, null);
      }
    }),
    { numRuns: 2000 },
  );
});

Deno.test("executeScript makes one script element, with the attributes given and its text", () => {
  const name = fc.oneof(
    fc.constantFrom("nonce", "src", "integrity", "type", "data-x", "DATA-X"),
    hostile,
  );
  const attributes = fc.dictionary(
    name,
    fc.oneof(hostile, fc.integer(), fc.boolean()),
    { maxKeys: 3 },
  );
  let taken = 0;
  fc.assert(
    fc.property(
      hostile,
      attributes,
      fc.boolean(),
      (script, attributes, autoRemove) => {
        const event = accepted(() =>
          executeScript(script, { attributes, autoRemove })
        );
        if (event === undefined) return;
        taken++;
        const element = scriptOf(event);
        const expected: Record<string, string> = {};
        for (const [name, value] of Object.entries(attributes)) {
          if (value === false) continue;
          // HTML knows no capitals of ASCII in names.
          const lower = name.replace(/[A-Z]/g, (c) => c.toLowerCase());
          expected[lower] = value === true ? "" : String(value);
        }
        if (autoRemove) expected["data-effect"] = "el.remove()";
        assertEquals(element.attributes, expected);
        assertEquals(
          unescaped(element.text),
          unescaped(asHtmlText(script)),
        );
      },
    ),
    { numRuns: 5000 },
  );
  assert(taken > 100, `only ${taken} were written`);
});

Deno.test("executeScript does not change the value of a string in the script", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const script = `return ${JSON.stringify(text)}`;
      const written = scriptOf(executeScript(script)).text;
      assertEquals(new Function(written)(), text);
    }),
    { numRuns: 3000 },
  );
});

Deno.test("executeScript does not change the value of a string that has needless escapes", () => {
  const piece = fc.constantFrom(
    "\\\\",
    "\\<",
    "<",
    "/script>",
    "!--",
    "\\/",
    "a",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const script = `return "${pieces.join("")}"`;
      const written = scriptOf(executeScript(script)).text;
      assertEquals(new Function(written)(), new Function(script)());
    }),
    { numRuns: 3000 },
  );
});

/** Runs a script in a page that writes down what is done to it. */
function run(script: string): unknown[] {
  const seen: unknown[] = [];
  const see = (...values: unknown[]) => seen.push(...values);
  const target = { dispatchEvent: see };
  const page = {
    console: { log: see, error: see },
    window: {
      location: {
        set href(url: string) {
          see(url);
        },
      },
      history: {
        replaceState: (_: unknown, __: string, url: string) => see(url),
      },
    },
    document: {
      ...target,
      querySelectorAll(selector: string) {
        see(selector);
        return [target];
      },
    },
    setTimeout: (act: () => void) => act(),
    CustomEvent: class {
      constructor(readonly type: string, readonly init: unknown) {}
    },
  };
  new Function(...Object.keys(page), script)(...Object.values(page));
  return seen;
}

/** The functions that put a text into a script, and where it must come out. */
const SUGAR: Readonly<
  Record<string, (text: string) => readonly [ServerSentEvent, unknown[]]>
> = {
  consoleLog: (text) => [consoleLog(text), [text]],
  consoleError: (text) => [consoleError(text), [text]],
  "consoleLog of a value": (
    text,
  ) => [consoleLog({ [`x${text}`]: [text] }), [{ [`x${text}`]: [text] }]],
  redirect: (text) => [redirect(text), [text]],
  replaceUrl: (text) => [replaceUrl(text), [text]],
};

for (const [name, make] of Object.entries(SUGAR)) {
  Deno.test(`${name} passes any text on as it is`, () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const made = accepted(() => make(text));
        if (made === undefined) return;
        const [event, expected] = made;
        const { attributes, text: script } = scriptOf(event);
        assertEquals(attributes, { "data-effect": "el.remove()" });
        assertEquals(run(script), expected);
      }),
      { numRuns: 2000 },
    );
  });
}

Deno.test("redirect and replaceUrl never lead to a script", () => {
  const scheme = fc.constantFrom(
    "javascript:",
    "JavaScript:",
    "vbscript:",
    "data:",
    "blob:",
  );
  const space = fc.constantFrom(
    "",
    " ",
    "\n",
    "\t",
    "\r\n",
    "\0",
    "\x01",
    "\u00a0",
  );
  const place = fc.nat({ max: 11 });
  fc.assert(
    fc.property(scheme, space, space, place, (scheme, before, inside, at) => {
      const url = before + scheme.slice(0, at) + inside + scheme.slice(at) +
        "alert(1)";
      for (const make of [redirect, replaceUrl, prefetch]) {
        const isTaken = accepted(() => make(url)) !== undefined;
        const { protocol } = new URL(url, "https://example.com");
        assertEquals(isTaken, protocol === "https:", JSON.stringify(url));
      }
    }),
    { numRuns: 2000 },
  );
});

Deno.test("prefetch lists the URLs and nothing else", () => {
  fc.assert(
    fc.property(fc.array(hostile, { maxLength: 3 }), (urls) => {
      const event = accepted(() => prefetch(urls));
      if (event === undefined) return;
      const { attributes, text } = scriptOf(event);
      assertEquals(attributes, { type: "speculationrules" });
      assertEquals(JSON.parse(text), {
        prefetch: [{ source: "list", urls }],
      });
    }),
    { numRuns: 2000 },
  );
});

Deno.test("dispatchCustomEvent passes name, detail and selector on as they are", () => {
  fc.assert(
    fc.property(hostile, hostile, hostile, (name, detail, selector) => {
      const event = accepted(() =>
        dispatchCustomEvent(name, { detail }, { selector })
      );
      if (event === undefined) return;
      const [at, dispatched] = run(scriptOf(event).text);
      assertEquals(at, selector);
      assertEquals({ ...(dispatched as object) }, {
        type: name,
        init: {
          bubbles: true,
          cancelable: true,
          composed: true,
          detail: { detail },
        },
      });
    }),
    { numRuns: 2000 },
  );
});

Deno.test("datastarScript makes one element with the attributes given", () => {
  const options = some<Record<string, string>>({
    src: hostile,
    integrity: fc.constantFrom(
      `sha384-${"A".repeat(64)}`,
      `sha256-${"b".repeat(43)}= sha512-${"/".repeat(86)}==`,
    ),
    nonce: hostile,
    version: hostile,
  });
  let taken = 0;
  fc.assert(
    fc.property(options, (options) => {
      const html = accepted(() => datastarScript(options));
      if (html === undefined) return;
      taken++;
      const { name, attributes, text } = parseElement(html);
      const { crossorigin, ...rest } = attributes;
      assert(crossorigin === undefined || crossorigin === "anonymous");
      assertEquals([name, text], ["script", ""]);
      const { src = rest.src, integrity = rest.integrity, nonce } = options;
      assertEquals(rest, {
        type: "module",
        src,
        ...(integrity === undefined ? {} : { integrity }),
        ...(nonce === undefined ? {} : { nonce }),
      });
    }),
    { numRuns: 3000 },
  );
  assert(taken > 100, `only ${taken} were written`);
});

Deno.test("the direct responses let nothing forge a header, and change no body", async () => {
  await fc.assert(
    fc.asyncProperty(hostile, hostile, hostile, async (text, name, value) => {
      const html = accepted(() =>
        htmlResponse(text, { selector: value, mode: "inner" })
      );
      const script = accepted(() =>
        scriptResponse(text, { attributes: { [name]: value } })
      );
      const signals = accepted(() => signalsResponse({ [name]: value }));
      for (
        const [response, body] of [
          [html, text.toWellFormed()],
          [script, text.toWellFormed()],
          [signals, JSON.stringify({ [name]: value })],
        ] as const
      ) {
        if (response === undefined) continue;
        assertEquals(
          [...response.headers.keys()].filter((key) =>
            key.startsWith("datastar-")
          ),
          [
            ...(response === html
              ? ["datastar-mode", "datastar-selector"]
              : []),
            ...(response === script ? ["datastar-script-attributes"] : []),
          ],
        );
        assertEquals(
          new TextDecoder("utf-8", { ignoreBOM: true }).decode(
            await response.arrayBuffer(),
          ),
          body,
        );
      }
      const json = script?.headers.get("datastar-script-attributes");
      if (json) assertEquals(JSON.parse(json), { [name]: value });
    }),
    { numRuns: 2000 },
  );
});

/** No elements and empty ones are the same to the browser. */
function comparable(event: ServerSentEvent<DatastarEvent>) {
  const { data } = event;
  if (data?.type !== "patch-elements") return event;
  return { ...event, data: { ...data, elements: data.elements ?? "" } };
}

Deno.test("what datastarData reads, it can write, and reads again equal", () => {
  const type = fc.constantFrom(
    "datastar-patch-elements",
    "datastar-patch-signals",
    "other",
  );
  const line = fc.tuple(
    fc.constantFrom(
      "selector ",
      "mode ",
      "elements ",
      "signals ",
      "namespace ",
      "useViewTransition ",
      "viewTransitionSelector ",
      "onlyIfMissing ",
      "selector",
      "",
    ),
    fc.oneof(
      fc.constantFrom(
        "outer",
        "remove",
        "append",
        "true",
        "svg",
        "#a",
        '{"a":1}',
        "",
        " ",
      ),
      anyText.map((text) => linesOf(text)[0]),
    ),
  ).map((parts) => parts.join(""));
  const read = (bytes: Uint8Array) =>
    new EventParser({ data: datastarData, view: "wire" }).feed(bytes);
  let taken = 0;
  fc.assert(
    fc.property(type, fc.array(line, { maxLength: 5 }), (event, lines) => {
      const bytes = encodeEvent({ event, data: lines.join("\n") });
      let events: ReturnType<typeof read>;
      try {
        events = read(bytes);
      } catch (error) {
        // A malformed one is told at once, and is never read as another.
        assert(error instanceof EventDataError);
        return;
      }
      taken++;
      assertEquals(events.length, 1);
      const again = read(encodeEvent(events[0], { data: datastarData }));
      assertEquals(again.map(comparable), events.map(comparable));
    }),
    { numRuns: 5000 },
  );
  assert(taken > 100, `only ${taken} were read`);
});
