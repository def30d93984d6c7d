import sample from "../vectors/datastar_sample.json" with { type: "json" };

/** Events that the conformance endpoint is asked for, and what it answers. */
export interface EndpointCase {
  readonly name: string;
  /** The events, as JSON has them. */
  readonly events: readonly unknown[];
  /** The answer to the byte; absent if it must be refused. */
  readonly expected?: string;
}

/** An event as it must be on the wire. */
function wire(
  type: "elements" | "signals",
  fields: readonly string[],
  ...lines: readonly string[]
): string {
  return [
    `event: datastar-patch-${type}`,
    ...fields,
    ...lines.map((line) => `data: ${line}`),
    "\n",
  ].join("\n");
}

const elements = (...lines: string[]) => wire("elements", [], ...lines);
const signals = (...lines: string[]) => wire("signals", [], ...lines);
const script = (...lines: string[]) =>
  elements(
    "selector body",
    "mode append",
    ...lines.map((line) => `elements ${line}`),
  );

/** Named by what is asked for. */
function one(
  type: string,
  name: string,
  options: Readonly<Record<string, unknown>>,
  expected?: string,
): EndpointCase {
  const named = `${type}, ${name}`;
  const events = [{ type, ...options }];
  return { name: named, events, ...(expected !== undefined && { expected }) };
}

const B = { elements: '<b id="a">x</b>' };
const B_LINE = 'elements <b id="a">x</b>';

const patchElements: readonly EndpointCase[] = [
  one("patchElements", "no option", B, elements(B_LINE)),
  one(
    "patchElements",
    "every option",
    {
      ...B,
      namespace: "mathml",
      viewTransitionSelector: "#whole > main",
      useViewTransition: true,
      mode: "before",
      selector: "#list > li:first-child",
      retryDuration: 30_000,
      eventId: "2026-01-01/7",
    },
    wire(
      "elements",
      ["id: 2026-01-01/7", "retry: 30000"],
      "selector #list > li:first-child",
      "mode before",
      "useViewTransition true",
      "viewTransitionSelector #whole > main",
      "namespace mathml",
      B_LINE,
    ),
  ),
  one("patchElements", "every option at its default", {
    ...B,
    mode: "outer",
    useViewTransition: false,
    namespace: "html",
    retryDuration: 1000,
  }, elements(B_LINE)),
  one(
    "patchElements",
    "mode outer with a selector",
    { ...B, mode: "outer", selector: "#t" },
    elements("selector #t", B_LINE),
  ),
  one(
    "patchElements",
    "mode replace without a selector",
    { ...B, mode: "replace" },
    elements("mode replace", B_LINE),
  ),
  ...["inner", "replace", "prepend", "append", "before", "after"].map((mode) =>
    one(
      "patchElements",
      `mode ${mode}`,
      { ...B, mode, selector: "main .t" },
      elements("selector main .t", `mode ${mode}`, B_LINE),
    )
  ),
  one(
    "patchElements",
    "mode remove by a selector",
    { mode: "remove", selector: "#a, #b" },
    elements("selector #a, #b", "mode remove"),
  ),
  one("patchElements", "mode remove by the ids of elements", {
    mode: "remove",
    elements: '<p id="first">x<b id="inside"></b></p>\n<p id=second></p>',
  }, elements("selector #first, #second", "mode remove")),
  ...["inner", "prepend", "append", "before", "after"].map((mode) =>
    one("patchElements", `mode ${mode} without a selector`, { ...B, mode })
  ),
  one("patchElements", "an unknown mode", { ...B, mode: "upsert" }),
  one("patchElements", "an empty selector", { ...B, selector: "" }),
  one("patchElements", "nothing to patch", { elements: " \n" }),
  one("patchElements", "elements that are no text", { elements: ["<b></b>"] }),
  one(
    "patchElements",
    "a selector and no elements",
    { selector: "#t", mode: "inner" },
    elements("selector #t", "mode inner", "elements "),
  ),
  one(
    "patchElements",
    "a view transition",
    { ...B, useViewTransition: true },
    elements("useViewTransition true", B_LINE),
  ),
  one(
    "patchElements",
    "the selector of a view transition that is off",
    { ...B, viewTransitionSelector: "#t" },
    elements(B_LINE),
  ),
  one("patchElements", "useViewTransition that is text", {
    ...B,
    useViewTransition: "true",
  }),
  ...["svg", "mathml"].map((namespace) =>
    one(
      "patchElements",
      `namespace ${namespace}`,
      { ...B, namespace },
      elements(`namespace ${namespace}`, B_LINE),
    )
  ),
  one("patchElements", "an unknown namespace", { ...B, namespace: "xml" }),
  ...[["LF", "\n"], ["CR", "\r"], ["CR LF", "\r\n"]].map(([name, end]) =>
    one(
      "patchElements",
      `lines that end with ${name}`,
      {
        elements: ["<ul id=u>", "  <li>", "", "  event: x", "</ul>"].join(end),
      },
      elements(
        "elements <ul id=u>",
        "elements   <li>",
        "elements ",
        "elements   event: x",
        "elements </ul>",
      ),
    )
  ),
  one(
    "patchElements",
    "a line end at both ends",
    { elements: "\n<b id=a></b>\n" },
    elements("elements ", "elements <b id=a></b>", "elements "),
  ),
  one(
    "patchElements",
    "text beyond ASCII",
    { elements: "<b id=é>漢 😀 \u2028 \u0085</b>", selector: "#größe" },
    elements("selector #größe", "elements <b id=é>漢 😀 \u2028 \u0085</b>"),
  ),
];

