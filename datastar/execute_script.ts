import { EventBuildError } from "../src/errors.ts";
import type { ServerSentEvent } from "../src/wire/event.ts";
import { formatAttributes } from "./_attributes.ts";
import { patchElements } from "./patch_elements.ts";
import type { DatastarEventOptions } from "./protocol.ts";

/** Attributes of a `script` element: `true` is written as the bare name, `false` not at all. */
export interface ScriptAttributes {
  /** The kind of script, as `"module"`. */
  readonly type?: string | undefined;
  /** Where the script is, if it is not here. */
  readonly src?: string | undefined;
  /** Runs as soon as it is there. */
  readonly async?: boolean | undefined;
  /** Runs when the document has been parsed. */
  readonly defer?: boolean | undefined;
  /** Does not run where there are modules. */
  readonly nomodule?: boolean | undefined;
  /** Hashes of what `src` must be. */
  readonly integrity?: string | undefined;
  /** Whether `src` is requested with credentials. */
  readonly crossorigin?: "anonymous" | "use-credentials" | undefined;
  /** What `src` is told of the page. */
  readonly referrerpolicy?: string | undefined;
  /** What a content security policy asks for. */
  readonly nonce?: string | undefined;
  /** Any other. */
  readonly [name: string]: string | number | boolean | undefined;
}

/** How a script is run. */
export interface ExecuteScriptOptions extends DatastarEventOptions {
  /**
   * Whether the element is removed from the page once it has run.
   *
   * @default {true}
   */
  readonly autoRemove?: boolean | undefined;
  /**
   * Attributes of the element.
   *
   * @default {{}}
   */
  readonly attributes?: ScriptAttributes | undefined;
}

/**
 * Runs a script in the page.
 *
 * What would end the element early is escaped: `</script` and `<!--` become
 * `\u003C/script` and `\u003C!--`, which are the same in a string, a regular
 * expression or JSON; so are `</html`, `</head` and `</body`, which make the
 * browser's Datastar take the event for a whole page.
 *
 * @see [HTML, section 4.12.1.3](https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements)
 *
 * @example
 * ```ts
 * import { executeScript } from "@tidings/sse/datastar";
 * import { assertEquals } from "@std/assert";
 *
 * const event = executeScript('alert("</script>")', { attributes: { nonce: "r4nd0m" } });
 * assertEquals(
 *   event.data,
 *   "selector body\nmode append\nelements " +
 *     '<script nonce="r4nd0m" data-effect="el.remove()">alert("\\u003C/script>")</script>',
 * );
 * ```
 *
 * @param script The script. It is code: values from elsewhere go through
 * `JSON.stringify` into it.
 * @param options How it is run.
 * @returns The event.
 * @throws {EventBuildError} If an attribute is none, or the id or `retryDuration`
 * cannot be written.
 */
export function executeScript(
  script: string,
  options: ExecuteScriptOptions = {},
): ServerSentEvent {
  const { autoRemove = true, attributes = {}, eventId, retryDuration } =
    options;
  if (typeof script !== "string") {
    throw new EventBuildError("a script must be text", "data", script);
  }
  const all = autoRemove ? removing(attributes) : attributes;
  const element = `<script${formatAttributes(all)}>${escape(script)}</script>`;
  return patchElements(element, {
    selector: "body",
    mode: "append",
    eventId,
    retryDuration,
  });
}

function removing(attributes: ScriptAttributes): ScriptAttributes {
  const name = "data-effect";
  for (const given of Object.keys(attributes)) {
    if (given.toLowerCase() !== name) continue;
    const reason = `attribute ${name} is taken, unless autoRemove is false`;
    throw new EventBuildError(reason, "data", attributes[given]);
  }
  return { ...attributes, [name]: "el.remove()" };
}

function escape(script: string): string {
  return script.replace(/<(?=\/(?:script|html|head|body)|!--)/gi, "\\u003C");
}
