import type { ServerSentEvent } from "../../mod.ts";
import {
  consoleError,
  consoleLog,
  type DatastarEvent,
  dispatchCustomEvent,
  executeScript,
  patchElements,
  type PatchElementsData,
  patchSignals,
  type PatchSignalsData,
  prefetch,
  redirect,
  removeElements,
  removeSignals,
  replaceUrl,
} from "../../datastar/mod.ts";

/** An event, what it is on the wire to the byte, and what it is read as. */
export interface DatastarCase {
  readonly name: string;
  /** What the builder makes. */
  readonly event: ServerSentEvent;
  /** The id, if there is one. */
  readonly id?: string;
  /** The reconnection time, if there is one. */
  readonly retry?: number;
  /** The data lines as they are written, without `data: `. */
  readonly lines: readonly string[];
  /** What is read, without what is absent. */
  readonly data: DatastarEvent;
  /** The data lines that the codec writes, where a text of several lines was given. */
  readonly rewritten?: readonly string[];
}

/** The bytes of a case, in the order of the SDK's ADR: event, id, retry, data. */
export function textOf(
  { data, id, retry, lines }: DatastarCase,
): string {
  return `event: datastar-${data.type}\n` +
    (id === undefined ? "" : `id: ${id}\n`) +
    (retry === undefined ? "" : `retry: ${retry}\n`) +
    lines.map((line) => `data: ${line}\n`).join("") + "\n";
}

function elements(data: Partial<PatchElementsData>): PatchElementsData {
  return {
    type: "patch-elements",
    mode: "outer",
    useViewTransition: false,
    namespace: "html",
    ...data,
  };
}

function signals(
  values: PatchSignalsData["signals"],
  onlyIfMissing = false,
): PatchSignalsData {
  return { type: "patch-signals", signals: values, onlyIfMissing };
}

/** A case of a script, which is an element at the end of the body. */
function script(
  name: string,
  event: ServerSentEvent,
  ...lines: readonly string[]
): DatastarCase {
  return {
    name,
    event,
    lines: [
      "selector body",
      "mode append",
      ...lines.map((line) => `elements ${line}`),
    ],
    data: elements({
      selector: "body",
      mode: "append",
      elements: lines.join("\n"),
    }),
  };
}

const REMOVED = 'data-effect="el.remove()"';

