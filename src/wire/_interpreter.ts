import {
  COMMENT,
  copyHead,
  DATA,
  EVENT,
  ID,
  LINE_HEAD_LENGTH,
  lineKind,
  unitAt,
  type Units,
  valueOffset,
} from "./_field.ts";
import { EventBlock, type InterpreterOptions } from "./_event_block.ts";
import {
  dataValue,
  isDataLine,
  plainEvents,
  SHORT_LINE,
} from "./_plain_events.ts";
import type { Stop } from "./_delivery.ts";
import {
  createUnfinishedLine,
  type UnfinishedLine,
} from "./_unfinished_line.ts";
import type { ServerSentEvent } from "./event.ts";

const LF = 0x0a;
const CR = 0x0d;

/**
 * The end of a line that is not data is looked for byte by byte as far as this: types
 * and ids are mostly as short, whatever came before. 1.1 times as fast on such streams.
 */
const SHORT_FIELD = 20;

/** HTML 9.2.5 and 9.2.6 over text that may be cut anywhere. */
export class Interpreter<T, E extends ServerSentEvent<T>> {
  private readonly block: EventBlock<T, E>;
  private readonly unfinishedLine: UnfinishedLine;
  /** The head of a line that is not at hand as bytes. */
  private readonly head = new Uint8Array(LINE_HEAD_LENGTH);
  /** A CR ended the last text: an LF that begins the next one belongs to it. */
  private skipLineFeed = false;
  /** Texts behind the current one. */
  private texts: string[] = [];
  /** The bytes of the last of them. */
  private lastBytes: Units = undefined;
  /** The text that is being interpreted, its bytes, and how far it is. */
  private text = "";
  private bytes: Units = undefined;
  private position = 0;
  // Where the next of each is. They are looked for again only once they are
  // passed, so that a text without one is searched for it once: linear.
  private lineFeed = -1;
  private carriageReturn = -1;

  /** Makes an interpreter at the beginning of a stream. */
  constructor(options: InterpreterOptions<T, E>) {
    this.block = new EventBlock(options);
    this.unfinishedLine = createUnfinishedLine(this.block.wire);
  }

  /**
   * Adds text behind what is not interpreted yet, and the bytes that are its code
   * units, if there are such, for as long as the next call of `run`.
   */
  push(text: string, bytes: Units): void {
    if (this.text === "" && this.texts.length === 0) {
      return this.begin(text, bytes);
    }
    this.texts.push(text);
    this.lastBytes = bytes;
  }

  /** Interprets text, until it is used up or an event ends or fails it, and appends the events. */
  run(events: E[]): void {
    while (this.block.stop === undefined && this.text !== "") {
      this.interpretText(events);
      const next = this.text === "" ? this.texts.shift() : undefined;
      if (next === undefined) continue;
      this.begin(next, this.texts.length === 0 ? this.lastBytes : undefined);
    }
    // They are the caller's again.
    this.bytes = undefined;
    this.lastBytes = undefined;
  }

  /** Takes text without a line end, and bounds exactly what is retained. */
  appendUnfinished(text: string): void {
    const { block, unfinishedLine } = this;
    if (text !== "") {
      this.skipLineFeed = false;
      unfinishedLine.append(text);
    }
    const length = unfinishedLine.valueLength;
    if (block.retain(length)) block.size -= length;
    else this.drop();
  }

  /** How many code units are retained of a block, the names of fields included. */
  get retained(): number {
    return this.block.size + this.unfinishedLine.length;
  }

  /** How many code units wait behind the text that is being interpreted, and in how many pieces. */
  get waiting(): { readonly pieces: number; readonly length: number } {
    const length = this.texts.reduce((length, text) => length + text.length, 0);
    return { pieces: this.texts.length, length };
  }

  /** Why text is left that is not interpreted. */
  get stop(): Stop | undefined {
    return this.block.stop;
  }

  /** Goes on behind an event that failed. */
  resume(): void {
    this.block.stop = undefined;
  }

  /** Gives up: more was retained than the limit allows. */
  overflow(length: number): void {
    this.block.overflow(length);
    this.drop();
  }

  /** The last event ID string. */
  get lastEventId(): string {
    return this.block.lastEventId;
  }

  /** The reconnection time, once a valid one has come. */
  get reconnectionTime(): number | undefined {
    return this.block.reconnectionTime;
  }

  /** Lets go of all text. */
  private drop(): void {
    this.unfinishedLine.finish("");
    this.text = "";
    this.texts = [];
  }

  private begin(text: string, bytes: Units): void {
    this.text = text;
    this.bytes = bytes;
    this.position = 0;
    if (this.skipLineFeed) {
      this.skipLineFeed = false;
      if (text.charCodeAt(0) === LF) this.position = 1;
    }
    this.lineFeed = text.indexOf("\n", this.position);
    this.carriageReturn = text.indexOf("\r", this.position);
  }

