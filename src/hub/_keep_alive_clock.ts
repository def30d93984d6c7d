import type { Subscriber } from "./_subscriber.ts";

/** One timer that keeps any number of streams alive. */
export interface KeepAliveClock {
  /** Runs from now on. */
  start(): void;
  /** Stops until it is started again. */
  stop(): void;
}

/** The timer looks so often per interval: a keep-alive is late by that much at most. */
const LOOKS_PER_INTERVAL = 8;

/** Makes a clock that sends a chunk to those to whom nothing was sent for `interval` milliseconds. */
export function createKeepAliveClock(
  subscribers: Iterable<Subscriber>,
  interval: number,
  chunkFor: (subscriber: Subscriber) => Uint8Array<ArrayBuffer>,
): KeepAliveClock {
  let timer: ReturnType<typeof setInterval> | undefined;
  const period = Math.max(1, interval / LOOKS_PER_INTERVAL);

  function look(): void {
    // Rather early than late: what is due before the next look is due now.
    const due = performance.now() - interval + period;
    for (const subscriber of subscribers) {
      if (subscriber.lastSent <= due && subscriber.wanted) {
        subscriber.offer(chunkFor(subscriber));
      }
    }
  }

  return {
    start() {
      timer ??= setInterval(look, period);
    },
    stop() {
      clearInterval(timer);
      timer = undefined;
    },
  };
}