const ids: readonly EndpointCase[] = [
  one(
    "patchElements",
    "an id",
    { ...B, eventId: "a: b" },
    wire("elements", ["id: a: b"], B_LINE),
  ),
  one(
    "patchElements",
    "an empty id",
    { ...B, eventId: "" },
    wire("elements", ["id: "], B_LINE),
  ),
  ...["a\nb", "a\rb", "a\r\nb", "a\0b", 7].map((eventId) =>
    one("patchElements", `id ${JSON.stringify(eventId)}`, { ...B, eventId })
  ),
  ...[0, 1, 999, 1001, 2 ** 53 - 1].map((retryDuration) =>
    one(
      "patchElements",
      `retryDuration ${retryDuration}`,
      { ...B, retryDuration },
      wire("elements", [`retry: ${retryDuration}`], B_LINE),
    )
  ),
  ...[-1, 0.5, 2 ** 53, "2000"].map((retryDuration) =>
    one(
      "patchElements",
      `retryDuration ${JSON.stringify(retryDuration)}`,
      { ...B, retryDuration },
    )
  ),
];

const removeElements: readonly EndpointCase[] = [
  one(
    "removeElements",
    "a selector",
    { selector: ".old, #x" },
    elements("selector .old, #x", "mode remove"),
  ),
  one(
    "removeElements",
    "every option",
    {
      selector: "#x",
      useViewTransition: true,
      viewTransitionSelector: "#t",
      eventId: "9",
      retryDuration: 500,
    },
    wire(
      "elements",
      ["id: 9", "retry: 500"],
      "selector #x",
      "mode remove",
      "useViewTransition true",
      "viewTransitionSelector #t",
    ),
  ),
  one(
    "removeElements",
    "elements with ids",
    { elements: '<i id="1st"></i><br id=second>' },
    elements("selector #\\31 st, #second", "mode remove"),
  ),
  one("removeElements", "an element without an id", {
    elements: "<i id=a></i><i></i>",
  }),
  one("removeElements", "neither", {}),
];

const patchSignals: readonly EndpointCase[] = [
  one(
    "patchSignals",
    "an object",
    { signals: { a: 1, b: { c: [true, null, "x"] }, d: null } },
    signals('signals {"a":1,"b":{"c":[true,null,"x"]},"d":null}'),
  ),
  one(
    "patchSignals",
    "every option",
    { signals: { a: 1 }, onlyIfMissing: true, eventId: "é", retryDuration: 1 },
    wire(
      "signals",
      ["id: é", "retry: 1"],
      "onlyIfMissing true",
      'signals {"a":1}',
    ),
  ),
  one(
    "patchSignals",
    "an empty object",
    { signals: {} },
    signals("signals {}"),
  ),
  one(
    "patchSignals",
    "values with line ends and markup",
    { signals: { text: "a\r\nb\rc\n\n", html: "</script>" } },
    signals('signals {"text":"a\\r\\nb\\rc\\n\\n","html":"</script>"}'),
  ),
  ...[["LF", "\n"], ["CR", "\r"], ["CR LF", "\r\n"]].map(([name, end]) =>
    one(
      "patchSignals",
      `JSON on lines that end with ${name}`,
      { "signals-raw": ["{", '  "a":', "", "  1", "}"].join(end) },
      signals(
        "signals {",
        'signals   "a":',
        "signals ",
        "signals   1",
        "signals }",
      ),
    )
  ),
  one("patchSignals", "JSON that is none", { "signals-raw": "{a: 1}" }),
  one("patchSignals", "a script for JSON", { "signals-raw": "alert(1)" }),
  one("patchSignals", "JSON that is no object", { "signals-raw": "[1]" }),
  one("patchSignals", "no signals", {}),
];