  /** Interprets the lines of the text, and keeps the one that does not end. */
  private interpretText(events: E[]): void {
    // In locals, which the loop reaches faster.
    const { text, bytes, block } = this;
    let start = this.position;
    let lf = this.lineFeed;
    let cr = this.carriageReturn;
    let unfinished = this.unfinishedLine.begun;
    let scanned = SHORT_LINE;

    while (start < text.length) {
      if (cr === -1 && !unfinished) {
        start = this.takeRun(start, events);
        if (start === text.length || block.stop !== undefined) break;
      }

      const isData = !unfinished && isDataLine(text, bytes, start);
      let end = shortLineEnd(bytes, start, isData ? scanned : SHORT_FIELD);
      if (end === -1) {
        if (lf !== -1 && lf < start) lf = text.indexOf("\n", start);
        if (cr !== -1 && cr < start) cr = text.indexOf("\r", start);
        end = cr === -1 || (lf !== -1 && lf < cr) ? lf : cr;
        if (end === -1) break;
      }
      const feeds = unitAt(text, bytes, end) === LF;
      let next = end + 1;
      if (!feeds) {
        if (next === text.length) this.skipLineFeed = true;
        else if (unitAt(text, bytes, next) === LF) next++;
      }

      if (isData) {
        scanned = end - start < SHORT_LINE ? SHORT_LINE : 0;
        const value = dataValue(text, bytes, start);
        const blank = blankLineAt(text, bytes, next);
        if (blank > 0) {
          block.dispatchLine(text.slice(value, end), events);
          next += blank;
        } else {
          // With the line feed that is there, if one is: one piece of text less.
          block.data(
            feeds ? text.slice(value, next) : text.slice(value, end) + "\n",
          );
        }
      } else if (unfinished) {
        unfinished = false;
        next = this.interpretUnfinished(text.slice(start, end), next, events);
      } else if (end === start) {
        block.dispatch(events);
      } else {
        this.interpretLine(start, end);
      }

      start = next;
      if (block.stop !== undefined) {
        this.position = start;
        this.lineFeed = lf;
        this.carriageReturn = cr;
        break;
      }
    }
    if (block.stop !== undefined) {
      if (block.stop.kind === "overflowed") this.drop();
      return;
    }
    if (start < text.length) this.unfinishedLine.append(text.slice(start));
    block.keep(text.length);
    this.text = "";
  }

  /** Takes what is read faster than line by line, from a text without CR. */
  private takeRun(start: number, events: E[]): number {
    const { text, bytes, block } = this;
    if (block.hasData) return this.takeDataLines(start);
    if (block.begun || block.delivery !== undefined) return start;
    const { maxEventSize, lastEventId } = block;
    return plainEvents(text, bytes, start, maxEventSize, lastEventId, events);
  }

  /**
   * Takes lines of data behind the first, for as long as such come. In a loop of its
   * own the data buffer is built twice as fast.
   *
   * @returns Where the first line begins that is something else, or does not end.
   */
  private takeDataLines(start: number): number {
    const { text, bytes } = this;
    let lines = "";
    while (isDataLine(text, bytes, start)) {
      const end = text.indexOf("\n", start);
      if (end === -1) break;
      lines += text.slice(dataValue(text, bytes, start), end + 1);
      start = end + 1;
    }
    if (lines !== "") this.block.data(lines);
    return start;
  }

  /** HTML 9.2.6, "process the line", for one that is not blank and not `data:`. */
  private interpretLine(start: number, end: number): void {
    const { text, bytes, head } = this;
    const length = end - start;
    if (bytes === undefined) copyHead(text, start, head);
    const units = bytes ?? head;
    const at = bytes === undefined ? 0 : start;
    const kind = lineKind(units, at, length);
    const offset = valueOffset(units, at, length, kind);
    if (offset < 0 || (kind === COMMENT && !this.block.wire)) return;
    this.interpretField(kind, text.slice(start + offset, end));
  }

  /** HTML 9.2.6, "process the field", and comments for those who want them. */
  private interpretField(kind: number, value: string): void {
    const { block } = this;
    if (kind === EVENT) block.eventType(value);
    else if (kind === ID) block.eventId(value);
    else if (kind === DATA) block.data(`${value}\n`);
    else if (kind !== COMMENT) block.reconnection(value);
    else if (block.wire) block.comment(value);
  }

  /**
   * Takes a line that began in an earlier text.
   *
   * @param next Where the next line begins in this one.
   * @returns Where to go on: at `next`, or behind the blank line there.
   */
  private interpretUnfinished(
    end: string,
    next: number,
    events: E[],
  ): number {
    const { text, bytes, block, head } = this;
    const line = this.unfinishedLine.finish(end);
    copyHead(line, 0, head);
    const kind = lineKind(head, 0, line.length);
    const offset = valueOffset(head, 0, line.length, kind);
    if (offset < 0) return next;
    const blank = kind === DATA ? blankLineAt(text, bytes, next) : 0;
    if (blank > 0) block.dispatchLine(line.slice(offset), events);
    else this.interpretField(kind, line.slice(offset));
    return next + blank;
  }
}

/** Where the line from `start` ends, by its bytes, if it is shorter than `limit`; else -1. */
function shortLineEnd(bytes: Units, start: number, limit: number): number {
  if (bytes === undefined) return -1;
  const end = Math.min(bytes.length, start + limit);
  for (let i = start; i < end; i++) {
    const unit = bytes[i];
    if (unit <= CR && (unit === LF || unit === CR)) return i;
  }
  return -1;
}

/** How long the blank line at `start` is; 0 if there is none that ends with LF. */
function blankLineAt(text: string, bytes: Units, start: number): number {
  if (start >= text.length) return 0;
  const first = unitAt(text, bytes, start);
  if (first === LF) return 1;
  return first === CR && start + 1 < text.length &&
      unitAt(text, bytes, start + 1) === LF
    ? 2
    : 0;
}
