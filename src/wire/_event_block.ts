import { EventSizeError } from "../errors.ts";
import { createDelivery, newEvent, type Stop, typed } from "./_delivery.ts";
import { parseRetry } from "./_field.ts";
import { EventTypes } from "./_event_types.ts";
import type { EventReaderOptions } from "./_event_reader.ts";
import { ownCopy, ownField } from "../_own_copy.ts";
import type { ServerSentEvent } from "./event.ts";

/** How to interpret. */
export interface InterpreterOptions<T, E extends ServerSentEvent<T>>
  extends EventReaderOptions<T, E> {
  /** As for every reader, its default applied. */
  readonly maxEventSize: number;
}

/**
 * The data of so many texts is joined at once: a concatenation takes some 30 bytes,
 * which would be most of what an event of very small chunks retains.
 */
const JOINED_TEXTS = 16;

/**
 * The event that is being read, and what lasts from one to the next: the buffers of
 * HTML 9.2.6.
 *
 * A class, since helpers of a closure that is made for every stream are not bound for
 * good: small events took a fifth longer.
 */
export class EventBlock<T, E extends ServerSentEvent<T>> {
  /** What an event may retain, in code units. */
  readonly maxEventSize: number;
  /** Whether comments are for the consumer. */
  readonly wire: boolean;
  /** What stands between events and the consumer, if anything does. */
  readonly delivery: ReturnType<typeof createDelivery<T, E>>;
  /** The types that came. */
  readonly types = new EventTypes();
  /** The last event ID string. */
  lastEventId: string;
  /** The reconnection time, once a valid one has come. */
  reconnectionTime: number | undefined = undefined;
  /** The events since they were last taken: no array before there is one. */
  events: E[] | undefined = undefined;
  /** Why no more is interpreted. */
  stop: Stop | undefined = undefined;
  /** Whether anything of the block has to be reset. */
  begun = false;
  /** Whether a line of data has come. */
  hasData = false;
  /** The code units retained for the block. */
  size = 0;

  #lastEventIdBuffer: string;
  #eventTypeBuffer = "";
  /** The data buffer, a line feed behind every line, as far as it comes from the current text. */
  #dataBuffer = "";
  /** The data buffer as far as it comes from earlier texts, and of how many. */
  #earlierData = "";
  #earlierTexts = 0;
  /** What came before that, in large pieces. */
  #firstData: string[] = [];
  #id: string | undefined = undefined;
  #retry: number | undefined = undefined;
  #comments: string[] | undefined = undefined;
  /** The code units of data and comments that may keep the current text in memory. */
  #cutSize = 0;
  /** How many comments do not. */
  #ownComments = 0;

  /** Makes the block before the first. */
  constructor(options: InterpreterOptions<T, E>) {
    const { view = "dispatch", maxEventSize, lastEventId = "" } = options;
    this.maxEventSize = maxEventSize;
    this.wire = view === "wire";
    this.delivery = createDelivery(options, (event) => this.add(event));
    this.lastEventId = lastEventId;
    this.#lastEventIdBuffer = lastEventId;
  }

  /** Retains `length` more code units, if they fit. */
  retain(length: number): boolean {
    this.begun = true;
    this.size += length;
    if (this.size <= this.maxEventSize) return true;
    this.overflow(this.size);
    return false;
  }

  /** Gives up: `length` code units were more than the limit allows. */
  overflow(length: number): void {
    const error = new EventSizeError(length, this.maxEventSize);
    this.stop = { kind: "overflowed", error };
    this.#reset();
  }

