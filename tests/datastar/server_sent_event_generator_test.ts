import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  EventBuildError,
  formatEvent,
  ReadSignalsError,
  StreamClosedError,
} from "../../mod.ts";
import { eventStreamResponse } from "../../server.ts";
import {
  executeScript,
  patchElements,
  patchSignals,
  redirect,
  removeElements,
  removeSignals,
  ServerSentEventGenerator,
  type ServerSentEventGeneratorOptions,
} from "../../datastar/mod.ts";
import { textReader } from "../helpers/bodies.ts";
import { fakeClock } from "../helpers/clock.ts";
import { trapRejections } from "../helpers/portable.ts";
import { isPending, settle } from "../helpers/settle.ts";

type OnStart = Parameters<typeof ServerSentEventGenerator.stream>[0];

/** Without the comment that opens every stream. */
const BARE = { keepAlive: false } as const;
const OPENING = ": \n\n";

const { stream } = ServerSentEventGenerator;

/** What a stream sends until its end, behind its opening. */
async function sent(
  onStart: OnStart,
  options: ServerSentEventGeneratorOptions = {},
): Promise<string> {
  const text = await stream(onStart, { ...BARE, ...options }).text();
  return text.replace(/^: ?\n\n/, "");
}

/** What is told of the end of a stream. */
function observed() {
  const told: (readonly [string, unknown])[] = [];
  return {
    told,
    onAbort: (reason?: string) => void told.push(["abort", reason]),
    onError: (error: unknown) => void told.push(["error", error]),
  };
}

const HTML = '<p id="a">1</p>';
const OPTIONS = { eventId: "e", retryDuration: 5 };

/** The call shapes of the official SDK, and the events that they send. */
const CALLS: Readonly<
  Record<
    string,
    readonly [
      (stream: ServerSentEventGenerator) => Promise<void>,
      ReturnType<typeof patchElements>,
    ]
  >
> = {
  "patchElements(html)": [
    (s) => s.patchElements(HTML),
    patchElements(HTML),
  ],
  "patchElements(html, options)": [
    (s) =>
      s.patchElements(HTML, {
        ...OPTIONS,
        mode: "inner",
        selector: "#b",
        useViewTransition: true,
        namespace: "svg",
      }),
    patchElements(HTML, {
      ...OPTIONS,
      mode: "inner",
      selector: "#b",
      useViewTransition: true,
      namespace: "svg",
    }),
  ],
  "patchElements of mode remove with a selector": [
    (s) => s.patchElements("", { mode: "remove", selector: "#b" }),
    removeElements("#b"),
  ],
  "patchElements of mode remove without a selector": [
    (s) =>
      s.patchElements(`${HTML}<i id=b></i>`, { ...OPTIONS, mode: "remove" }),
    removeElements("#a, #b", OPTIONS),
  ],
  "removeElements(selector)": [
    (s) => s.removeElements("#a, #b"),
    removeElements("#a, #b"),
  ],
  "removeElements(selector, undefined, options)": [
    (s) => s.removeElements("#a", undefined, OPTIONS),
    removeElements("#a", OPTIONS),
  ],
  "removeElements(undefined, html)": [
    (s) => s.removeElements(undefined, `${HTML}<i id=b></i>`),
    removeElements("#a, #b"),
  ],
  "removeElements('', html, options)": [
    (s) => s.removeElements("", HTML, OPTIONS),
    removeElements("#a", OPTIONS),
  ],
  "removeElements(selector, html)": [
    (s) => s.removeElements("#b", HTML),
    removeElements("#b"),
  ],
  "patchSignals(text)": [
    (s) => s.patchSignals('{"a": 1}'),
    patchSignals('{"a": 1}'),
  ],
  "patchSignals(object, options)": [
    (s) => s.patchSignals({ a: 1 }, { ...OPTIONS, onlyIfMissing: true }),
    patchSignals({ a: 1 }, { ...OPTIONS, onlyIfMissing: true }),
  ],
  "removeSignals(key)": [(s) => s.removeSignals("a"), removeSignals("a")],
  "removeSignals(keys, options)": [
    (s) => s.removeSignals(["a", "b.c"], OPTIONS),
    removeSignals(["a", "b.c"], OPTIONS),
  ],
  "executeScript(script)": [
    (s) => s.executeScript("a()"),
    executeScript("a()"),
  ],
  "executeScript(script, options)": [
    (s) =>
      s.executeScript("a()", {
        ...OPTIONS,
        autoRemove: false,
        attributes: { type: "module" },
      }),
    executeScript("a()", {
      ...OPTIONS,
      autoRemove: false,
      attributes: { type: "module" },
    }),
  ],
  "send(event)": [(s) => s.send(redirect("/a")), redirect("/a")],
};

