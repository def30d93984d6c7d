import { assertEquals, assertThrows } from "@std/assert";
import {
  EventDataError,
  EventParser,
  formatEvent,
  type ServerSentEvent,
} from "../../mod.ts";
import { datastarData, type DatastarEvent } from "../../datastar/mod.ts";
import { utf8 } from "../helpers/bytes.ts";

const ELEMENTS = "datastar-patch-elements";
const SIGNALS = "datastar-patch-signals";

function read(event: string | undefined, ...lines: string[]) {
  const parser = new EventParser({ data: datastarData, view: "wire" });
  return parser.feed(utf8(
    (event === undefined ? "" : `event: ${event}\n`) +
      lines.map((line) => `data: ${line}\n`).join("") + "\n",
  ));
}

/** What is read of one event, without what is absent. */
function dataOf(event: string | undefined, ...lines: string[]): unknown {
  const [{ data }] = read(event, ...lines);
  return data && Object.fromEntries(
    Object.entries(data).filter(([, value]) => value !== undefined),
  );
}

const DEFAULTS = {
  type: "patch-elements",
  mode: "outer",
  useViewTransition: false,
  namespace: "html",
};

const READ: Readonly<Record<string, readonly [string[], unknown]>> = {
  "lines in any order": [
    ["elements <i>", "mode inner", "elements </i>", "selector #a"],
    { ...DEFAULTS, elements: "<i>\n</i>", mode: "inner", selector: "#a" },
  ],
  "an option at its default": [
    ["useViewTransition false", "mode outer", "elements <i>"],
    { ...DEFAULTS, elements: "<i>" },
  ],
  "lines it does not know, which it leaves out": [
    ["settleDuration 300", "elements <i>", "elements", "x"],
    { ...DEFAULTS, elements: "<i>" },
  ],
  "a selector that is empty as none": [
    ["selector ", "elements <i>"],
    { ...DEFAULTS, elements: "<i>" },
  ],
  "a viewTransitionSelector only with useViewTransition": [
    ["viewTransitionSelector #m", "elements <i>"],
    { ...DEFAULTS, elements: "<i>" },
  ],
  "all spaces but the first as the value": [
    ["elements   <i> "],
    { ...DEFAULTS, elements: "  <i> " },
  ],
};

for (const [what, [lines, expected]] of Object.entries(READ)) {
  Deno.test(`datastarData reads elements with ${what}`, () => {
    assertEquals(dataOf(ELEMENTS, ...lines), expected);
  });
}

Deno.test("datastarData reads signals with lines in any order", () => {
  assertEquals(
    dataOf(SIGNALS, 'signals {"a":', "onlyIfMissing true", "signals 1}"),
    {
      type: "patch-signals",
      signals: { a: 1 },
      onlyIfMissing: true,
    },
  );
});

Deno.test("datastarData reads no key that reaches a prototype", () => {
  const [{ data }] = read(
    SIGNALS,
    'signals {"__proto__":{"x":1},"a":{"\\u005f_proto__":{"x":1}},"constructor":{"prototype":{"x":1}}}',
  );
  assertEquals(data, {
    type: "patch-signals",
    signals: { a: {} },
    onlyIfMissing: false,
  });
});

const MALFORMED: readonly (readonly [string, ...string[]])[] = [
  [ELEMENTS, "mode morph", "elements <i>"],
  [ELEMENTS, "mode inner", "mode inner", "selector #a"],
  [ELEMENTS, "mode inner", "elements <i>"],
  [ELEMENTS, "mode remove", "elements <i id=a></i>"],
  [ELEMENTS, "mode append", "selector ", "elements <i>"],
  [ELEMENTS, "namespace xml", "elements <i>"],
  [SIGNALS, "signals {a: 1}"],
  [SIGNALS, "signals [1]"],
  [SIGNALS, "signals null"],
  [SIGNALS, "signals 1"],
  [SIGNALS, "signals "],
  [SIGNALS, "signals"],
  [SIGNALS, "onlyIfMissing true"],
];

for (const [event, ...lines] of MALFORMED) {
  Deno.test(`datastarData does not read ${JSON.stringify(lines)}`, () => {
    const error = assertThrows(
      () => read(event, ...lines),
      EventDataError,
      `Cannot read event data of event "${event}": `,
    );
    assertEquals([error.event, error.data], [event, lines.join("\n")]);
  });
}

Deno.test("datastarData reads on behind an event that is malformed", () => {
  const parser = new EventParser({ data: datastarData });
  const first = parser.feed(utf8(
    `event: ${SIGNALS}\ndata: signals {"a":1}\n\n` +
      `event: ${SIGNALS}\ndata: signals [\n\n` +
      `event: ${ELEMENTS}\ndata: elements <i>\n\n`,
  ));
  assertEquals(first.length, 1);
  assertThrows(() => parser.feed(new Uint8Array()), EventDataError);
  assertEquals(parser.feed(new Uint8Array()).map(({ data }) => data?.type), [
    "patch-elements",
  ]);
});

const FOREIGN: readonly (readonly [string | undefined, ...string[]])[] = [
  [undefined, "a"],
  ["message", "selector #a", "", "mode x"],
  ["datastar-merge-fragments", "fragments <i>"],
  ["Datastar-patch-elements", "elements <i>"],
  ["ping", ""],
];

for (const [event, ...lines] of FOREIGN) {
  Deno.test(`datastarData passes ${event} on as it is`, () => {
    const [read_] = read(event, ...lines);
    assertEquals(read_.data, { type: "unknown", data: lines.join("\n") });
    assertEquals(
      formatEvent(read_, { data: datastarData }),
      formatEvent({ ...read_, data: lines.join("\n") } as ServerSentEvent),
    );
  });
}

Deno.test("datastarData has no data where an event has none", () => {
  for (const event of [ELEMENTS, SIGNALS, "ping"]) {
    const [read_] = read(event);
    assertEquals(read_.data, undefined);
    assertEquals(
      formatEvent(read_, { data: datastarData }),
      `event: ${event}\n\n`,
    );
  }
});

const ELEMENTS_DATA = { ...DEFAULTS, elements: "<i>" } as DatastarEvent;
const SIGNALS_DATA: DatastarEvent = {
  type: "patch-signals",
  signals: {},
  onlyIfMissing: false,
};
const UNKNOWN_DATA: DatastarEvent = { type: "unknown", data: "signals {}" };

for (
  const [event, data] of [
    [ELEMENTS, SIGNALS_DATA],
    [ELEMENTS, UNKNOWN_DATA],
    [SIGNALS, ELEMENTS_DATA],
    [SIGNALS, UNKNOWN_DATA],
    [undefined, ELEMENTS_DATA],
    ["message", SIGNALS_DATA],
  ] as const
) {
  Deno.test(`datastarData does not write ${data.type} in an event ${event}`, () => {
    assertThrows(
      () => formatEvent({ event, data }, { data: datastarData }),
      EventDataError,
    );
  });
}

for (
  const [line, expected] of [
    ["selector!", { selector: "selector!" }],
    ["elementsX", { elements: "elementsX" }],
    ["modes", undefined],
    ["selector   ", undefined],
    ["constructor x", undefined],
    ["__proto__ x", undefined],
  ] as const
) {
  Deno.test(`datastarData reads the line ${JSON.stringify(line)} as the browser does, by its quirks`, () => {
    if (expected === undefined) {
      assertThrows(() => read(ELEMENTS, line), EventDataError);
    } else {
      assertEquals(dataOf(ELEMENTS, line), { ...DEFAULTS, ...expected });
    }
  });
}