const removeSignals: readonly EndpointCase[] = [
  one(
    "removeSignals",
    "one path",
    { paths: "draft" },
    signals('signals {"draft":null}'),
  ),
  one(
    "removeSignals",
    "paths that share a branch",
    { paths: ["user.name", "draft", "user.address.city"], eventId: "3" },
    wire(
      "signals",
      ["id: 3"],
      'signals {"user":{"name":null,"address":{"city":null}},"draft":null}',
    ),
  ),
  ...[["a", "a.b"], ["a.b", "a"]].map((paths) =>
    one(
      "removeSignals",
      `paths ${paths.join(" and ")}`,
      { paths },
      signals('signals {"a":null}'),
    )
  ),
  ...[[], [""], ["a."], [".a"], ["a..b"], [7]].map((paths) =>
    one("removeSignals", `paths ${JSON.stringify(paths)}`, { paths })
  ),
];

const executeScript: readonly EndpointCase[] = [
  one(
    "executeScript",
    "no option",
    { script: "a()" },
    script('<script data-effect="el.remove()">a()</script>'),
  ),
  one(
    "executeScript",
    "autoRemove",
    { script: "a()", autoRemove: true },
    script('<script data-effect="el.remove()">a()</script>'),
  ),
  one(
    "executeScript",
    "every option",
    {
      script: "a();\nb();",
      autoRemove: false,
      attributes: { type: "module", nonce: "r4nd0m" },
      eventId: "5",
      retryDuration: 0,
    },
    wire(
      "elements",
      ["id: 5", "retry: 0"],
      "selector body",
      "mode append",
      'elements <script type="module" nonce="r4nd0m">a();',
      "elements b();</script>",
    ),
  ),
  one(
    "executeScript",
    "attributes that are booleans and numbers",
    {
      script: "a()",
      attributes: { async: true, defer: false, blocking: "false", "data-n": 3 },
    },
    script(
      '<script async blocking="false" data-n="3" data-effect="el.remove()">a()</script>',
    ),
  ),
  one(
    "executeScript",
    "attributes as a list",
    {
      script: "a()",
      autoRemove: false,
      attributes: ["async", 'type="module"', "data-n=3", 'data-q="a=b"'],
    },
    script(
      '<script async type="module" data-n=3 data-q="a=b">a()</script>',
    ),
  ),
  one(
    "executeScript",
    "markup in an attribute",
    {
      script: "a()",
      autoRemove: false,
      attributes: { "data-x": "\"'><script>&\n\r" },
    },
    script(
      `<script data-x="&quot;'&gt;&lt;script&gt;&amp;&#10;&#13;">a()</script>`,
    ),
  ),
  one(
    "executeScript",
    "what would end the element",
    { script: 'a("</script><!--</SCRIPT >")', autoRemove: false },
    script(
      '<script>a("\\u003C/script><!\\u002d-\\u003C/SCRIPT >")</script>',
    ),
  ),
  ...["", "a b", 'a"', "a'", "a>", "a/", "a=b", "a\nb", "<a"].map((name) =>
    one("executeScript", `an attribute named ${JSON.stringify(name)}`, {
      script: "a()",
      attributes: { [name]: "1" },
    })
  ),
  one("executeScript", "an attribute twice", {
    script: "a()",
    attributes: { async: true, ASYNC: true },
  }),
  one("executeScript", "an attribute that is an object", {
    script: "a()",
    attributes: { "data-x": {} },
  }),
  one("executeScript", "no script", {}),
];