for (const [call, [act, event]] of Object.entries(CALLS)) {
  Deno.test(`ServerSentEventGenerator.${call} sends its event`, async () => {
    assertEquals(await sent(act), formatEvent(event));
    assertEquals(await sent((stream) => void act(stream)), formatEvent(event));
  });
}

Deno.test("ServerSentEventGenerator.stream has the headers of an event stream", async () => {
  const response = stream(() => {});
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("content-type"), "text/event-stream");
  assertStringIncludes(response.headers.get("cache-control") ?? "", "no-cache");
  await response.text();
});

/** The forms in which headers may come. */
const HEADERS: Readonly<Record<string, HeadersInit>> = {
  "an object": { "x-a": "b", "cache-control": "no-store" },
  "a list": [["x-a", "b"], ["cache-control", "no-store"]],
  "Headers": new Headers({ "x-a": "b", "cache-control": "no-store" }),
};

for (const [form, headers] of Object.entries(HEADERS)) {
  Deno.test(`ServerSentEventGenerator.stream takes a responseInit with headers as ${form}`, async () => {
    const response = stream(() => {}, {
      responseInit: { status: 201, headers },
    });
    assertEquals(response.status, 201);
    assertEquals(response.headers.get("x-a"), "b");
    assertEquals(response.headers.get("cache-control"), "no-store");
    assertEquals(response.headers.get("content-type"), "text/event-stream");
    await response.text();
  });
}

Deno.test("ServerSentEventGenerator.stream lets status and headers win over responseInit", async () => {
  const response = stream(() => {}, {
    status: 202,
    headers: { "x-a": "c" },
    responseInit: { status: 201, headers: { "x-a": "b" } },
  });
  assertEquals([response.status, response.headers.get("x-a")], [202, "c"]);
  await response.text();
});

Deno.test("ServerSentEventGenerator.stream calls onStart at once", async () => {
  let isCalled = false;
  const response = stream(() => {
    isCalled = true;
  });
  assert(isCalled);
  await response.text();
});

Deno.test("ServerSentEventGenerator.stream ends when onStart is done, and aborts nothing", async () => {
  const { told, ...options } = observed();
  assertEquals(await sent(() => {}, options), "");
  const text = await sent(async (stream) => {
    await stream.patchSignals({ a: 1 });
    await settle();
    await stream.patchSignals({ a: 2 });
  }, options);
  assertEquals(
    text,
    formatEvent(patchSignals({ a: 1 })) + formatEvent(patchSignals({ a: 2 })),
  );
  assertEquals(told, []);
});

Deno.test("ServerSentEventGenerator.stream stays open with keepalive, until close()", async () => {
  const { told, ...options } = observed();
  let generator: ServerSentEventGenerator | undefined;
  const body = textReader(
    stream((stream) => {
      generator = stream;
    }, { ...BARE, ...options, keepalive: true }),
  );
  assertEquals(await body.read(), OPENING);
  const read = body.read();
  assert(await isPending(read));
  await generator!.patchSignals({ a: 1 });
  assertEquals(await read, formatEvent(patchSignals({ a: 1 })));
  generator!.close();
  generator!.close();
  assertEquals(await body.read(), undefined);
  assert(generator!.signal.aborted);
  assertEquals(told, []);
});

