import { EventBuildError } from "../src/errors.ts";
import type { ServerSentEvent } from "../src/wire/event.ts";
import {
  checkOption,
  checkSwitch,
  isTrue,
  readDataLines,
  textLines,
} from "./_data_lines.ts";
import { datastarEvent } from "./_datastar_event.ts";
import {
  type DatastarEventOptions,
  type ElementNamespace,
  type ElementPatchMode,
  findsTargetsById,
  isElementNamespace,
  isElementPatchMode,
  MODE_NAMES,
  NAMESPACE_NAMES,
  PATCH_ELEMENTS,
} from "./protocol.ts";

/**
 * Where elements go. Without a selector the browser goes by the ids of the
 * elements, which it does only for two of the modes.
 */
export type PatchElementsTarget =
  | {
    /**
     * How the elements are patched in.
     *
     * @default {"outer"}
     */
    readonly mode?: "outer" | "replace" | undefined;
    /**
     * A CSS selector of the targets.
     *
     * @default {undefined} The element with the id of each top-level element.
     */
    readonly selector?: string | undefined;
  }
  | {
    /** How the elements are patched in. */
    readonly mode: ElementPatchMode;
    /** A CSS selector of the targets. */
    readonly selector: string;
  };

/** Whether the browser animates the change. */
export type PatchElementsTransition =
  | {
    /**
     * Whether to use the View Transition API, where the browser has it.
     *
     * @default {false}
     */
    readonly useViewTransition?: boolean | undefined;
    /** Only with `useViewTransition`. */
    readonly viewTransitionSelector?: undefined;
  }
  | {
    /** Whether to use the View Transition API, where the browser has it. */
    readonly useViewTransition: boolean | undefined;
    /**
     * A CSS selector of the element to animate. Not written unless
     * `useViewTransition` is true.
     *
     * @default {undefined} The document.
     */
    readonly viewTransitionSelector?: string | undefined;
  };

/** What elements are parsed as. */
export interface PatchElementsParsing {
  /**
   * What the elements are parsed as: elements of `"svg"` need not stand in an `svg`.
   *
   * Put white space or a `g` around several of them: of elements that stand side by
   * side Datastar 1.0.2 takes every other one. Scripts among them do not run.
   *
   * @default {"html"}
   */
  readonly namespace?: ElementNamespace | undefined;
}

/** How elements are patched. */
export type PatchElementsOptions =
  & DatastarEventOptions
  & PatchElementsTarget
  & PatchElementsTransition
  & PatchElementsParsing;

/**
 * Patches elements into the page.
 *
 * @see [Datastar, SSE events](https://data-star.dev/reference/sse_events#datastar-patch-elements)
 *
 * @example Elements find their place by their ids
 * ```ts
 * import { formatEvent } from "@tidings/sse";
 * import { patchElements } from "@tidings/sse/datastar";
 * import { assertEquals } from "@std/assert";
 *
 * const event = patchElements('<p id="now">12:00</p>');
 * assertEquals(
 *   formatEvent(event),
 *   'event: datastar-patch-elements\ndata: elements <p id="now">12:00</p>\n\n',
 * );
 * ```
 *
 * @example Append to a list
 * ```ts
 * import { patchElements } from "@tidings/sse/datastar";
 * import { assertEquals } from "@std/assert";
 *
 * const event = patchElements("<li>Tea</li>", { mode: "append", selector: "#list" });
 * assertEquals(event.data, "selector #list\nmode append\nelements <li>Tea</li>");
 * ```
 *
 * @param elements Complete elements as HTML, on any number of lines. They are sent
 * as they are: text from elsewhere must be escaped in them, `<` in attributes too,
 * since the browser takes elements that hold `</html>`, `</head>` or `</body>`
 * anywhere for a whole page.
 * @param options Where they go, and how.
 * @returns The event.
 * @throws {EventBuildError} If there is no selector for a mode that needs one, or no
 * element either; if a selector is empty or holds a line end, the mode or the
 * namespace is unknown, or the id or `retryDuration` cannot be written.
 */
export function patchElements(
  elements: string,
  options: PatchElementsOptions = {},
): ServerSentEvent {
  const data = checkPatchElements({ ...options, elements });
  return datastarEvent(PATCH_ELEMENTS, data, options);
}

/**
 * Writes the data of an event that patches elements, unless it would do nothing.
 *
 * @throws {EventBuildError} As {@linkcode patchElements}.
 */
export function checkPatchElements(fields: PatchElementsFields): string {
  const { elements, selector } = fields;
  const data = writePatchElements(fields);
  if (selector === undefined && elements?.trim() === "") {
    const reason = "there must be an element or a selector";
    throw new EventBuildError(reason, "data", elements);
  }
  return data;
}

