import { assert, assertEquals } from "@std/assert";
import { parseFragment } from "parse5";
import { EventBuildError, EventParser, formatEvent } from "../../mod.ts";
import {
  executeScript,
  patchElements,
  patchSignals,
  removeElements,
  removeSignals,
} from "../../datastar/mod.ts";
import type { ServerSentEvent } from "../../mod.ts";
import sample from "../vectors/datastar_sample.json" with { type: "json" };

/** An event as the official suite describes it. */
interface Described {
  readonly type: string;
  readonly [option: string]: unknown;
}

/** Makes what is described, with the builder of its type. */
function build({ type, ...options }: Described): ServerSentEvent {
  const { elements = "", selector, signals, script, signalPaths } = options;
  switch (type) {
    case "patchElements":
      return patchElements(elements as string, options);
    case "removeElements":
      return removeElements(selector as string, options);
    case "patchSignals":
      return patchSignals(
        (options["signals-raw"] ?? signals) as string | object,
        options,
      );
    case "removeSignals":
      return removeSignals(signalPaths as string[], options);
    case "executeScript":
      return executeScript(script as string, options);
    default:
      throw new Error(`Cannot build event: no such type, got ${type}`);
  }
}

/** The blocks of a stream without the order of their lines and their white space. */
function loosely(text: string): string[][] {
  return text.trim().split("\n\n").map((block) =>
    block.split("\n").map((line) => line.replaceAll(/\s+/g, "")).sort()
  );
}

for (const { name, input, expected, compare } of sample.cases) {
  Deno.test(`sample: ${name}`, () => {
    const text = (input.events as Described[]).map(build)
      .map((event) => formatEvent(event)).join("");
    if (compare === "lines") assertEquals(text, expected);
    else assertEquals(loosely(text), loosely(expected));
  });
}

/** What must hold for the values of a data line, by the name of the rule. */
const RULES: Readonly<
  Record<string, (values: readonly string[], value: unknown) => void>
> = {
  equals: (values, value) => assertEquals(values, value),
  "no-cr": (values) => assert(!values.join("").includes("\r")),
  "one-script-element"(values) {
    const { childNodes } = parseFragment(values.join("\n"));
    assertEquals(childNodes.map(({ nodeName }) => nodeName), ["script"]);
  },
  "script-attributes"(values, value) {
    const [script] = parseFragment(values.join("\n")).childNodes;
    assert("attrs" in script);
    assertEquals(
      Object.fromEntries(script.attrs.map(({ name, value }) => [name, value])),
      value,
    );
  },
};

interface Check {
  readonly key: string;
  readonly rule: string;
  readonly value?: unknown;
}

for (const { name, input, if_sent: sent } of sample.hostile) {
  Deno.test(`sample: ${name} is refused or neutralised`, () => {
    let text = "";
    try {
      for (const described of input.events as Described[]) {
        text += formatEvent(build(described));
      }
    } catch (error) {
      assert(error instanceof EventBuildError, String(error));
      return;
    }
    const events = new EventParser().feed(new TextEncoder().encode(text));
    assertEquals(events.length, sent.events);
    const lines = new Map<string, string[]>();
    for (const line of (events[0].data ?? "").split("\n")) {
      const [, key, value] = /^(\S+) ([^]*)$/.exec(line) ?? [line, line, ""];
      lines.set(key, [...lines.get(key) ?? [], value]);
    }
    assertEquals([...lines.keys()], sent.keys);
    for (const { key, rule, value } of sent.checks as Check[]) {
      RULES[rule](lines.get(key) ?? [], value);
    }
  });
}