Deno.test("ServerSentEventGenerator.close ends the stream behind what was sent", async () => {
  const { told, ...options } = observed();
  const text = await sent(async (stream) => {
    stream.patchSignals({ a: 1 });
    stream.close();
    await assertRejects(() => stream.patchSignals({ a: 2 }), StreamClosedError);
  }, options);
  assertEquals(text, formatEvent(patchSignals({ a: 1 })));
  assertEquals(told, []);
});

for (const keepalive of [false, true]) {
  Deno.test(`ServerSentEventGenerator.stream tells onAbort once that the client left, keepalive ${keepalive}`, async () => {
    using clock = fakeClock();
    const { told, ...options } = observed();
    const gate = Promise.withResolvers<void>();
    let generator: ServerSentEventGenerator | undefined;
    const { body } = stream(async (stream) => {
      generator = stream;
      if (!keepalive) await gate.promise;
    }, { ...options, keepalive });
    await settle();
    await Promise.all([body!.cancel(), body!.cancel()]);
    gate.resolve();
    await settle();
    assertEquals(told, [["abort", "client"]]);
    assert(generator!.signal.aborted);
    assertEquals(clock.timers, 0);
  });
}

Deno.test("ServerSentEventGenerator rejects with StreamClosedError once the client has left, and ends who awaits it", async () => {
  const { told, ...options } = observed();
  const ended = Promise.withResolvers<unknown>();
  const { body } = stream(async (stream) => {
    try {
      while (true) {
        await stream.patchElements(HTML);
        await settle();
      }
    } catch (error) {
      ended.resolve(error);
      throw error;
    }
  }, options);
  await body!.cancel();
  const error = await ended.promise;
  assertInstanceOf(error, StreamClosedError);
  assertEquals(error.reason, "client");
  await settle();
  assertEquals(told, [["abort", "client"]]);
});

Deno.test("ServerSentEventGenerator does not crash the process when nobody awaits what it rejects", async () => {
  const trap = trapRejections();
  let generator: ServerSentEventGenerator | undefined;
  const { body } = stream((stream) => {
    generator = stream;
  }, { keepalive: true });
  await body!.cancel();
  generator!.patchElements(HTML);
  generator!.patchSignals({});
  generator!.removeElements("#a");
  generator!.removeSignals("a");
  generator!.executeScript("a()");
  generator!.close();
  await settle();
  trap.release();
  assertEquals(trap.errors, []);
});

/** Ways in which `onStart` fails. */
const FAILING: Readonly<Record<string, (error: unknown) => OnStart>> = {
  "throws": (error) => (stream) => {
    stream.patchSignals({ a: 1 });
    throw error;
  },
  "rejects": (error) => async (stream) => {
    await stream.patchSignals({ a: 1 });
    await settle();
    throw error;
  },
};

for (const [what, make] of Object.entries(FAILING)) {
  for (const keepalive of [false, true]) {
    Deno.test(`ServerSentEventGenerator.stream tells onAbort and onError if onStart ${what}, and ends cleanly, keepalive ${keepalive}`, async () => {
      const failure = new Error("database");
      const { told, ...options } = observed();
      const text = await sent(make(failure), { ...options, keepalive });
      assertEquals(text, formatEvent(patchSignals({ a: 1 })));
      assertEquals(told, [["abort", "database"], ["error", failure]]);
    });
  }

  Deno.test(`ServerSentEventGenerator.stream errors the body if onStart ${what} and there is no onError`, async () => {
    const trap = trapRejections();
    const failure = new Error("database");
    const { told, onAbort } = observed();
    const response = stream(make(failure), { ...BARE, onAbort });
    const error = await assertRejects(() => response.text());
    assertEquals(error, failure);
    await settle();
    trap.release();
    assertEquals([told, trap.errors], [[["abort", "database"]], []]);
  });
}

Deno.test("ServerSentEventGenerator.stream sends nothing of an error", async () => {
  const failure = new Error("secret");
  const text = await sent(() => Promise.reject(failure), { onError: () => {} });
  assertEquals(text, "");
});

