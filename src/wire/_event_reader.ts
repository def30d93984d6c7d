import { checkAtLeast } from "../_check_at_least.ts";
import { quote } from "../_quote.ts";
import { Interpreter } from "./_interpreter.ts";
import type { EventDecoderOptions } from "./event_decoder_options.ts";
import { endsBlock, Utf8Decoder } from "./_utf8_decoder.ts";
import type { ServerSentEvent } from "./event.ts";

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

/**
 * The core under every way to read an event stream: bytes in, events out.
 *
 * A class, as are those that it is made of: a getter of an object literal is looked up
 * at every call by V8, which took 100 ns of each chunk.
 */
export class EventReader<T, E extends ServerSentEvent<T>> {
  readonly #maxEventSize: number;
  readonly #interpreter: Interpreter<T, E>;
  readonly #decoder: Utf8Decoder;
  /** Whether a chunk is being read. */
  #isFeeding = false;
  /** Whether all before the next chunk was whole blocks, of which nothing is left. */
  #isClear = false;

  /**
   * Makes a reader at the beginning of a stream.
   *
   * @throws {RangeError} If `maxEventSize` is negative or not a number.
   */
  constructor(options: EventReaderOptions<T, E>) {
    const maxEventSize = resolveMaxEventSize(options);
    this.#maxEventSize = maxEventSize;
    this.#interpreter = new Interpreter({ ...options, maxEventSize });
    this.#decoder = new Utf8Decoder(this.#interpreter);
  }

  /**
   * Interprets a chunk.
   *
   * @returns The events that it completed, up to the first failure.
   * @throws That failure: at once if no event came before it, else at the next
   * call. The call after that goes on behind it.
   */
  feed(chunk: Uint8Array): E[] {
    if (!(chunk instanceof Uint8Array) && !isBytes(chunk)) {
      throw new TypeError(
        `Cannot read event stream: a chunk must be a Uint8Array, got ${
          quote(chunk)
        }`,
      );
    }
    if (this.#isFeeding) {
      throw new TypeError(
        `Cannot read event stream: a chunk must not be fed by what reads the data of an event, got one of ${chunk.length} bytes`,
      );
    }
    const interpreter = this.#interpreter;
    const endsWhole = endsBlock(chunk);
    this.#isFeeding = true;
    try {
      if (this.#isClear && endsWhole) this.#decoder.decodeWhole(chunk);
      else this.#read(chunk);
    } finally {
      this.#isFeeding = false;
    }
    this.#isClear = endsWhole && interpreter.stop === undefined;
    if (!this.#isClear) this.#checkLimit();
    const events = interpreter.takeEvents();
    if (events.length === 0) this.#throwStop();
    return events;
  }

  /** Interprets what waits, and then a chunk that may begin or end within a block. */
  #read(chunk: Uint8Array): void {
    const interpreter = this.#interpreter;
    interpreter.goOn();
    const kind = interpreter.stop?.kind;
    if (kind === undefined || kind === "failed") this.#decoder.decode(chunk);
  }

  /** Whether the next call throws. */
  get failing(): boolean {
    const { stop } = this.#interpreter;
    return stop !== undefined && stop.kind !== "ended";
  }

  /** Whether `until` was met: whatever follows is not read. */
  get ended(): boolean {
    return this.#interpreter.stop?.kind === "ended";
  }

  /** The last event ID string. */
  get lastEventId(): string {
    return this.#interpreter.lastEventId;
  }

  /** The reconnection time, once a valid one has come. */
  get reconnectionTime(): number | undefined {
    this.#interpretLines();
    return this.#interpreter.reconnectionTime;
  }

  /**
   * Interprets lines that wait for a blank one. No event comes of them. Not while a
   * codec or `until` asks for it, or behind an event that failed: something is before them.
   */
  #interpretLines(): void {
    if (this.#isFeeding) return;
    const interpreter = this.#interpreter;
    if (interpreter.stop !== undefined || !interpreter.isIdle) return;
    this.#decoder.flushLines();
  }

  /** Bounds what is retained. */
  #checkLimit(): void {
    if (this.#interpreter.stop === undefined) this.#checkRetained();
    else this.#checkWaiting();
  }

  /** Bounds what is retained of a block that has not ended. */
  #checkRetained(): void {
    const interpreter = this.#interpreter;
    const decoder = this.#decoder;
    // Bytes are never fewer than the code units that they stand for.
    if (interpreter.retained + decoder.kept <= this.#maxEventSize) return;
    // No event comes of it, since there is no blank line.
    decoder.flush();
    if (interpreter.stop === undefined) interpreter.checkRetained();
  }

  /**
   * Bounds what waits behind unreadable events: a caller that feeds on and on,
   * whatever it catches, must not pile up text. One chunk may always wait.
   */
  #checkWaiting(): void {
    const { pieces, length } = this.#interpreter.waiting;
    if (pieces > 1 && length > this.#maxEventSize) {
      this.#interpreter.overflow(length);
    }
  }

  /** Throws what stopped the interpreter, and lets it go on if it can. */
  #throwStop(): void {
    const { stop } = this.#interpreter;
    if (stop === undefined || stop.kind === "ended") return;
    if (stop.kind === "failed") this.#interpreter.resume();
    throw stop.error;
  }
}

/** Whether a value is a `Uint8Array`, of whatever realm. */
function isBytes(value: unknown): boolean {
  return ArrayBuffer.isView(value) &&
    Object.prototype.toString.call(value) === "[object Uint8Array]";
}