/** What an event that patches elements says; what is absent is the default. */
export interface PatchElementsFields extends PatchElementsParsing {
  readonly elements?: string | undefined;
  readonly selector?: string | undefined;
  readonly mode?: ElementPatchMode | undefined;
  readonly useViewTransition?: boolean | undefined;
  readonly viewTransitionSelector?: string | undefined;
}

/**
 * Writes the data of an event that patches elements, in the order of the SDK's ADR.
 *
 * @throws {EventBuildError} As {@linkcode patchElements}.
 */
export function writePatchElements(fields: PatchElementsFields): string {
  const {
    elements = "",
    selector,
    mode = "outer",
    useViewTransition = false,
    viewTransitionSelector,
    namespace = "html",
  } = fields;
  if (typeof elements !== "string") {
    throw new EventBuildError("elements must be text", "data", elements);
  }
  if (!isElementPatchMode(mode)) {
    const reason = `mode must be one of ${MODE_NAMES}`;
    throw new EventBuildError(reason, "data", mode);
  }
  if (!isElementNamespace(namespace)) {
    const reason = `namespace must be one of ${NAMESPACE_NAMES}`;
    throw new EventBuildError(reason, "data", namespace);
  }
  checkSwitch("useViewTransition", useViewTransition);
  if (selector === undefined) {
    if (!findsTargetsById(mode)) {
      const reason = `mode ${mode} must have a selector`;
      throw new EventBuildError(reason, "data", selector);
    }
  }

  const lines: string[] = [];
  const option = (name: string, value: string) =>
    lines.push(`${name} ${checkOption(name, value)}`);
  if (selector !== undefined) option("selector", selector);
  if (mode !== "outer") option("mode", mode);
  if (useViewTransition) option("useViewTransition", "true");
  if (viewTransitionSelector !== undefined) {
    checkOption("viewTransitionSelector", viewTransitionSelector);
    if (useViewTransition) {
      option("viewTransitionSelector", viewTransitionSelector);
    }
  }
  if (namespace !== "html") option("namespace", namespace);
  if (elements !== "" || mode !== "remove") {
    lines.push(textLines("elements", elements));
  }
  return lines.join("\n");
}

/** An event that patches elements, as it is read. */
export interface PatchElementsData {
  /** Which event it is. */
  readonly type: "patch-elements";
  /** The elements, absent when there are none: in an event that removes elements. */
  readonly elements?: string | undefined;
  /** The CSS selector of the targets, absent when they are found by the elements' ids. */
  readonly selector?: string | undefined;
  /** How the elements are patched in. */
  readonly mode: ElementPatchMode;
  /** Whether the View Transition API is to be used. */
  readonly useViewTransition: boolean;
  /** The CSS selector of the element to animate, absent when it is the document. */
  readonly viewTransitionSelector?: string | undefined;
  /** What the elements are parsed as. */
  readonly namespace: ElementNamespace;
}

/**
 * Reads the data of an event that patches elements, as the browser does.
 *
 * @throws {SyntaxError} If the browser would refuse it.
 */
export function readPatchElements(lines: readonly string[]): PatchElementsData {
  const texts = readDataLines(lines);
  const mode = texts.get("mode") ?? "outer";
  const namespace = texts.get("namespace") ?? "html";
  const selector = selectorOf(texts, "selector");
  if (!isElementPatchMode(mode)) {
    throw new SyntaxError(`mode must be one of ${MODE_NAMES}`);
  }
  if (!isElementNamespace(namespace)) {
    throw new SyntaxError(`namespace must be one of ${NAMESPACE_NAMES}`);
  }
  if (selector === undefined && !findsTargetsById(mode)) {
    throw new SyntaxError(`mode ${mode} must have a selector`);
  }
  const useViewTransition = isTrue(texts.get("useViewTransition"));
  return {
    type: "patch-elements",
    elements: texts.get("elements"),
    selector,
    mode,
    useViewTransition,
    viewTransitionSelector: useViewTransition
      ? selectorOf(texts, "viewTransitionSelector")
      : undefined,
    namespace,
  };
}

/**
 * An empty selector is none; on several lines it is one with spaces, which is the
 * same in CSS. Of spaces alone it is one that the browser fails on.
 */
function selectorOf(
  texts: ReadonlyMap<string, string>,
  name: string,
): string | undefined {
  const selector = texts.get(name)?.replaceAll("\n", " ");
  if (selector === undefined || selector === "") return undefined;
  if (selector.trim() !== "") return selector;
  throw new SyntaxError(`${name} must not be blank`);
}