Deno.test("ServerSentEventGenerator.stream waits for an onAbort and an onError that take their time", async () => {
  const told: string[] = [];
  const { onAbort, onError } = {
    onAbort: async () => {
      await settle();
      told.push("abort");
    },
    onError: async () => {
      await settle();
      told.push("error");
    },
  };
  await sent(() => Promise.reject(new Error("no")), { onAbort, onError });
  assertEquals(told, ["abort", "error"]);
});

Deno.test("ServerSentEventGenerator.stream tells an error once that a method throws, too", async () => {
  const { told, ...options } = observed();
  await sent(async (stream) => {
    await stream.patchElements("", { selector: "" });
  }, options);
  assertEquals(told.map(([what]) => what), ["abort", "error"]);
  assertInstanceOf(told[1][1], EventBuildError);
});

Deno.test("ServerSentEventGenerator.stream tells an error once that send rejects with", async () => {
  const { told, ...options } = observed();
  await sent((stream) => stream.send({ id: "a\nb" }), options);
  assertEquals(told.map(([what]) => what).toSorted(), ["abort", "error"]);
});

Deno.test("ServerSentEventGenerator.stream ends with its signal, and tells onAbort", async () => {
  const { told, ...options } = observed();
  const stop = new AbortController();
  const response = stream(() => {}, {
    ...options,
    signal: stop.signal,
    keepalive: true,
  });
  stop.abort();
  await response.text().catch(() => {});
  assertEquals(told, [["abort", "signal"]]);
});

Deno.test("ServerSentEventGenerator.stream keeps a stream with keepalive alive, and leaves no timer", async () => {
  using clock = fakeClock();
  const body = textReader(
    stream(() => {}, { keepalive: true, keepAlive: { interval: 5000 } }),
  );
  await body.read();
  const read = body.read();
  await clock.tick(5000);
  assertStringIncludes(await read ?? "", ":");
  await body.cancel();
  assertEquals(clock.timers, 0);
});

Deno.test("ServerSentEventGenerator is made of the sender of an eventStreamResponse, too", async () => {
  const response = eventStreamResponse(async (sender) => {
    await new ServerSentEventGenerator(sender).patchElements(HTML);
  }, BARE);
  assertStringIncludes(await response.text(), formatEvent(patchElements(HTML)));
});

Deno.test("ServerSentEventGenerator.readSignals gives the signals", async () => {
  for (
    const request of [
      new Request("https://example.com/?datastar={%22a%22:1}"),
      new Request("https://example.com/", { method: "POST", body: '{"a":1}' }),
    ]
  ) {
    assertEquals(await ServerSentEventGenerator.readSignals(request), {
      success: true,
      signals: { a: 1 },
    });
  }
});

for (
  const [request, status] of [
    [new Request("https://example.com/"), 400],
    [new Request("https://example.com/?datastar={"), 400],
    [new Request("https://example.com/?datastar=[]"), 400],
    [new Request("https://example.com/", { method: "POST", body: "[" }), 400],
    [
      new Request("https://example.com/", {
        method: "POST",
        body: new FormData(),
      }),
      415,
    ],
  ] as const
) {
  Deno.test(`ServerSentEventGenerator.readSignals gives an error for ${request.method} ${request.url} (${status})`, async () => {
    const result = await ServerSentEventGenerator.readSignals(request);
    assert(!result.success);
    assertInstanceOf(result.cause, ReadSignalsError);
    assertEquals(result.cause.status, status);
    assertEquals(result.error, result.cause.message);
  });
}