  comment(value: string): void {
    if (!this.retain(value.length + 1)) return;
    this.#cutSize += value.length;
    (this.#comments ??= []).push(value);
  }

  /**
   * Appends lines, a line feed behind each, to the data buffer.
   *
   * @returns Whether they fit.
   */
  data(lines: string): boolean {
    // The last line feed will be removed.
    const length = this.hasData ? lines.length : lines.length - 1;
    if (!this.retain(length)) return false;
    this.#dataBuffer += lines;
    this.hasData = true;
    this.#cutSize += lines.length;
    return true;
  }

  /** @param value An `ownField`, since it may stay for longer than the text. */
  eventType(value: string): void {
    if (!this.retain(value.length)) return;
    this.size -= this.#eventTypeBuffer.length;
    this.#eventTypeBuffer = value;
  }

  eventId(value: string): void {
    if (!this.retain(value.length)) return;
    if (value.includes("\0")) {
      this.size -= value.length;
    } else {
      if (this.#id !== undefined) this.size -= this.#id.length;
      // What programs keep of a stream is its ids.
      this.#id = ownField(value);
      this.#lastEventIdBuffer = this.#id;
    }
  }

  reconnection(value: string): void {
    if (!this.retain(value.length)) return;
    this.size -= value.length;
    const milliseconds = parseRetry(value);
    if (milliseconds !== undefined) this.setReconnectionTime(milliseconds);
  }

  /** Sets the reconnection time, which the event tells, too. */
  setReconnectionTime(milliseconds: number): void {
    this.begun = true;
    this.#retry = milliseconds;
    this.reconnectionTime = milliseconds;
  }

  /** Sets the last event ID string, of a block that was read at once. */
  setLastEventId(id: string): void {
    this.lastEventId = id;
    this.#lastEventIdBuffer = id;
  }

  /** HTML 9.2.6, "dispatch the event", at a blank line. */
  dispatch(): void {
    this.lastEventId = this.#lastEventIdBuffer;
    if (!this.begun) return;
    if (this.hasData) this.#deliverBlock(this.#lines.slice(0, -1));
    else if (this.wire && this.#hasFields) {
      this.#deliverBlock(undefined);
    }
    this.#reset();
  }

  /** Dispatches an event whose last line is data, with no detour over the data buffer. */
  dispatchLine(value: string): void {
    const size = this.size + value.length + (this.hasData ? 1 : 0);
    if (size > this.maxEventSize) return this.overflow(size);
    this.lastEventId = this.#lastEventIdBuffer;
    this.#deliverBlock(this.hasData ? this.#lines + value : value);
    if (this.begun) this.#reset();
  }

  /**
   * Copies what an unfinished block keeps of a text that is used up, if that is less
   * than half of it: a string cut out of a text may keep all of it in memory, so that
   * a few bytes of data per chunk could pile up chunks without bound.
   */
  keep(textLength: number): void {
    if (this.#cutSize === 0) return;
    const dataBuffer = this.#dataBuffer;
    const comments = this.#comments;
    const isSmall = this.#cutSize * 2 < textLength;
    if (dataBuffer !== "") {
      this.#earlierData += isSmall ? ownCopy(dataBuffer) : dataBuffer;
      this.#dataBuffer = "";
      if (++this.#earlierTexts === JOINED_TEXTS) {
        this.#firstData.push(ownCopy(this.#earlierData));
        this.#earlierData = "";
        this.#earlierTexts = 0;
      }
    }
    if (comments !== undefined) {
      for (; isSmall && this.#ownComments < comments.length;) {
        comments[this.#ownComments] = ownCopy(comments[this.#ownComments]);
        this.#ownComments++;
      }
      this.#ownComments = comments.length;
    }
    this.#cutSize = 0;
  }

  /** The data buffer, a line feed behind every line. */
  get #lines(): string {
    const lines = this.#earlierData + this.#dataBuffer;
    return this.#firstData.length === 0
      ? lines
      : this.#firstData.join("") + lines;
  }

  get #hasFields(): boolean {
    return this.#eventTypeBuffer !== "" || this.#id !== undefined ||
      this.#retry !== undefined || this.#comments !== undefined;
  }

  /**
   * Hands out an event, unless something stands before the consumer.
   *
   * @returns Whether to go on.
   */
  deliver(event: ServerSentEvent): boolean {
    if (this.delivery === undefined) {
      this.add(typed<T, E>(event));
      return true;
    }
    this.stop = this.delivery(event);
    return this.stop === undefined;
  }

  /**
   * Appends an event. The first makes the array: engines give an empty one room for
   * many, which took V8 a tenth of a chunk of one event.
   */
  add(event: E): void {
    if (this.events === undefined) this.events = [event];
    else this.events.push(event);
  }

  #deliverBlock(data: string | undefined): void {
    const event = newEvent(
      this.#eventTypeBuffer === "" ? undefined : this.#eventTypeBuffer,
      data,
      this.#id,
      this.#retry,
      this.#comments,
      this.lastEventId,
    );
    this.deliver(event);
  }

  #reset(): void {
    this.#eventTypeBuffer = "";
    this.#dataBuffer = "";
    this.#earlierData = "";
    this.#earlierTexts = 0;
    if (this.#firstData.length > 0) this.#firstData = [];
    this.hasData = false;
    this.#id = undefined;
    this.#retry = undefined;
    this.#comments = undefined;
    this.begun = false;
    this.size = 0;
    this.#cutSize = 0;
    this.#ownComments = 0;
  }
}
