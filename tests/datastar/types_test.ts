import { assertEquals } from "@std/assert";
import * as z from "zod";
import { EventParser, EventStream, type ServerSentEvent } from "../../mod.ts";
import {
  datastarData,
  type DatastarEvent,
  type ElementPatchMode,
  patchElements,
  type PatchElementsOptions,
  readSignals,
  removeElements,
  ServerSentEventGenerator,
  type Signals,
} from "../../datastar/mod.ts";

/** Fails to compile unless both are the same type. */
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

function assertType<T extends true>(_?: T): void {}

const HTML = "<p id=a></p>";

Deno.test("types: every mode but outer and replace needs a selector", () => {
  patchElements(HTML, {});
  patchElements(HTML, { mode: undefined });
  patchElements(HTML, { mode: "outer" });
  patchElements(HTML, { mode: "replace" });
  patchElements(HTML, { mode: "replace", selector: "#a" });
  patchElements(HTML, { mode: "inner", selector: "#a" });
  const refused = [
    // @ts-expect-error: no selector
    () => patchElements(HTML, { mode: "inner" }),
    // @ts-expect-error: no selector
    () => patchElements(HTML, { mode: "prepend" }),
    // @ts-expect-error: no selector
    () => patchElements(HTML, { mode: "append" }),
    // @ts-expect-error: no selector
    () => patchElements(HTML, { mode: "before" }),
    // @ts-expect-error: no selector
    () => patchElements(HTML, { mode: "after" }),
    // @ts-expect-error: no selector
    () => patchElements(HTML, { mode: "remove" }),
    // @ts-expect-error: no selector
    () => patchElements(HTML, { mode: "inner", selector: undefined }),
    // @ts-expect-error: no such mode
    () => patchElements(HTML, { mode: "morph", selector: "#a" }),
    // @ts-expect-error: no such namespace
    () => patchElements(HTML, { namespace: "xml" }),
  ];
  assertEquals(refused.length, 9);
});

Deno.test("types: a mode that is not known beforehand needs a selector", () => {
  function patch(mode: ElementPatchMode, selector: string): ServerSentEvent {
    return patchElements(HTML, { mode, selector });
  }
  // @ts-expect-error: no selector
  const refused = (mode: ElementPatchMode) => patchElements(HTML, { mode });
  assertEquals(patch("outer", "#a").data, `selector #a\nelements ${HTML}`);
  assertEquals(refused("outer").data, `elements ${HTML}`);
});

Deno.test("types: a mode that is not known beforehand goes with every other option", () => {
  function patch(mode: ElementPatchMode, transition: boolean): ServerSentEvent {
    const options: PatchElementsOptions = {
      mode,
      selector: "#a",
      useViewTransition: transition,
      viewTransitionSelector: "#b",
      namespace: "svg",
      eventId: "1",
      retryDuration: 5,
    };
    return patchElements(HTML, options);
  }
  assertEquals(patch("inner", false).id, "1");
});

Deno.test("types: viewTransitionSelector needs useViewTransition", () => {
  patchElements(HTML, { useViewTransition: true });
  const both = { useViewTransition: true, viewTransitionSelector: "#b" };
  patchElements(HTML, both);
  removeElements("#a", both);
  const refused = [
    // @ts-expect-error: no useViewTransition
    () => patchElements(HTML, { viewTransitionSelector: "#b" }),
    // @ts-expect-error: no useViewTransition
    () => removeElements("#a", { viewTransitionSelector: "#b" }),
  ];
  assertEquals(refused.length, 2);
});

Deno.test("types: DatastarEvent narrows by its type", () => {
  const parser = new EventParser({ data: datastarData });
  assertType<
    Equal<
      typeof parser,
      EventParser<DatastarEvent, ServerSentEvent<DatastarEvent>>
    >
  >();
  for (const { data } of parser.feed(new Uint8Array())) {
    switch (data?.type) {
      case "patch-elements":
        assertType<Equal<typeof data.mode, ElementPatchMode>>();
        assertType<Equal<typeof data.elements, string | undefined>>();
        break;
      case "patch-signals":
        assertType<Equal<typeof data.signals, Signals>>();
        assertType<Equal<typeof data.onlyIfMissing, boolean>>();
        break;
      case "unknown":
        assertType<Equal<typeof data.data, string>>();
        break;
      default:
        assertType<Equal<typeof data, undefined>>();
    }
  }
});

Deno.test("types: an EventStream takes the codec", () => {
  const stream = new EventStream(new Response(""), { data: datastarData });
  assertType<
    Equal<
      typeof stream,
      EventStream<DatastarEvent, ServerSentEvent<DatastarEvent>>
    >
  >();
});

Deno.test("types: readSignals takes the type from the schema", async () => {
  const request = () =>
    new Request("https://example.com/?datastar={%22n%22:1}");
  const schema = z.object({ n: z.number() });
  const checked = await readSignals(request(), { schema });
  assertType<Equal<typeof checked, { n: number }>>();
  const unchecked = await readSignals(request());
  assertType<Equal<typeof unchecked, Signals>>();
  const result = await ServerSentEventGenerator.readSignals(request(), {
    schema,
  });
  if (result.success) assertType<Equal<typeof result.signals, { n: number }>>();
  else assertType<Equal<typeof result.error, string>>();
  assertEquals([checked, unchecked], [{ n: 1 }, { n: 1 }]);
});

Deno.test("types: the generator takes the mode remove without a selector, and no other", () => {
  const calls = [
    (s: ServerSentEventGenerator) => s.patchElements(HTML, { mode: "remove" }),
    (s: ServerSentEventGenerator) =>
      s.patchElements("", { mode: "remove", selector: "#a" }),
    (s: ServerSentEventGenerator) =>
      // @ts-expect-error: no selector
      s.patchElements(HTML, { mode: "inner" }),
  ];
  assertEquals(calls.length, 3);
});