const lists: readonly EndpointCase[] = [
  { name: "no events", events: [], expected: "" },
  {
    name: "several events, in their order",
    events: [
      { type: "patchSignals", signals: { n: 1 } },
      { type: "patchElements", ...B },
      { type: "removeSignals", paths: ["n"] },
      { type: "executeScript", script: "a()", autoRemove: false },
      { type: "removeElements", selector: "#a" },
    ],
    expected: signals('signals {"n":1}') + elements(B_LINE) +
      signals('signals {"n":null}') + script("<script>a()</script>") +
      elements("selector #a", "mode remove"),
  },
  {
    name: "an event of ours behind one that is refused",
    events: [{ type: "patchElements" }, { type: "patchElements", ...B }],
  },
  {
    name: "an event that is refused behind one of ours",
    events: [{ type: "patchElements", ...B }, { type: "patchElements" }],
  },
  {
    name: "more than a network chunk",
    events: [{
      type: "patchElements",
      elements: "<b id=a>é</b>\n".repeat(400),
    }],
    expected: elements(
      ...Array(400).fill("elements <b id=a>é</b>"),
      "elements ",
    ),
  },
  ...[null, 7, "patchElements", {}, [], { type: "constructor" }, {
    type: "mergeFragments",
  }].map((event) => ({
    name: `the event ${JSON.stringify(event)}`,
    events: [event],
  })),
];

/** Cases of our own: every option of the SDK's ADR, and what must be refused. */
export const OWN_CASES: readonly EndpointCase[] = [
  ...patchElements,
  ...ids,
  ...removeElements,
  ...patchSignals,
  ...removeSignals,
  ...executeScript,
  ...lists,
];

/** What becomes of the sample's hostile cases that are not refused. */
const NEUTRALISED: Readonly<Record<string, string>> = {
  "script-lf-is-data-only": script(
    "<script>a()",
    "",
    "event: evil</script>",
  ),
  "script-end-tag-tab": script("<script>x='\\u003C/script\t><img>'</script>"),
  "script-end-tag-newline": script(
    "<script>x=`\\u003C/script",
    "><img>`</script>",
  ),
  "script-end-tag-plain": script(
    "<script>x='\\u003C/script><img src=x onerror=evil()>'</script>",
  ),
  "script-end-tag-slash": script(
    "<script>x='\\u003C/script/><img>'</script>",
  ),
  "script-end-tag-split": script("<script>x='</scr", "ipt>'</script>"),
  "script-end-tag-comment-open": script(
    "<script>x='<!\\u002d-\\u003Cscript>'</script>",
  ),
  "attribute-value-quote": script(
    '<script data-x="a&quot;b">a()</script>',
  ),
  "attribute-value-crlf": script(
    '<script x="1&#13;&#10;selector #evil" data-effect="el.remove()">a()</script>',
  ),
  "attribute-value-cr": script(
    '<script x="1&#13;selector #evil" data-effect="el.remove()">a()</script>',
  ),
};

/** A case of the sample, with the method that it is for. */
export interface SampleCase extends EndpointCase {
  readonly method: string;
}

/** The cases of `tests/vectors/datastar_sample.json`, hostile ones included. */
export const SAMPLE_CASES: readonly SampleCase[] = [
  ...sample.cases.map(({ name, method, input, expected }) => ({
    name,
    method,
    events: input.events,
    expected,
  })),
  ...sample.hostile.map(({ name, method, input }) => ({
    name: `hostile, ${name}`,
    method,
    events: input.events,
    ...(name in NEUTRALISED && { expected: NEUTRALISED[name] }),
  })),
];

/** The methods that Datastar in the browser sends, and where their signals are. */
export const METHODS: Readonly<Record<string, "query" | "body">> = {
  GET: "query",
  POST: "body",
  PUT: "body",
  PATCH: "body",
  DELETE: "query",
};

/** Makes the request of Datastar in the browser for some events. */
export function requestFor(
  events: readonly unknown[],
  method: string,
  origin: string,
): Request {
  const url = new URL("/test", origin);
  const text = JSON.stringify({ events });
  const headers = { accept: "text/event-stream", "datastar-request": "true" };
  if (METHODS[method] === "query") {
    url.searchParams.set("datastar", text);
    return new Request(url, { method, headers });
  }
  return new Request(url, {
    method,
    headers: { ...headers, "content-type": "application/json" },
    body: text,
  });
}
