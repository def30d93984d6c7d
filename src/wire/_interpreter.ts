import {
  blankLineAt,
  COMMENT,
  copyHead,
  DATA,
  dataValue,
  EVENT,
  ID,
  isDataLineOf,
  LINE_HEAD_LENGTH,
  lineKind,
  unitAt,
  type Units,
  valueOffset,
} from "./_field.ts";
import { EventBlock, type InterpreterOptions } from "./_event_block.ts";
import { wholeEvents } from "./_whole_events.ts";
import { ownCopy, ownField } from "../_own_copy.ts";
import type { Stop } from "./_delivery.ts";
import { UnfinishedLine } from "./_unfinished_line.ts";
import type { ServerSentEvent } from "./event.ts";

const LF = 0x0a;
const CR = 0x0d;

/**
 * The end of a line is looked for byte by byte as far as this: a call of `indexOf` costs
 * as much as some 20 bytes.
 */
const SHORT_LINE = 20;

/** Where the next line end is while it has not been needed. */
const NOT_SOUGHT = -2;

/** HTML 9.2.5 and 9.2.6 over text that may be cut anywhere. */
export class Interpreter<T, E extends ServerSentEvent<T>> {
  readonly #block: EventBlock<T, E>;
  readonly #unfinishedLine: UnfinishedLine;
  /** The head of a line that is not at hand as bytes. */
  readonly #head = new Uint8Array(LINE_HEAD_LENGTH);
  /** A CR ended the last text: an LF that begins the next one belongs to it. */
  #skipLineFeed = false;
  /** Texts behind the current one, from `#nextText` on, and how long they are together. */
  #texts: string[] = [];
  #nextText = 0;
  #waitingLength = 0;
  /** The text that is being interpreted, and how far it is. */
  #text = "";
  #position = 0;
  // Where the next of each is. They are looked for again only once they are
  // passed, so that a text without one is searched for it once: linear.
  #lineFeed = -1;
  #carriageReturn = -1;
  /** Whether every CR of the text is before an LF of it. */
  #isPaired = true;

  /** Makes an interpreter at the beginning of a stream. */
  constructor(options: InterpreterOptions<T, E>) {
    this.#block = new EventBlock(options);
    this.#unfinishedLine = new UnfinishedLine(this.#block.wire);
  }

  /**
   * Interprets text, until it is used up or an event ends or fails it, and appends the
   * events. Behind such an event it waits.
   *
   * @param bytes The bytes that are its code units, if there are such.
   */
  interpret(text: string, bytes: Units, events: E[]): void {
    if (this.#text === "" && this.#block.stop === undefined) {
      this.#begin(text, bytes, events);
    } else {
      this.#texts.push(text);
      this.#waitingLength += text.length;
    }
  }

  /** Interprets text that waits, as `interpret` does. */
  goOn(events: E[]): void {
    while (this.#block.stop === undefined) {
      if (this.#text !== "") this.#interpretText(undefined, events);
      else if (this.#texts.length > 0) this.#beginNext(events);
      else break;
    }
  }

  /** Bounds exactly what is retained, the unfinished line included. */
  checkRetained(): void {
    const block = this.#block;
    const length = this.#unfinishedLine.valueLength;
    if (block.retain(length)) block.size -= length;
    else this.#drop();
  }

  /** How many code units are retained of a block, the names of fields included. */
  get retained(): number {
    return this.#block.size + this.#unfinishedLine.length;
  }

  /** How many code units wait behind the text that is being interpreted, and in how many pieces. */
  get waiting(): { readonly pieces: number; readonly length: number } {
    const pieces = this.#texts.length - this.#nextText;
    return { pieces, length: this.#waitingLength };
  }

  /** Whether all text was interpreted. */
  get isIdle(): boolean {
    return this.#text === "";
  }

  /** Why text is left that is not interpreted. */
  get stop(): Stop | undefined {
    return this.#block.stop;
  }

  /** Goes on behind an event that failed. */
  resume(): void {
    this.#block.stop = undefined;
  }

  /** Gives up: more was retained than the limit allows. */
  overflow(length: number): void {
    this.#block.overflow(length);
    this.#drop();
  }

  /** The last event ID string. */
  get lastEventId(): string {
    return this.#block.lastEventId;
  }

  /** The reconnection time, once a valid one has come. */
  get reconnectionTime(): number | undefined {
    return this.#block.reconnectionTime;
  }

  /** Lets go of all text. */
  #drop(): void {
    this.#unfinishedLine.finish("");
    this.#text = "";
    this.#forgetTexts();
  }

  #forgetTexts(): void {
    this.#texts = [];
    this.#nextText = 0;
    this.#waitingLength = 0;
  }

  /** Begins the text that has waited longest. */
  #beginNext(events: E[]): void {
    const text = this.#texts[this.#nextText++];
    this.#waitingLength -= text.length;
    if (this.#nextText === this.#texts.length) {
      this.#forgetTexts();
    } else if (this.#nextText * 2 > this.#texts.length) {
      this.#texts = this.#texts.slice(this.#nextText);
      this.#nextText = 0;
    }
    this.#begin(text, undefined, events);
  }

