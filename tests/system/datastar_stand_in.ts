/// <reference lib="dom" />

/**
 * Stands in for Datastar in the browser, whose bundle is not on npm: bundled to one
 * file it opens the streams of a page, and does what their events say, as they are
 * read by our own client. Of the attributes it knows what the tests need.
 *
 * @module
 */

import { fetchEventStream } from "../../client.ts";
import {
  datastarData,
  type DatastarEvent,
  type PatchElementsData,
  type Signals,
} from "../../datastar/mod.ts";

const signals: Record<string, unknown> = JSON.parse(
  document.body.dataset.signals ?? "{}",
);

for (const element of document.querySelectorAll("[data-init], [data-effect]")) {
  for (const { value } of element.attributes) {
    const url = /@get\('([^']+)'/.exec(value)?.[1];
    if (url !== undefined) read(new URL(url, document.baseURI));
  }
}

async function read(url: URL): Promise<void> {
  const sent = Object.entries(signals).filter(([name]) => !/^_/.test(name));
  url.searchParams.set("datastar", JSON.stringify(Object.fromEntries(sent)));
  const headers = { "datastar-request": "true" };
  const events = await fetchEventStream(url, { data: datastarData, headers });
  for await (const { data } of events) {
    if (data !== undefined) apply(data);
  }
}

function apply(event: DatastarEvent): void {
  switch (event.type) {
    case "patch-elements":
      patch(event);
      break;
    case "patch-signals":
      merge(signals, event.signals, event.onlyIfMissing);
      break;
  }
  for (const script of document.querySelectorAll("script[data-effect]")) {
    script.remove();
  }
  for (const shown of document.querySelectorAll("[data-json-signals]")) {
    shown.textContent = JSON.stringify(signals);
  }
}

function patch(event: PatchElementsData): void {
  const { elements = "", selector, mode, namespace } = event;
  // As opposed to `innerHTML` it lets scripts run.
  const parse = (text: string) =>
    document.createRange().createContextualFragment(text);
  const tag = { html: undefined, svg: "svg", mathml: "math" }[namespace];
  const content = tag === undefined
    ? parse(elements)
    : parse(`<${tag}>${elements}</${tag}>`).firstElementChild;
  if (selector === undefined) {
    for (const element of [...content?.children ?? []]) {
      place(document.getElementById(element.id), mode, [element]);
    }
    return;
  }
  for (const target of document.querySelectorAll(selector)) {
    const nodes = [...content?.childNodes ?? []];
    place(target, mode, nodes.map((node) => document.importNode(node, true)));
  }
}

function place(
  target: Element | null,
  mode: PatchElementsData["mode"],
  nodes: readonly Node[],
): void {
  switch (mode) {
    case "outer":
    case "replace":
      return target?.replaceWith(...nodes);
    case "inner":
      return target?.replaceChildren(...nodes);
    case "remove":
      return target?.remove();
    default:
      return target?.[mode](...nodes);
  }
}

/** JSON Merge Patch, RFC 7396. */
function merge(
  target: Record<string, unknown>,
  patch: Signals,
  onlyIfMissing: boolean,
): void {
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete target[name];
    else if (typeof value === "object" && !Array.isArray(value)) {
      const inner = (target[name] ??= {}) as Record<string, unknown>;
      merge(inner, value as Signals, onlyIfMissing);
    } else if (!onlyIfMissing || !(name in target)) target[name] = value;
  }
}
