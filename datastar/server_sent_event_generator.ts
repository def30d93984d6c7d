import { quote } from "../src/_quote.ts";
import {
  ReadSignalsError,
  SlowSubscriberError,
  StreamClosedError,
} from "../src/errors.ts";
import { respondWithEvents } from "../src/http/_respond_with_events.ts";
import type { EventSender } from "../src/http/event_sender.ts";
import type { EventStreamResponseOptions } from "../src/http/event_stream_response.ts";
import type { ServerSentEvent } from "../src/wire/event.ts";
import type { Signals } from "./signals.ts";
import { idSelector } from "./id_selector.ts";
import { topLevelIds } from "./_top_level_ids.ts";
import { executeScript, type ExecuteScriptOptions } from "./execute_script.ts";
import { patchElements, type PatchElementsOptions } from "./patch_elements.ts";
import {
  patchSignals,
  type PatchSignalsOptions,
  type SignalsSource,
} from "./patch_signals.ts";
import type { DatastarEventOptions } from "./protocol.ts";
import { readSignals, type ReadSignalsOptions } from "./read_signals.ts";
import {
  removeElements,
  type RemoveElementsOptions,
} from "./remove_elements.ts";
import { removeSignals } from "./remove_signals.ts";

/** How a stream of Datastar events is sent. */
export interface ServerSentEventGeneratorOptions
  extends Omit<EventStreamResponseOptions, "data" | "onError"> {
  /**
   * Whether the stream stays open when `onStart` is done, until `close()` is called
   * or the client leaves. Not to be mistaken for `keepAlive`, the comments that are
   * sent meanwhile.
   *
   * @default {false}
   */
  readonly keepalive?: boolean | undefined;
  /**
   * Told what `onStart` throws; the stream ends cleanly then, behind what it sends.
   *
   * @default {undefined} The body errors, so that the client can tell.
   */
  readonly onError?:
    | ((error: unknown) => void | PromiseLike<void>)
    | undefined;
  /**
   * Told once that the stream ended before `onStart` was done with it, and why: the
   * reason of its end or the message of an error. What it throws is told to
   * `onError`; without that it is an unhandled rejection.
   *
   * @default {undefined} Nobody is told.
   */
  readonly onAbort?:
    | ((reason?: string) => void | PromiseLike<void>)
    | undefined;
  /**
   * The status and headers of the response, as `status` and `headers`, which win.
   *
   * @default {undefined} Those of every event stream.
   */
  readonly responseInit?: ConstructorParameters<typeof Response>[1] | undefined;
}

/** What {@linkcode ServerSentEventGenerator.readSignals} reads. */
export type ReadSignalsResult<T = Signals> =
  | {
    /** That they could be read. */
    readonly success: true;
    /** The signals. */
    readonly signals: T;
  }
  | {
    /** That they could not. */
    readonly success: false;
    /** Why. */
    readonly error: string;
    /** The error, which knows what to answer. */
    readonly cause: ReadSignalsError;
  };

/**
 * Sends Datastar events, with the names and call shapes of the official TypeScript
 * SDK: its users change one import.
 *
 * Every method that sends returns a promise that resolves when there is room for
 * more and rejects once the stream has ended; a rejection that nobody looks at does
 * not crash the process. Await it in a loop: it is what ends the loop when the
 * client has left. What cannot be written at all throws at the call.
 *
 * @see [Datastar SDK, architecture decision record](https://github.com/starfederation/datastar/blob/main/sdk/ADR.md)
 *
 * @example
 * ```ts
 * import { ServerSentEventGenerator } from "@tidings/sse/datastar";
 * import { assertStringIncludes } from "@std/assert";
 *
 * async function handler(request: Request): Promise<Response> {
 *   const reader = await ServerSentEventGenerator.readSignals(request);
 *   if (!reader.success) return reader.cause.toResponse();
 *   return ServerSentEventGenerator.stream(async (stream) => {
 *     await stream.patchElements(`<p id="hello">Hello</p>`);
 *     await stream.patchSignals({ seen: true });
 *   });
 * }
 *
 * const response = await handler(new Request("https://example.com/?datastar={}"));
 * assertStringIncludes(await response.text(), 'data: elements <p id="hello">Hello</p>');
 * ```
 */
export class ServerSentEventGenerator {
  readonly #sender: EventSender;

  /**
   * Makes a generator that sends through a sender: inside `eventStreamResponse`.
   * {@linkcode ServerSentEventGenerator.stream} makes both.
   *
   * @param sender What the events are sent through.
   */
  constructor(sender: EventSender) {
    this.#sender = sender;
  }

  /**
   * Answers a request with a stream of events, which ends when `onStart` is done.
   *
   * @param onStart Called with the generator at once.
   * @param options How the stream is sent, and who is told of its end.
   * @returns The response.
   * @throws {TypeError} If a header is none, or the status has no body.
   * @throws {RangeError} If a number of the options is out of bounds.
   */
  static stream(
    onStart: (
      stream: ServerSentEventGenerator,
    ) => void | PromiseLike<void>,
    options: ServerSentEventGeneratorOptions = {},
  ): Response {
    const { keepalive = false, onError, onAbort, onClose, responseInit } =
      options;
    const { status = responseInit?.status, headers = responseInit?.headers } =
      options;
    let isDone = false;
    let told: { readonly error: unknown } | undefined;

    /** An event that cannot be sent fails the one who awaits it, too: told once. */
    async function tell(error: unknown): Promise<void> {
      if (told !== undefined && told.error === error) return;
      told = { error };
      await onError?.(error);
    }

    /** Tells that the stream has ended early; what fails then is told as well. */
    async function abort(reason: string): Promise<void> {
      try {
        await onAbort?.(reason);
      } catch (error) {
        if (onError === undefined) throw error;
        await tell(error);
      }
    }

    async function run(sender: EventSender): Promise<void> {
      try {
        await onStart(new ServerSentEventGenerator(sender));
      } catch (error) {
        // The end of the stream is no error of the one who was sending.
        if (isEnd(error)) return;
        if (!sender.signal.aborted) {
          isDone = true;
          await abort(messageOf(error));
        }
        if (onError === undefined) throw error;
        await tell(error);
        return;
      }
      if (keepalive) await ended(sender.signal);
      else isDone = true;
    }

    return respondWithEvents(run, {
      ...options,
      status,
      headers,
      onError(error) {
        tell(error);
      },
      onClose(reason) {
        onClose?.(reason);
        if (!isDone && reason !== "closed") abort(reason);
      },
    });
  }

