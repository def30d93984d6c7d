/**
 * Datastar: server-sent events that patch a page, written and read.
 *
 * {@linkcode patchElements}, {@linkcode patchSignals}, {@linkcode executeScript} and
 * the others make events for `eventStreamResponse`; {@linkcode readSignals} reads
 * what the browser sends; {@linkcode datastarData} reads the events in a client or a
 * proxy; {@linkcode serveDatastarScript} serves the script itself.
 * {@linkcode ServerSentEventGenerator} is all of it with the names of the official
 * SDK.
 *
 * Nothing that is passed to them can add a data line, an attribute, an element or an
 * event; what cannot be written is refused.
 *
 * @example A page that counts
 * ```ts
 * import {
 *   datastarScript,
 *   isDatastarRequest,
 *   patchElements,
 *   readSignals,
 *   ReadSignalsError,
 * } from "@tidings/sse/datastar";
 * import { eventStreamResponse } from "@tidings/sse/server";
 * import { assertStringIncludes } from "@std/assert";
 *
 * async function handler(request: Request): Promise<Response> {
 *   if (!isDatastarRequest(request)) {
 *     return new Response(
 *       `<!doctype html><title>Count</title>${datastarScript()}
 *        <p id="count" data-signals:from="3" data-init="@get('/')"></p>`,
 *       { headers: { "content-type": "text/html; charset=utf-8" } },
 *     );
 *   }
 *   try {
 *     const { from } = await readSignals(request);
 *     return eventStreamResponse(countdown(Number(from)));
 *   } catch (error) {
 *     if (error instanceof ReadSignalsError) return error.toResponse();
 *     throw error;
 *   }
 * }
 *
 * async function* countdown(from: number) {
 *   for (let n = from; n > 0; n--) yield patchElements(`<p id="count">${n}</p>`);
 * }
 *
 * const response = await handler(
 *   new Request("https://example.com/?datastar=" + encodeURIComponent('{"from":3}'), {
 *     headers: { "datastar-request": "true" },
 *   }),
 * );
 * assertStringIncludes(await response.text(), 'data: elements <p id="count">2</p>');
 * ```
 *
 * @module
 */

export {
  EventBuildError,
  EventDataError,
  ReadSignalsError,
  type ReadSignalsStatus,
  SlowSubscriberError,
  StreamClosedError,
} from "../src/errors.ts";
export type { EventDataCodec } from "../src/data/event_data.ts";
export type { StandardSchema } from "../src/data/standard_schema.ts";
export type { Fetch } from "../src/http/fetch_event_stream.ts";
export type { EventSender } from "../src/http/event_sender.ts";
export type { ServerSentEvent } from "../src/wire/event.ts";
export type { DirectResponseOptions } from "./direct_response.ts";
export { DATASTAR_VERSION } from "./releases.ts";
export type { Signals } from "./signals.ts";
export { consoleError, consoleLog } from "./console.ts";
export {
  datastarData,
  type DatastarEvent,
  type UnknownData,
} from "./datastar_data.ts";
export {
  datastarScript,
  type DatastarScriptOptions,
} from "./datastar_script.ts";
export {
  dispatchCustomEvent,
  type DispatchCustomEventOptions,
} from "./dispatch_custom_event.ts";
export {
  executeScript,
  type ExecuteScriptOptions,
  type ScriptAttributes,
} from "./execute_script.ts";
export { htmlResponse, type HtmlResponseOptions } from "./html_response.ts";
export { idSelector } from "./id_selector.ts";
export { isDatastarRequest } from "./is_datastar_request.ts";
export {
  patchElements,
  type PatchElementsData,
  type PatchElementsOptions,
  type PatchElementsParsing,
  type PatchElementsTarget,
  type PatchElementsTransition,
} from "./patch_elements.ts";
export {
  patchSignals,
  type PatchSignalsData,
  type PatchSignalsOptions,
  type SignalsSource,
} from "./patch_signals.ts";
export { prefetch } from "./prefetch.ts";
export type {
  DatastarEventOptions,
  ElementNamespace,
  ElementPatchMode,
} from "./protocol.ts";
export { readSignals, type ReadSignalsOptions } from "./read_signals.ts";
export { redirect } from "./redirect.ts";
export {
  removeElements,
  type RemoveElementsOptions,
} from "./remove_elements.ts";
export { removeSignals } from "./remove_signals.ts";
export { replaceUrl } from "./replace_url.ts";
export {
  scriptResponse,
  type ScriptResponseOptions,
} from "./script_response.ts";
export {
  type DatastarScriptHandler,
  type DatastarScriptSource,
  serveDatastarScript,
  type ServeDatastarScriptOptions,
} from "./serve_datastar_script.ts";
export {
  type PatchToRemoveOptions,
  type ReadSignalsResult,
  ServerSentEventGenerator,
  type ServerSentEventGeneratorOptions,
} from "./server_sent_event_generator.ts";
export {
  signalsResponse,
  type SignalsResponseOptions,
} from "./signals_response.ts";