  /** Interprets a text from its beginning. */
  #begin(text: string, bytes: Units, events: E[]): void {
    this.#text = text;
    this.#position = 0;
    if (this.#skipLineFeed) {
      this.#skipLineFeed = false;
      if (text.charCodeAt(0) === LF) this.#position = 1;
    }
    this.#lineFeed = NOT_SOUGHT;
    this.#carriageReturn = text.indexOf("\r", this.#position);
    this.#isPaired = isPairedFrom(text, bytes, this.#carriageReturn);
    this.#interpretText(bytes, events);
  }

  /** Interprets the lines of the text, and keeps the one that does not end. */
  #interpretText(bytes: Units, events: E[]): void {
    // In locals, which the loop reaches faster.
    const text = this.#text;
    const block = this.#block;
    let start = this.#position;
    let lf = this.#lineFeed;
    let cr = this.#carriageReturn;
    const isPaired = this.#isPaired;
    let unfinished = this.#unfinishedLine.begun;

    while (start < text.length && block.stop === undefined) {
      if (isPaired && !unfinished) {
        if (!block.begun) {
          start = wholeEvents(block, text, bytes, start, events);
          if (start === text.length || block.stop !== undefined) break;
        }
        const next = this.#takeDataLines(bytes, start, events);
        if (next > start) {
          start = next;
          continue;
        }
      }
      let end = shortLineEnd(bytes, start);
      if (end === -1) {
        if (lf !== -1 && lf < start) lf = text.indexOf("\n", start);
        if (cr !== -1 && cr < start) cr = text.indexOf("\r", start);
        end = cr === -1 || (lf !== -1 && lf < cr) ? lf : cr;
        if (end === -1) break;
      }
      let next = end + 1;
      if (unitAt(text, bytes, end) === CR) {
        if (next === text.length) this.#skipLineFeed = true;
        else if (unitAt(text, bytes, next) === LF) next++;
      }

      if (unfinished) {
        unfinished = false;
        next = this.#interpretUnfinished(
          bytes,
          text.slice(start, end),
          next,
          events,
        );
      } else if (end === start) {
        block.dispatch(events);
      } else {
        this.#interpretLine(bytes, start, end);
      }

      start = next;
    }
    if (block.stop !== undefined) {
      this.#position = start;
      this.#lineFeed = lf;
      this.#carriageReturn = cr;
      if (block.stop.kind === "overflowed") this.#drop();
      return;
    }
    if (start < text.length) this.#unfinishedLine.append(text.slice(start));
    block.keep(text.length);
    this.#text = "";
  }

  /**
   * Takes lines of data from a text without lone CR, for as long as such come, and the
   * blank line behind them. In a loop of its own the data buffer is built twice as fast.
   *
   * @returns Where the first line begins that is something else, or does not end.
   */
  #takeDataLines(bytes: Units, start: number, events: E[]): number {
    const text = this.#text;
    const block = this.#block;
    let lines = "";
    while (isDataLineOf(text, bytes, start)) {
      const end = text.indexOf("\n", start);
      if (end === -1) break;
      const value = dataValue(text, bytes, start);
      start = end + 1;
      const isPair = unitAt(text, bytes, end - 1) === CR;
      const blank = blankLineAt(text, bytes, start);
      if (blank > 0) {
        if (lines === "" || block.data(lines)) {
          block.dispatchLine(text.slice(value, isPair ? end - 1 : end), events);
        }
        return start + blank;
      }
      // With the line feed that is there, if one is: one piece of text less.
      lines += isPair
        ? text.slice(value, end - 1) + "\n"
        : text.slice(value, start);
    }
    if (lines !== "") block.data(lines);
    return start;
  }

  /** HTML 9.2.6, "process the line", for one that is not blank. */
  #interpretLine(bytes: Units, start: number, end: number): void {
    const text = this.#text;
    const head = this.#head;
    const length = end - start;
    if (bytes === undefined) copyHead(text, start, head);
    const units = bytes ?? head;
    const at = bytes === undefined ? 0 : start;
    const kind = lineKind(units, at, length);
    const offset = valueOffset(units, at, length, kind);
    if (offset < 0 || (kind === COMMENT && !this.#block.wire)) return;
    const value = start + offset;
    if (kind === EVENT && bytes !== undefined) {
      const { types } = this.#block;
      const type = types.known(bytes, value);
      this.#block.eventType(type ?? types.add(text, bytes, value, end));
    } else {
      this.#interpretField(kind, text.slice(value, end));
    }
  }

  /** HTML 9.2.6, "process the field", and comments for those who want them. */
  #interpretField(kind: number, value: string): void {
    const block = this.#block;
    if (kind === EVENT) block.eventType(ownField(value));
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
  #interpretUnfinished(
    bytes: Units,
    end: string,
    next: number,
    events: E[],
  ): number {
    const text = this.#text;
    const block = this.#block;
    const head = this.#head;
    const line = this.#unfinishedLine.finish(end);
    copyHead(line, 0, head);
    const kind = lineKind(head, 0, line.length);
    const offset = valueOffset(head, 0, line.length, kind);
    if (offset < 0) return next;
    const blank = kind === DATA ? blankLineAt(text, bytes, next) : 0;
    if (blank > 0) block.dispatchLine(line.slice(offset), events);
    // A copy, since it was cut out of texts that have been used up.
    else this.#interpretField(kind, ownCopy(line.slice(offset)));
    return next + blank;
  }
}

/** Whether every CR from `cr` on is before an LF: where the next one is, or -1. */
function isPairedFrom(text: string, bytes: Units, cr: number): boolean {
  for (let i = cr; i !== -1; i = text.indexOf("\r", i + 2)) {
    if (i + 1 === text.length || unitAt(text, bytes, i + 1) !== LF) {
      return false;
    }
  }
  return true;
}

/** Where the line from `start` ends, by its bytes, if it is short; else -1. */
function shortLineEnd(bytes: Units, start: number): number {
  if (bytes === undefined) return -1;
  const end = Math.min(bytes.length, start + SHORT_LINE);
  for (let i = start; i < end; i++) {
    const unit = bytes[i];
    if (unit <= CR && (unit === LF || unit === CR)) return i;
  }
  return -1;
}