  /**
   * Reads the signals of a request, and returns an error rather than throwing it.
   *
   * @typeParam T What the signals are; taken from the schema if there is one.
   * @param request The request. Its body is read, if that is where the signals are.
   * @param options How they are checked, and how long they may be.
   * @returns The signals, or why they cannot be read.
   * @throws {TypeError} If the body has been read already.
   */
  static async readSignals<T = Signals>(
    request: Request,
    options?: ReadSignalsOptions<T>,
  ): Promise<ReadSignalsResult<T>> {
    try {
      return { success: true, signals: await readSignals(request, options) };
    } catch (cause) {
      if (!(cause instanceof ReadSignalsError)) throw cause;
      return { success: false, error: cause.message, cause };
    }
  }

  /**
   * Sends an event: any, also of those that have no method here, as `redirect`.
   *
   * @param event The event.
   * @returns A promise that resolves when there is room for more. It rejects with a
   * `StreamClosedError` when the stream has ended, with a `SlowSubscriberError` when
   * more than `maxQueuedBytes` would be queued, and with an `EventBuildError` when
   * the event cannot be written.
   */
  send(event: ServerSentEvent): Promise<void> {
    return this.#sender.send(event);
  }

  /**
   * Patches elements into the page.
   *
   * @param elements Complete elements as HTML.
   * @param options Where they go, and how. The mode `"remove"` without a selector
   * removes the elements with the ids of these.
   * @returns As of {@linkcode ServerSentEventGenerator.send}.
   * @throws {EventBuildError} As of the function `patchElements`.
   */
  patchElements(
    elements: string,
    options: PatchElementsOptions | PatchToRemoveOptions = {},
  ): Promise<void> {
    return this.send(
      isToRemove(options)
        ? removeElements(selectorOf(elements), options)
        : patchElements(elements, options),
    );
  }

  /**
   * Removes elements from the page, by a selector or by the ids of elements.
   *
   * @param selector A CSS selector of the elements to remove.
   * @param elements Instead of a selector, complete elements as HTML whose ids are
   * those of the elements to remove.
   * @param options How they are removed.
   * @returns As of {@linkcode ServerSentEventGenerator.send}.
   * @throws {EventBuildError} As of the function `removeElements`; if there is no
   * selector and an element without an id, or no element.
   */
  removeElements(
    selector?: string,
    elements?: string,
    options?: RemoveElementsOptions,
  ): Promise<void> {
    return this.send(
      removeElements(selector || selectorOf(elements ?? ""), options),
    );
  }

  /**
   * Patches signals.
   *
   * @param signals The signals, as the text of a JSON object or as an object.
   * @param options How they are patched.
   * @returns As of {@linkcode ServerSentEventGenerator.send}.
   * @throws {EventDataError} As of the function `patchSignals`.
   * @throws {EventBuildError} If the id or `retryDuration` cannot be written.
   */
  patchSignals(
    signals: SignalsSource,
    options?: PatchSignalsOptions,
  ): Promise<void> {
    return this.send(patchSignals(signals, options));
  }

  /**
   * Removes signals.
   *
   * @param paths The signals to remove; dots lead to those inside others.
   * @param options The id and the reconnection time of the event.
   * @returns As of {@linkcode ServerSentEventGenerator.send}.
   * @throws {EventBuildError} As of the function `removeSignals`.
   */
  removeSignals(
    paths: string | readonly string[],
    options?: DatastarEventOptions,
  ): Promise<void> {
    return this.send(removeSignals(paths, options));
  }

  /**
   * Runs a script in the page.
   *
   * @param script The script.
   * @param options How it is run.
   * @returns As of {@linkcode ServerSentEventGenerator.send}.
   * @throws {EventBuildError} As of the function `executeScript`.
   */
  executeScript(
    script: string,
    options?: ExecuteScriptOptions,
  ): Promise<void> {
    return this.send(executeScript(script, options));
  }

  /** Ends the stream, behind what was sent. */
  close(): void {
    this.#sender.close();
  }

  /** Aborted when the stream has ended, whatever the reason. */
  get signal(): AbortSignal {
    return this.#sender.signal;
  }
}

/** How elements are removed that are given as elements, of which the ids count. */
export type PatchToRemoveOptions = RemoveElementsOptions & {
  /** That they are removed. */
  readonly mode: "remove";
  /** None: the ids of the elements are what counts. */
  readonly selector?: undefined;
};

function isToRemove(
  options: PatchElementsOptions | PatchToRemoveOptions,
): options is PatchToRemoveOptions {
  return options.mode === "remove" && options.selector === undefined;
}

function selectorOf(elements: string): string {
  return topLevelIds(elements).map(idSelector).join(", ");
}

function isEnd(error: unknown): boolean {
  return error instanceof StreamClosedError ||
    error instanceof SlowSubscriberError;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : quote(error);
}

/** Waits until a stream has ended. */
function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
