import { checkAtLeast } from "../_check_at_least.ts";
import { quote } from "../_quote.ts";
import { Interpreter } from "./_interpreter.ts";
import type { EventDecoderOptions } from "./event_decoder_options.ts";
import { createUtf8Decoder } from "./_utf8_decoder.ts";
import type { ServerSentEvent } from "./event.ts";

/** The core under every way to read an event stream: bytes in, events out. */
export interface EventReader<E> {
  /**
   * Interprets a chunk.
   *
   * @returns The events that it completed, up to the first failure.
   * @throws That failure: at once if no event came before it, else at the next
   * call. The call after that goes on behind it.
   */
  feed(chunk: Uint8Array): E[];
  /** Whether the next call throws. */
  readonly failing: boolean;
  /** Whether `until` was met: whatever follows is not read. */
  readonly ended: boolean;
  /** The last event ID string. */
  readonly lastEventId: string;
  /** The reconnection time, once a valid one has come. */
  readonly reconnectionTime: number | undefined;
}

/** What only the ways that pull from a source can offer. */
export interface EventReaderOptions<T, E extends ServerSentEvent<T>>
  extends EventDecoderOptions<T, E> {
  /** Asked with the raw text of each event before its data is read. */
  readonly until?: ((event: ServerSentEvent) => boolean) | undefined;
}

/** 16 Mi code units: far above any event, far below what hurts a process. */
const DEFAULT_MAX_EVENT_SIZE = 16 * 1024 * 1024;

/**
 * The limit that the options set.
 *
 * @throws {RangeError} If it is negative or not a number.
 */
export function resolveMaxEventSize(
  options: { readonly maxEventSize?: number | undefined },
): number {
  const { maxEventSize = DEFAULT_MAX_EVENT_SIZE } = options;
  checkAtLeast("Cannot read event stream: maxEventSize", 0, maxEventSize);
  return maxEventSize;
}

/** Makes a reader. */
export function createEventReader<T, E extends ServerSentEvent<T>>(
  options: EventReaderOptions<T, E>,
): EventReader<E> {
  const maxEventSize = resolveMaxEventSize(options);
  const interpreter = new Interpreter({ ...options, maxEventSize });
  const decoder = createUtf8Decoder((text, bytes) =>
    interpreter.push(text, bytes)
  );

  /**
   * Interprets lines that wait for a blank one. No event comes of them. Not while a
   * codec asks for it, or behind an event that failed: there is text before them.
   */
  function interpretLines(): void {
    if (interpreter.stop !== undefined || !interpreter.isIdle) return;
    decoder.flushLines();
    interpreter.run([]);
  }

  /** Bounds what is retained of a block that has not ended. */
  function checkRetained(): void {
    // Bytes are never fewer than the code units that they stand for.
    if (interpreter.retained + decoder.kept <= maxEventSize) return;
    decoder.flush();
    // No event comes of it, since there is no blank line.
    interpreter.run([]);
    if (interpreter.stop === undefined) interpreter.checkRetained();
  }

  /**
   * Bounds what waits behind unreadable events: a caller that feeds on and on,
   * whatever it catches, must not pile up text. One chunk may always wait.
   */
  function checkWaiting(): void {
    const { pieces, length } = interpreter.waiting;
    if (pieces > 1 && length > maxEventSize) interpreter.overflow(length);
  }

  /** Throws what stopped the interpreter, and lets it go on if it can. */
  function throwStop(): void {
    const { stop } = interpreter;
    if (stop === undefined || stop.kind === "ended") return;
    if (stop.kind === "failed") interpreter.resume();
    throw stop.error;
  }

  return {
    feed(chunk) {
      if (!(chunk instanceof Uint8Array) && !isBytes(chunk)) {
        throw new TypeError(
          `Cannot read event stream: a chunk must be a Uint8Array, got ${
            quote(chunk)
          }`,
        );
      }
      const events: E[] = [];
      const kind = interpreter.stop?.kind;
      if (kind === "ended") return events;
      if (kind !== "overflowed") decoder.decode(chunk);
      interpreter.run(events);
      if (interpreter.stop === undefined) checkRetained();
      else checkWaiting();
      if (events.length === 0) throwStop();
      return events;
    },
    get failing() {
      const { stop } = interpreter;
      return stop !== undefined && stop.kind !== "ended";
    },
    get ended() {
      return interpreter.stop?.kind === "ended";
    },
    get lastEventId() {
      return interpreter.lastEventId;
    },
    get reconnectionTime() {
      interpretLines();
      return interpreter.reconnectionTime;
    },
  };
}

/** Whether a value is a `Uint8Array`, of whatever realm. */
function isBytes(value: unknown): boolean {
  return ArrayBuffer.isView(value) &&
    Object.prototype.toString.call(value) === "[object Uint8Array]";
}
