import {
  blankLineIn,
  COMMENT,
  DATA,
  EVENT,
  ID,
  lineKind,
  RETRY,
  valueOffset,
} from "./_field.ts";
import { ByteSurplus } from "./_byte_surplus.ts";
import { EventBlock, type InterpreterOptions } from "./_event_block.ts";
import { plainEvents } from "./_plain_events.ts";
import { tinyEvents } from "./_tiny_events.ts";
import { wholeEvents } from "./_whole_events.ts";
import { ownCopy, ownField } from "../_own_copy.ts";
import type { Stop } from "./_delivery.ts";
import { UnfinishedLine } from "./_unfinished_line.ts";
import type { ServerSentEvent } from "./event.ts";

const LF = 0x0a;

/** Where the next line end is while it has not been needed. */
const NOT_SOUGHT = -2;

/** HTML 9.2.5 and 9.2.6 over text that may be cut anywhere. */
export class Interpreter<T, E extends ServerSentEvent<T>> {
  readonly #block: EventBlock<T, E>;
  readonly #unfinishedLine: UnfinishedLine;
  /** A CR ended the last text: an LF that begins the next one belongs to it. */
  #skipLineFeed = false;
  /** Texts behind the one that an event stopped, from `#nextText` on, and their length together. */
  #texts: string[] = [];
  #nextText = 0;
  #waitingLength = 0;
  // The text that an event stopped, and how far it was interpreted.
  #text = "";
  #position = 0;
  #lineFeed = -1;
  #carriageReturn = -1;
  /** How many more bytes than code units were read of the text. */
  readonly #surpluses = new ByteSurplus();

  /** Makes an interpreter at the beginning of a stream. */
  constructor(options: InterpreterOptions<T, E>) {
    this.#block = new EventBlock(options);
    this.#unfinishedLine = new UnfinishedLine(this.#block.wire);
  }

  /**
   * Interprets text, until it is used up or an event ends or fails it. Behind such an
   * event it waits.
   *
   * @param bytes The bytes that it was decoded from, valid until this returns.
   */
  takeText(text: string, bytes: Uint8Array): void {
    if (this.isIdle) {
      this.#begin(text, bytes);
    } else {
      this.#texts.push(text);
      this.#waitingLength += text.length;
    }
  }

  /**
   * Interprets the tiny events that bytes begin with, from `start` to `end`, if what
   * came before them has been interpreted and a block begins here.
   *
   * @returns Where the rest begins, which is to be interpreted as text.
   */
  takeTiny(bytes: Uint8Array, start: number, end: number): number {
    const block = this.#block;
    const isReady = this.isIdle && block.stop === undefined && !block.begun &&
      !this.#unfinishedLine.begun && !this.#skipLineFeed;
    return isReady ? tinyEvents(block, bytes, start, end) : start;
  }

  /** Interprets text that waits, as `takeText` does. */
  goOn(): void {
    while (this.#block.stop === undefined) {
      if (!this.isIdle) this.#goOnInText();
      else if (this.#texts.length > 0) this.#beginNext();
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

  /** How many code units wait behind the text that an event stopped, and in how many pieces. */
  get waiting(): { readonly pieces: number; readonly length: number } {
    const pieces = this.#texts.length - this.#nextText;
    return { pieces, length: this.#waitingLength };
  }

  /** The events since they were last taken. */
  takeEvents(): E[] {
    const { events = [] } = this.#block;
    this.#block.events = undefined;
    return events;
  }

  /** Whether there is no text that an event has stopped. */
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
  #beginNext(): void {
    const text = this.#texts[this.#nextText++];
    this.#waitingLength -= text.length;
    if (this.#nextText === this.#texts.length) {
      this.#forgetTexts();
    } else if (this.#nextText * 2 > this.#texts.length) {
      this.#texts = this.#texts.slice(this.#nextText);
      this.#nextText = 0;
    }
    this.#begin(text, undefined);
  }

  /** Interprets a text from its beginning. */
  #begin(text: string, bytes: Uint8Array | undefined): void {
    let start = 0;
    if (this.#skipLineFeed) {
      this.#skipLineFeed = false;
      if (text.charCodeAt(0) === LF) start = 1;
    }
    this.#surpluses.reset();
    const cr = text.indexOf("\r", start);
    this.#interpretText(text, bytes, start, NOT_SOUGHT, cr);
  }

  /** Goes on in the text that an event stopped. */
  #goOnInText(): void {
    this.#interpretText(
      this.#text,
      undefined,
      this.#position,
      this.#lineFeed,
      this.#carriageReturn,
    );
  }