const ELEMENTS: readonly DatastarCase[] = [
  {
    name: "patchElements without options",
    event: patchElements('<p id="a">1</p>'),
    lines: ['elements <p id="a">1</p>'],
    data: elements({ elements: '<p id="a">1</p>' }),
  },
  {
    name: "patchElements with every option at its default",
    event: patchElements("<p id=a></p>", {
      mode: "outer",
      namespace: "html",
      useViewTransition: false,
      retryDuration: 1000,
      selector: undefined,
      viewTransitionSelector: undefined,
      eventId: undefined,
    }),
    lines: ["elements <p id=a></p>"],
    data: elements({ elements: "<p id=a></p>" }),
  },
  {
    name: "patchElements with every option",
    event: patchElements('<circle id="dot" />\n<path />', {
      eventId: "e1",
      retryDuration: 2500,
      selector: "#vis",
      mode: "append",
      useViewTransition: true,
      viewTransitionSelector: "#main",
      namespace: "svg",
    }),
    id: "e1",
    retry: 2500,
    lines: [
      "selector #vis",
      "mode append",
      "useViewTransition true",
      "viewTransitionSelector #main",
      "namespace svg",
      'elements <circle id="dot" />',
      "elements <path />",
    ],
    data: elements({
      elements: '<circle id="dot" />\n<path />',
      selector: "#vis",
      mode: "append",
      useViewTransition: true,
      viewTransitionSelector: "#main",
      namespace: "svg",
    }),
  },
  ...(["inner", "replace", "prepend", "append", "before", "after"] as const)
    .map((mode) => ({
      name: `patchElements with mode ${mode}`,
      event: patchElements("<b>x</b>", { selector: "#t", mode }),
      lines: ["selector #t", `mode ${mode}`, "elements <b>x</b>"],
      data: elements({ elements: "<b>x</b>", selector: "#t", mode }),
    })),
  {
    name: "patchElements with mode outer and a selector",
    event: patchElements("<b>x</b>", { selector: "#t", mode: "outer" }),
    lines: ["selector #t", "elements <b>x</b>"],
    data: elements({ elements: "<b>x</b>", selector: "#t" }),
  },
  {
    name: "patchElements with mode replace and no selector",
    event: patchElements("<b id=t>x</b>", { mode: "replace" }),
    lines: ["mode replace", "elements <b id=t>x</b>"],
    data: elements({ elements: "<b id=t>x</b>", mode: "replace" }),
  },
  {
    name: "patchElements with mode remove and no element",
    event: patchElements("", { selector: "#a, #b", mode: "remove" }),
    lines: ["selector #a, #b", "mode remove"],
    data: elements({ selector: "#a, #b", mode: "remove" }),
  },
  ...(["svg", "mathml"] as const).map((namespace) => ({
    name: `patchElements with namespace ${namespace}`,
    event: patchElements("<g id=g></g>", { namespace }),
    lines: [`namespace ${namespace}`, "elements <g id=g></g>"],
    data: elements({ elements: "<g id=g></g>", namespace }),
  })),
  {
    name: "patchElements with useViewTransition",
    event: patchElements("<p id=a></p>", { useViewTransition: true }),
    lines: ["useViewTransition true", "elements <p id=a></p>"],
    data: elements({ elements: "<p id=a></p>", useViewTransition: true }),
  },
  {
    name: "patchElements with viewTransitionSelector but no useViewTransition",
    event: patchElements("<p id=a></p>", {
      useViewTransition: false,
      viewTransitionSelector: "#main",
    }),
    lines: ["elements <p id=a></p>"],
    data: elements({ elements: "<p id=a></p>" }),
  },
  ...[["LF", "\n"], ["CR", "\r"], ["CR LF", "\r\n"]].map(([name, end]) => ({
    name: `patchElements with elements on lines that end with ${name}`,
    event: patchElements(
      `<div id="a">${end}selector #evil${end}${end} <i></i>${end}</div>${end}`,
    ),
    lines: [
      'elements <div id="a">',
      "elements selector #evil",
      "elements ",
      "elements  <i></i>",
      "elements </div>",
      "elements ",
    ],
    data: elements({
      elements: '<div id="a">\nselector #evil\n\n <i></i>\n</div>\n',
    }),
  })),
  {
    name: "patchElements with a first line that is empty",
    event: patchElements("\n<p id=a></p>"),
    lines: ["elements ", "elements <p id=a></p>"],
    data: elements({ elements: "\n<p id=a></p>" }),
  },
  {
    name: "patchElements with nothing to put inside a target",
    event: patchElements("", { selector: "#list", mode: "inner" }),
    lines: ["selector #list", "mode inner", "elements "],
    data: elements({ elements: "", selector: "#list", mode: "inner" }),
  },
  {
    name: "patchElements with an id that is 0 and a retryDuration of 0",
    event: patchElements("<p id=a></p>", { eventId: "0", retryDuration: 0 }),
    id: "0",
    retry: 0,
    lines: ["elements <p id=a></p>"],
    data: elements({ elements: "<p id=a></p>" }),
  },
  {
    name: "patchElements with an id that is empty, which resets it",
    event: patchElements("<p id=a></p>", { eventId: "" }),
    id: "",
    lines: ["elements <p id=a></p>"],
    data: elements({ elements: "<p id=a></p>" }),
  },
  {
    name: "patchElements with what is not ASCII",
    event: patchElements("<p id=é>🦊\u2028</p>", {
      eventId: "€-1",
      selector: "#é",
    }),
    id: "€-1",
    lines: ["selector #é", "elements <p id=é>🦊\u2028</p>"],
    data: elements({ elements: "<p id=é>🦊\u2028</p>", selector: "#é" }),
  },
  {
    name: "removeElements",
    event: removeElements("#a, .b"),
    lines: ["selector #a, .b", "mode remove"],
    data: elements({ selector: "#a, .b", mode: "remove" }),
  },
  {
    name: "removeElements with every option",
    event: removeElements("#a", {
      eventId: "e2",
      retryDuration: 2000,
      useViewTransition: true,
      viewTransitionSelector: "#main",
    }),
    id: "e2",
    retry: 2000,
    lines: [
      "selector #a",
      "mode remove",
      "useViewTransition true",
      "viewTransitionSelector #main",
    ],
    data: elements({
      selector: "#a",
      mode: "remove",
      useViewTransition: true,
      viewTransitionSelector: "#main",
    }),
  },
];

