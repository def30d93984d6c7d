import { EventSizeError } from "../errors.ts";
import { createDelivery, type Stop, typed } from "./_delivery.ts";
import { afterColon, fieldValue, isDataField, parseRetry } from "./_field.ts";
import type { EventReaderOptions } from "./_event_reader.ts";
import { ownCopy } from "../_own_copy.ts";
import { createUnfinishedLine } from "./_unfinished_line.ts";
import type { ServerSentEvent } from "./event.ts";

/** How to interpret. */
export interface InterpreterOptions<T, E extends ServerSentEvent<T>>
  extends EventReaderOptions<T, E> {
  /** As for every reader, its default applied. */
  readonly maxEventSize: number;
}

/** HTML 9.2.5 and 9.2.6 over text that may be cut anywhere. */
export interface Interpreter<E> {
  /** Adds text behind what is not interpreted yet. */
  push(text: string): void;
  /** Interprets text, until it is used up or an event ends or fails it, and appends the events. */
  run(events: E[]): void;
  /** Takes text without a line end, and bounds exactly what is retained. */
  appendUnfinished(text: string): void;
  /** How many code units are retained of a block, the names of fields included. */
  readonly retained: number;
  /** How many code units wait behind the text that is being interpreted, and in how many pieces. */
  readonly waiting: { readonly pieces: number; readonly length: number };
  /** Why text is left that is not interpreted. */
  readonly stop: Stop | undefined;
  /** Goes on behind an event that failed. */
  resume(): void;
  /** Gives up: more was retained than the limit allows. */
  overflow(length: number): void;
  /** The last event ID string. */
  readonly lastEventId: string;
  /** The reconnection time, once a valid one has come. */
  readonly reconnectionTime: number | undefined;
}

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;

/** How long the blank line at `start` is; 0 if there is none that ends with LF. */
function blankLine(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === LF) return 1;
  return first === CR && text.charCodeAt(start + 1) === LF ? 2 : 0;
}

/**
 * Makes an interpreter.
 *
 * All state lives in the locals of this one function, which engines reach faster
 * than private fields: with the lines in one closure and the block in another,
 * small events took a third longer.
 */
