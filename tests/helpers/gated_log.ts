import type {
  EventLog,
  EventLogEntry,
  EventLogListener,
  EventLogTail,
  NewEventLogEntry,
} from "../../server.ts";

/**
 * A log as far away as a test wants it to be.
 *
 * Its ids are `e-1`, `e-2` and so on; `e-0` is the place before all. Every question
 * waits at a gate before it is answered, and its answer at another before it is
 * given; what is appended reaches the listener when the test says so.
 */
export class GatedLog implements EventLog {
  /** All that was ever appended. */
  readonly all: EventLogEntry[] = [];
  /** How many of them are gone. */
  trimmed = 0;
  /** Whether all gates are open. */
  isOpen: boolean;
  /** How often the listener was told of a gap. */
  gaps = 0;
  readonly #gates: (() => void)[] = [];
  #listener: EventLogListener | undefined;
  /** How many entries the listener was given. */
  #given = 0;

  /** Makes a log, whose gates are open or closed. */
  constructor({ isOpen = false } = {}) {
    this.isOpen = isOpen;
  }

  /** How many wait at a gate. */
  get waiting(): number {
    return this.#gates.length;
  }

  /** Whether somebody follows it. */
  get isFollowed(): boolean {
    return this.#listener !== undefined;
  }

  /** How many entries the listener has not been given. */
  get undelivered(): number {
    return this.#listener === undefined ? 0 : this.all.length - this.#given;
  }

  /** Lets one through that waits at a gate. */
  release(index = 0): void {
    this.#gates.splice(index, 1)[0]?.();
  }

  /** Opens all gates for good. */
  open(): void {
    this.isOpen = true;
    while (this.#gates.length > 0) this.release();
  }

  /** Gives the listener so many entries; tells it if the next is gone. */
  deliver(count = Infinity): void {
    const listener = this.#listener;
    if (listener === undefined || this.undelivered === 0) return;
    if (this.#given < this.trimmed) {
      this.#given = this.trimmed;
      this.gaps++;
      listener.gap(`e-${this.trimmed}`, this.#oldest());
    }
    const entries = this.all.slice(this.#given, this.#given + count);
    this.#given += entries.length;
    if (entries.length > 0) listener.entries(entries);
  }

  /** Lets go of so many entries. */
  trim(count: number): void {
    this.trimmed = Math.min(this.all.length, this.trimmed + count);
  }

  append(entry: NewEventLogEntry): Promise<string> {
    const id = `e-${this.all.length + 1}`;
    this.all.push({ ...entry, id });
    return Promise.resolve(id);
  }

  readAfter(
    id: string,
    limit: number,
  ): Promise<readonly EventLogEntry[] | undefined> {
    return this.#answer(() => {
      const number = numberOf(id);
      const isPlaced = number >= this.trimmed && number <= this.all.length;
      return isPlaced ? this.all.slice(number, number + limit) : undefined;
    });
  }

  oldest(): Promise<string | undefined> {
    return this.#answer(() => this.#oldest());
  }

  tail(listener: EventLogListener): Promise<EventLogTail> {
    return this.#answer(() => {
      this.#listener = listener;
      this.#given = this.all.length;
      return {
        position: `e-${this.all.length}`,
        stop: () => {
          this.#listener = undefined;
        },
      };
    });
  }

  compare(a: string, b: string): number {
    return numberOf(a) - numberOf(b);
  }

  close(): Promise<void> {
    this.#listener = undefined;
    this.open();
    return Promise.resolve();
  }

  #oldest(): string | undefined {
    return this.all[this.trimmed]?.id;
  }

  async #answer<R>(answer: () => R): Promise<R> {
    await this.#gate();
    const answered = answer();
    await this.#gate();
    return answered;
  }

  #gate(): Promise<void> {
    return new Promise((resolve) => {
      if (this.isOpen) resolve();
      else this.#gates.push(resolve);
    });
  }
}

/** The number of an id, `NaN` if it is none. */
export function numberOf(id: string): number {
  return Number(/^e-(\d+)$/.exec(id)?.[1] ?? NaN);
}