/** Elements, and the selector of the ids of those that no other is around. */
const SELECTORS: Readonly<Record<string, string>> = {
  '<div id="first"></div><div id="second"></div>': "#first, #second",
  "<div id='a'></div>": "#a",
  "<div id=a></div>": "#a",
  "<DIV ID=A></div>": "#A",
  '<div id = "a" ></div >': "#a",
  '<div\n\tid="a"\n></div\n>': "#a",
  '<div class="x" hidden id="a"></div>': "#a",
  ' text <p id="a"></p> text <p id="b"></p>\n': "#a, #b",
  '<div id="a"><div id="b"><div id="c"></div></div></div><p id="d"></p>':
    "#a, #d",
  '<div id="a"><p></p></div>': "#a",
  '<br id="a"><img id="b" src="x"><input id="c" />': "#a, #b, #c",
  '<div id="a"><br><img src="x"><hr></div><p id="b"></p>': "#a, #b",
  '<div id="a"><svg><path d="M0"/><g><circle/></g></svg></div><i id="b"></i>':
    "#a, #b",
  '<!-- <div id="x"> --><p id="a"><!-- </p> --></p>': "#a",
  '<p id="a" title="a > b"></p>': "#a",
  '<p title=\'"\' id="a" data-x="<i id=\'x\'>"></p>': "#a",
  '<p data-id="x" id="a"></p>': "#a",
  '<p data-x="id=\'x\'" id="a"></p>': "#a",
  '<p id="a" id="x"></p>': "#a",
  '<script id="a">if (1 < 2) "<div id=x>"</script><p id="b"></p>': "#a, #b",
  '<textarea id="a"></p><b></textarea><style id="b">a>b{}</style>': "#a, #b",
  '<my-element id="a"></my-element>': "#a",
  "<a id=a href=/b/>b</a>": "#a",
  "<a href=/b/ id=a/>b</a>": "#a\\/",
  '<iframe id="a"><b></iframe>': "#a",
  '<!--><p id="a"></p><!-- --><p id="b"></p>': "#a, #b",
  '<p id="1a"></p>': "#\\31 a",
  '<p id="-1"></p>': "#-\\31 ",
  '<p id="-"></p>': "#\\-",
  '<p id="--a"></p>': "#--a",
  '<p id="a.b:c d"></p>': "#a\\.b\\:c\\ d",
  '<p id="a,b"></p>': "#a\\,b",
  "<p id='a\"b\\'></p>": '#a\\"b\\\\',
  '<p id="a\nb"></p>': "#a\\a b",
  '<p id="é🦊_-9"></p>': "#é🦊_-9",
  '<p id="a\x7f"></p>': "#a\\7f ",
};

for (const [html, selector] of Object.entries(SELECTORS)) {
  Deno.test(`ServerSentEventGenerator.removeElements removes ${selector} of ${JSON.stringify(html)}`, async () => {
    assertEquals(
      await sent((stream) => stream.removeElements(undefined, html)),
      formatEvent({
        event: "datastar-patch-elements",
        data: `selector ${selector}\nmode remove`,
      }),
    );
  });
}

const WITHOUT_IDS = [
  "",
  " ",
  "text",
  "<!-- a -->",
  '<!-- <p id="a"></p>',
  "<p></p>",
  '<p id=""></p>',
  "<p id></p>",
  '<p id="a"></p><p></p>',
  '<p><b id="a"></b></p>',
  '<p data-id="a"></p>',
  '<p id="a">',
  '<p id="a"></div>',
  '<p id="a"></p></p>',
  '<p id="a',
  '<script id="a"></p>',
  '<p id="a&amp;b"></p>',
];

for (const html of WITHOUT_IDS) {
  Deno.test(`ServerSentEventGenerator.removeElements refuses ${JSON.stringify(html)}`, async () => {
    const thrown: unknown[] = [];
    await sent((stream) => {
      for (
        const act of [
          () => stream.removeElements(undefined, html),
          () => stream.patchElements(html, { mode: "remove" }),
        ]
      ) {
        thrown.push(assertThrows(act, EventBuildError));
      }
    });
    assertEquals(thrown.length, 2);
  });
}

Deno.test("ServerSentEventGenerator.removeElements refuses to be without selector and elements", async () => {
  await sent((stream) => {
    assertThrows(() => stream.removeElements(), EventBuildError);
    assertThrows(() => stream.removeElements(""), EventBuildError);
  });
});