export function createInterpreter<T, E extends ServerSentEvent<T>>(
  options: InterpreterOptions<T, E>,
): Interpreter<E> {
  const { view = "dispatch", maxEventSize, lastEventId = "" } = options;
  const wire = view === "wire";

  const delivery = createDelivery(options);
  const unfinishedLine = createUnfinishedLine(wire);
  /** A CR ended the last text: an LF that begins the next one belongs to it. */
  let skipLineFeed = false;

  /** Texts behind the current one. */
  let texts: string[] = [];
  /** The text that is being interpreted, and how far it is. */
  let text = "";
  let position = 0;
  // Where the next of each is. They are looked for again only once they are
  // passed, so that a text without one is searched for it once: linear.
  let lineFeed = -1;
  let carriageReturn = -1;

  let lastEventIdString = lastEventId;
  let lastEventIdBuffer = lastEventId;
  let reconnectionTime: number | undefined;
  let eventTypeBuffer = "";
  let lastType = "";
  /** The data buffer, as far as it comes from the current text. */
  let dataBuffer = "";
  /** The data buffer as far as it comes from earlier texts, in pieces. */
  let earlierData: string[] = [];
  let hasData = false;
  let id: string | undefined;
  let retry: number | undefined;
  let comments: string[] | undefined;

  /** Whether anything of the block has to be reset. */
  let begun = false;
  /** The code units retained for the block. */
  let size = 0;
  /** The code units of data and comments that may keep the current text in memory. */
  let cutSize = 0;
  /** How many comments do not. */
  let ownComments = 0;
  let stop: Stop | undefined;

  /** Retains `length` more code units for the block, if they fit. */
  function retain(length: number): boolean {
    begun = true;
    size += length;
    if (size <= maxEventSize) return true;
    overflow(size);
    return false;
  }

  function overflow(length: number): void {
    stop = {
      kind: "overflowed",
      error: new EventSizeError(length, maxEventSize),
    };
    resetBlock();
    unfinishedLine.finish("");
    text = "";
    texts = [];
  }

  function resetBlock(): void {
    eventTypeBuffer = "";
    dataBuffer = "";
    if (earlierData.length > 0) earlierData = [];
    hasData = false;
    id = undefined;
    retry = undefined;
    comments = undefined;
    begun = false;
    size = 0;
    cutSize = 0;
    ownComments = 0;
  }

  /** HTML 9.2.6, "process the field", and comments for those who want them. */
  function interpretLine(line: string, start: number, end: number): void {
    switch (line.charCodeAt(start)) {
      case COLON:
        return wire
          ? comment(line.slice(afterColon(line, start), end))
          : undefined;
      case 0x64: {
        const value = fieldValue(line, start, end, "data");
        return value < 0 ? undefined : data(line.slice(value, end));
      }
      case 0x65: {
        const value = fieldValue(line, start, end, "event");
        return value < 0 ? undefined : eventType(line.slice(value, end));
      }
      case 0x69: {
        const value = fieldValue(line, start, end, "id");
        return value < 0 ? undefined : eventId(line.slice(value, end));
      }
      case 0x72: {
        const value = fieldValue(line, start, end, "retry");
        return value < 0 ? undefined : reconnection(line.slice(value, end));
      }
    }
  }

  function comment(value: string): void {
    if (!retain(value.length + 1)) return;
    cutSize += value.length;
    (comments ??= []).push(value);
  }

  /** Appends the value of a line to the data buffer, behind a line feed if it is not the first. */
  function data(value: string): void {
    if (!retain(hasData ? value.length + 1 : value.length)) return;
    dataBuffer = hasData ? dataBuffer + "\n" + value : value;
    hasData = true;
    cutSize += value.length;
  }

  function eventType(value: string): void {
    if (!retain(value.length)) return;
    size -= eventTypeBuffer.length;
    // Types repeat: the copy of the last one serves again.
    if (value !== lastType) lastType = ownCopy(value);
    eventTypeBuffer = lastType;
  }

  function eventId(value: string): void {
    if (!retain(value.length)) return;
    if (value.includes("\0")) {
      size -= value.length;
    } else {
      if (id !== undefined) size -= id.length;
      // What programs keep of a stream is its ids.
      id = ownCopy(value);
      lastEventIdBuffer = id;
    }
  }

  function reconnection(value: string): void {
    if (!retain(value.length)) return;
    size -= value.length;
    const milliseconds = parseRetry(value);
    if (milliseconds === undefined) return;
    retry = milliseconds;
    reconnectionTime = milliseconds;
  }

  /** HTML 9.2.6, "dispatch the event", at a blank line. */
  function dispatch(events: E[]): void {
    lastEventIdString = lastEventIdBuffer;
    if (!begun) return;
    if (hasData) {
      const text = earlierData.length > 0
        ? earlierData.join("") + dataBuffer
        : dataBuffer;
      deliver(text, events);
    } else if (
      wire && (eventTypeBuffer !== "" || id !== undefined ||
        retry !== undefined || comments !== undefined)
    ) {
      deliver(undefined, events);
    }
    resetBlock();
  }

  function deliver(text: string | undefined, events: E[]): void {
    const event = eventOf(text);
    if (delivery === undefined) events.push(typed<T, E>(event));
    else stop = delivery(event, events);
  }

  /** The event of this block: one literal, so that all have one shape. */
  function eventOf(data: string | undefined): ServerSentEvent {
    return {
      event: eventTypeBuffer === "" ? undefined : eventTypeBuffer,
      data,
      id,
      retry,
      comments,
      lastEventId: lastEventIdBuffer,
    };
  }

  /**
   * Copies what an unfinished block keeps of the text, if that is less than half
   * of it: a string cut out of a text may keep all of it in memory, so that a
   * few bytes of data per chunk could pile up chunks without bound.
   */
  function keepUnfinished(): void {
    if (cutSize === 0) return;
    const small = cutSize * 2 < text.length;
    if (dataBuffer !== "") {
      earlierData.push(small ? ownCopy(dataBuffer) : dataBuffer);
      dataBuffer = "";
    }
    if (comments !== undefined) {
      for (; small && ownComments < comments.length; ownComments++) {
        comments[ownComments] = ownCopy(comments[ownComments]);
      }
      ownComments = comments.length;
    }
    cutSize = 0;
  }

  /**
   * Takes a line of data. Where a blank line follows, which it nearly always
   * does, the event is dispatched with no detour over the data buffer.
   *
   * @returns Where to go on: at `next`, or behind the blank line.
   */
  function interpretData(value: string, next: number, events: E[]): number {
    const blank = hasData ? 0 : blankLine(text, next);
    if (blank === 0) {
      data(value);
    } else if (size + value.length > maxEventSize) {
      overflow(size + value.length);
    } else {
      lastEventIdString = lastEventIdBuffer;
      deliver(value, events);
      if (begun) resetBlock();
    }
    return next + blank;
  }

  /** Takes a line that began in an earlier text. */
  function interpretUnfinished(
    end: string,
    next: number,
    events: E[],
  ): number {
    const line = unfinishedLine.finish(end);
    if (isDataField(line, 0)) {
      const value = line.slice(afterColon(line, "data".length));
      return interpretData(value, next, events);
    }
    interpretLine(line, 0, line.length);
    return next;
  }

  function begin(next: string): void {
    text = next;
    position = 0;
    if (skipLineFeed) {
      skipLineFeed = false;
      if (text.charCodeAt(0) === LF) position = 1;
    }
    lineFeed = text.indexOf("\n", position);
    carriageReturn = text.indexOf("\r", position);
  }

  /** Interprets the lines of the text, and keeps the one that does not end. */
  function interpretText(events: E[]): void {
    // In locals, which the loop reaches faster.
    const line = text;
    let start = position;
    let lf = lineFeed;
    let cr = carriageReturn;
    let unfinished = unfinishedLine.begun;

    while (start < line.length) {
      if (lf !== -1 && lf < start) lf = line.indexOf("\n", start);
      if (cr !== -1 && cr < start) cr = line.indexOf("\r", start);
      const end = cr === -1 || (lf !== -1 && lf < cr) ? lf : cr;
      if (end === -1) break;
      let next = end + 1;
      if (end === cr) {
        if (next === line.length) skipLineFeed = true;
        else if (line.charCodeAt(next) === LF) next++;
      }

      if (unfinished) {
        unfinished = false;
        next = interpretUnfinished(line.slice(start, end), next, events);
      } else if (end === start) {
        dispatch(events);
      } else if (isDataField(line, start)) {
        const value = line.slice(afterColon(line, start + "data".length), end);
        next = interpretData(value, next, events);
      } else {
        interpretLine(line, start, end);
      }

      start = next;
      if (stop !== undefined) {
        position = start;
        lineFeed = lf;
        carriageReturn = cr;
        return;
      }
    }
    if (start < line.length) unfinishedLine.append(line.slice(start));
    keepUnfinished();
    text = "";
  }

  return {
    push(text) {
      if (text !== "") texts.push(text);
    },
    run(events) {
      while (stop === undefined) {
        if (text === "") {
          const next = texts.shift();
          if (next === undefined) return;
          begin(next);
        }
        interpretText(events);
      }
    },
    appendUnfinished(text) {
      if (text !== "") {
        skipLineFeed = false;
        unfinishedLine.append(text);
      }
      const length = unfinishedLine.valueLength;
      if (retain(length)) size -= length;
    },
    get retained() {
      return size + unfinishedLine.length;
    },
    get waiting() {
      const length = texts.reduce((length, { length: l }) => length + l, 0);
      return { pieces: texts.length, length };
    },
    get stop() {
      return stop;
    },
    resume() {
      stop = undefined;
    },
    overflow,
    get lastEventId() {
      return lastEventIdString;
    },
    get reconnectionTime() {
      return reconnectionTime;
    },
  };
}
