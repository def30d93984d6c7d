/**
 * What the examples with Datastar share beside their page: where its script comes
 * from, and how their buttons look.
 *
 * @module
 */

import {
  type DatastarScriptHandler,
  serveDatastarScript,
} from "@tidings/sse/datastar";

/**
 * Serves Datastar's script.
 *
 * @param source A URL, which is fetched, or the name of a file; the CDN if it is
 * `undefined`.
 * @returns Its request handler.
 */
export function serveScriptFrom(
  source: string | undefined,
): DatastarScriptHandler {
  if (source === undefined || /^https?:/.test(source)) {
    return serveDatastarScript({ source });
  }
  return serveDatastarScript({ source: () => Deno.readFile(source) });
}

/** Rules for buttons. */
export const BUTTON_STYLE = `
  button {
    height: 2.5rem; min-width: 7.5rem; padding: 0 .85rem;
    border: none; border-radius: .5rem; font: inherit; font-weight: 600; cursor: pointer;
    color: var(--card); background: var(--blue);
  }
  button:hover { background: color-mix(in srgb, var(--blue) 85%, var(--text)); }
  :focus-visible { outline: 2px solid var(--blue); outline-offset: 2px; }
  @media (max-width: 36rem) { h1 { font-size: 1.5rem; } }
`;
