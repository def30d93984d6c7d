/** Thrown to whoever waits when the wait is interrupted. */
export class Interrupted extends Error {}

/** Lets one who waits be called away. */
export interface Interrupt {
  /**
   * Waits for something, unless it is interrupted.
   *
   * @param start Starts it. Should it fail after the interruption, nobody is told.
   * @throws {Interrupted} If it is interrupted.
   */
  race<V>(start: () => Promise<V>): Promise<V>;
  /** Calls away who waits, or who would wait next. */
  fire(): void;
}

/** Makes an interrupt for one who waits for one thing at a time. */
export function createInterrupt(): Interrupt {
  let leave: (() => void) | undefined;
  let isFired = false;
  return {
    race(start) {
      return new Promise((resolve, reject) => {
        const interrupted = () => {
          isFired = false;
          leave = undefined;
          reject(new Interrupted());
        };
        if (isFired) return interrupted();
        leave = interrupted;
        const settled = () => {
          if (leave === interrupted) leave = undefined;
        };
        start().then((value) => {
          settled();
          resolve(value);
        }, (error) => {
          settled();
          reject(error);
        });
      });
    },
    fire() {
      isFired = true;
      leave?.();
    },
  };
}