const SIGNALS: readonly DatastarCase[] = [
  {
    name: "patchSignals of an object",
    event: patchSignals({ one: 1, two: { alpha: null }, three: ["\n"] }),
    lines: ['signals {"one":1,"two":{"alpha":null},"three":["\\n"]}'],
    data: signals({ one: 1, two: { alpha: null }, three: ["\n"] }),
  },
  {
    name: "patchSignals of nothing",
    event: patchSignals({}),
    lines: ["signals {}"],
    data: signals({}),
  },
  {
    name: "patchSignals with every option",
    event: patchSignals({ one: 1 }, {
      eventId: "e3",
      retryDuration: 2000,
      onlyIfMissing: true,
    }),
    id: "e3",
    retry: 2000,
    lines: ["onlyIfMissing true", 'signals {"one":1}'],
    data: signals({ one: 1 }, true),
  },
  {
    name: "patchSignals with every option at its default",
    event: patchSignals({ one: 1 }, {
      eventId: undefined,
      retryDuration: 1000,
      onlyIfMissing: false,
    }),
    lines: ['signals {"one":1}'],
    data: signals({ one: 1 }),
  },
  {
    name: "patchSignals of a text",
    event: patchSignals('{ "raw": 1.0 }'),
    lines: ['signals { "raw": 1.0 }'],
    data: signals({ raw: 1 }),
    rewritten: ['signals {"raw":1}'],
  },
  ...["\n", "\r", "\r\n"].map((end) => ({
    name: `patchSignals of a text on lines that end with ${
      JSON.stringify(end)
    }`,
    event: patchSignals(`{${end}"a": 1,${end}${end}"b": 2}${end}`),
    lines: [
      "signals {",
      'signals "a": 1,',
      "signals ",
      'signals "b": 2}',
      "signals ",
    ],
    data: signals({ a: 1, b: 2 }),
    rewritten: ['signals {"a":1,"b":2}'],
  })),
  {
    name: "removeSignals of one",
    event: removeSignals("one"),
    lines: ['signals {"one":null}'],
    data: signals({ one: null }),
  },
  {
    name: "removeSignals of several, some inside others, with every option",
    event: removeSignals(["one", "two.alpha", "two.beta.gamma"], {
      eventId: "e4",
      retryDuration: 2000,
    }),
    id: "e4",
    retry: 2000,
    lines: [
      'signals {"one":null,"two":{"alpha":null,"beta":{"gamma":null}}}',
    ],
    data: signals({ one: null, two: { alpha: null, beta: { gamma: null } } }),
  },
];

const SCRIPTS: readonly DatastarCase[] = [
  script(
    "executeScript",
    executeScript("a()"),
    `<script ${REMOVED}>a()</script>`,
  ),
  script(
    "executeScript on several lines",
    executeScript("if (a) {\r  b()\r\n\n}"),
    `<script ${REMOVED}>if (a) {`,
    "  b()",
    "",
    "}</script>",
  ),
  {
    ...script(
      "executeScript with every option",
      executeScript("a()", {
        eventId: "e5",
        retryDuration: 2000,
        autoRemove: false,
        attributes: {
          type: "module",
          async: true,
          defer: false,
          nonce: undefined,
          "data-n": 7,
          "data-x": `"<'>&\r\n`,
        },
      }),
      '<script type="module" async data-n="7" data-x="&quot;&lt;\'&gt;&amp;&#13;&#10;">a()</script>',
    ),
    id: "e5",
    retry: 2000,
  },
  script(
    "executeScript with what would end the element or hide its end",
    executeScript("x = '</script><!-- <script> </SCRIPT\t>'"),
    `<script ${REMOVED}>x = '\\u003C/script><!\\u002d- \\u003Cscript> \\u003C/SCRIPT\t>'</script>`,
  ),
  script(
    "consoleLog",
    consoleLog({ a: ["</script>"] }),
    `<script ${REMOVED}>console.log({"a":["\\u003C/script>"]})</script>`,
  ),
  script(
    "consoleError",
    consoleError("no"),
    `<script ${REMOVED}>console.error("no")</script>`,
  ),
  script(
    "redirect",
    redirect("/home?a=1&b=2"),
    `<script ${REMOVED}>setTimeout(() => window.location.href = "/home?a=1&b=2")</script>`,
  ),
  script(
    "replaceUrl",
    replaceUrl(new URL("https://example.com/?page=2")),
    `<script ${REMOVED}>window.history.replaceState({}, "", "https://example.com/?page=2")</script>`,
  ),
  script(
    "dispatchCustomEvent",
    dispatchCustomEvent("saved", { id: 7 }),
    `<script ${REMOVED}>for (const target of [document]) target.dispatchEvent(new CustomEvent("saved", {"bubbles":true,"cancelable":true,"composed":true,"detail":{"id":7}}))</script>`,
  ),
  script(
    "dispatchCustomEvent with every option",
    dispatchCustomEvent("saved", undefined, {
      selector: "#form",
      bubbles: false,
      cancelable: false,
      composed: false,
      autoRemove: false,
      attributes: { nonce: "n" },
    }),
    '<script nonce="n">for (const target of document.querySelectorAll("#form")) target.dispatchEvent(new CustomEvent("saved", {"bubbles":false,"cancelable":false,"composed":false,"detail":null}))</script>',
  ),
  script(
    "prefetch",
    prefetch(["/a", new URL("https://example.com/b")]),
    '<script type="speculationrules">{"prefetch":[{"source":"list","urls":["/a","https://example.com/b"]}]}</script>',
  ),
];

/** A case for every option of every function that makes an event. */
export const CASES: readonly DatastarCase[] = [
  ...ELEMENTS,
  ...SIGNALS,
  ...SCRIPTS,
];
