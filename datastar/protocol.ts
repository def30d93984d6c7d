/**
 * How elements are patched into the page.
 *
 * - `"outer"` morphs the target, which keeps its state;
 * - `"inner"` morphs what is inside the target;
 * - `"replace"` replaces the target, which loses its state;
 * - `"prepend"` and `"append"` insert at the start or the end inside the target;
 * - `"before"` and `"after"` insert next to the target;
 * - `"remove"` removes the target.
 */
export type ElementPatchMode =
  | "outer"
  | "inner"
  | "replace"
  | "prepend"
  | "append"
  | "before"
  | "after"
  | "remove";

/** What elements are parsed as. */
export type ElementNamespace = "html" | "svg" | "mathml";

/** What every Datastar event can have. */
export interface DatastarEventOptions {
  /**
   * The id of the event, which a client sends back as `Last-Event-ID`. Keep it in
   * ASCII: Datastar 1.0.2 cannot send another, and does not come back then.
   *
   * @default {undefined} The event has none.
   */
  readonly eventId?: string | undefined;
  /**
   * The reconnection time, in milliseconds. Datastar's own, 1000, is not written.
   *
   * @default {1000}
   */
  readonly retryDuration?: number | undefined;
}

/** The type of an event that patches elements. */
export const PATCH_ELEMENTS = "datastar-patch-elements";

/** The type of an event that patches signals. */
export const PATCH_SIGNALS = "datastar-patch-signals";

/** What the browser takes the reconnection time to be until it is told. */
export const DEFAULT_RETRY_DURATION = 1000;

const MODES: ReadonlySet<string> = new Set<ElementPatchMode>([
  "outer",
  "inner",
  "replace",
  "prepend",
  "append",
  "before",
  "after",
  "remove",
]);

const NAMESPACES: ReadonlySet<string> = new Set<ElementNamespace>([
  "html",
  "svg",
  "mathml",
]);

/** Whether the browser knows a mode. */
export function isElementPatchMode(mode: unknown): mode is ElementPatchMode {
  return typeof mode === "string" && MODES.has(mode);
}

/** Whether the browser knows a namespace. */
export function isElementNamespace(
  namespace: unknown,
): namespace is ElementNamespace {
  return typeof namespace === "string" && NAMESPACES.has(namespace);
}

/** Whether a mode finds its targets by the ids of the elements, if there is no selector. */
export function findsTargetsById(mode: ElementPatchMode): boolean {
  return mode === "outer" || mode === "replace";
}

/** The modes, for error messages. */
export const MODE_NAMES: string = [...MODES].join(", ");

/** The namespaces, for error messages. */
export const NAMESPACE_NAMES: string = [...NAMESPACES].join(", ");