  /**
   * Interprets the lines of a text, and keeps the one that does not end.
   *
   * Where it is stands in locals, and is kept only if an event stops it, as hardly any
   * does.
   *
   * @param bytes Its bytes, unless they may have been overwritten.
   * @param lf Where the next one is, -1 if there is none, or `NOT_SOUGHT`. It is looked
   * for again only once it is passed, so that a text without one is searched for it
   * once: linear.
   * @param cr Where the next one is, or -1, with the same in mind.
   */
  #interpretText(
    text: string,
    bytes: Uint8Array | undefined,
    start: number,
    lf: number,
    cr: number,
  ): void {
    const block = this.#block;
    let unfinished = this.#unfinishedLine.begun;
    /** Whether no line has ended with CR alone. */
    let isPaired = true;

    while (start < text.length && block.stop === undefined) {
      if (isPaired && !unfinished) {
        if (cr === -1 && !block.begun) {
          start = plainEvents(block, text, bytes, start);
        }
        const isLeft = start < text.length && block.stop === undefined;
        if (isLeft && bytes !== undefined) {
          start = wholeEvents(block, text, bytes, start, cr, this.#surpluses);
        }
        if (start === text.length || block.stop !== undefined) break;
      }
      if (lf !== -1 && lf < start) lf = text.indexOf("\n", start);
      if (cr !== -1 && cr < start) cr = text.indexOf("\r", start);
      const end = cr === -1 || (lf !== -1 && lf < cr) ? lf : cr;
      if (end === -1) break;
      let next = end + 1;
      if (end === cr) {
        if (text.charCodeAt(next) === LF) {
          next++;
        } else {
          isPaired = false;
          this.#skipLineFeed = next === text.length;
        }
      }

      if (unfinished) {
        unfinished = false;
        next = this.#interpretUnfinished(text, start, end, next);
      } else if (end === start) {
        block.dispatch();
      } else {
        this.#interpretLine(text, start, end);
      }

      start = next;
    }
    if (block.stop !== undefined) {
      this.#text = text;
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

  /** HTML 9.2.6, "process the line", for one that is not blank. */
  #interpretLine(text: string, start: number, end: number): void {
    const length = end - start;
    const kind = lineKind(text, start);
    const offset = valueOffset(text, start, length, kind);
    if (offset < 0 || (kind === COMMENT && !this.#block.wire)) return;
    this.#interpretField(kind, text.slice(start + offset, end));
  }

  /** HTML 9.2.6, "process the field", and comments for those who want them. */
  #interpretField(kind: number, value: string): void {
    const block = this.#block;
    if (kind === EVENT) block.eventType(ownField(value));
    else if (kind === ID) block.eventId(value);
    else if (kind === DATA) block.data(`${value}\n`);
    else if (kind === RETRY) block.reconnection(value);
    else if (kind === COMMENT && block.wire) block.comment(value);
  }

  /**
   * Takes a line that began in an earlier text, and ends in this one.
   *
   * @param next Where the next line begins.
   * @returns Where to go on: at `next`, or behind the blank line there.
   */
  #interpretUnfinished(
    text: string,
    start: number,
    end: number,
    next: number,
  ): number {
    const block = this.#block;
    const line = this.#unfinishedLine.finish(text.slice(start, end));
    const kind = lineKind(line, 0);
    const offset = valueOffset(line, 0, line.length, kind);
    if (offset < 0) return next;
    const blank = kind === DATA ? blankLineIn(text, next) : 0;
    if (blank > 0) block.dispatchLine(line.slice(offset));
    // A copy, since it was cut out of texts that have been used up.
    else this.#interpretField(kind, ownCopy(line.slice(offset)));
    return next + blank;
  }
}
