import { EventBuildError } from "../src/errors.ts";
import type { ServerSentEvent } from "../src/wire/event.ts";
import { attributeNames, formatAttributes } from "./_attributes.ts";
import { checkSwitch } from "./_data_lines.ts";
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
   * Attributes of the element: by their names, or each as it is written in HTML.
   *
   * @default {{}}
   */
  readonly attributes?: ScriptAttributes | readonly string[] | undefined;
}

/**
 * Runs a script in the page.
 *
 * What would end the element early is escaped: `</script`, `<script` and `<!--` become
 * `\u003C/script`, `\u003Cscript` and `<!\u002d-`, which are the same in a string, a regular
 * expression or JSON, though not in code, as in `a<!--b`, nor in `String.raw`; so are `</html`, `</head` and `</body`, which make the
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
  checkSwitch("autoRemove", autoRemove);
  let written = formatAttributes(attributes);
  if (autoRemove) {
    if (attributeNames(attributes).includes("data-effect")) {
      const reason = "data-effect is taken, unless autoRemove is false";
      throw new EventBuildError(reason, "data", attributes);
    }
    written += ' data-effect="el.remove()"';
  }
  const element = `<script${written}>${escape(script)}</script>`;
  return patchElements(element, {
    selector: "body",
    mode: "append",
    eventId,
    retryDuration,
  });
}

function escape(script: string): string {
  return script.replaceAll("<!--", "<!\\u002d-").replace(
    /\\?<(?=\/?script|\/(?:html|head|body))/gi,
    (found, offset, whole) =>
      // A backslash that escapes the `<` has done its duty then.
      found === "<" || backslashesBefore(whole, offset) % 2 === 0
        ? "\\u003C"
        : "\\\\u003C",
  );
}

function backslashesBefore(script: string, offset: number): number {
  let start = offset;
  while (script[start - 1] === "\\") start--;
  return offset - start;
}
