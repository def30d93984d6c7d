// @ts-types="npm:@types/sinonjs__fake-timers@^15.0.1"
import { install } from "@sinonjs/fake-timers";

/** A clock that stands still until a test moves it, in place of the global one. */
export interface FakeClock extends Disposable {
  /** The milliseconds since it was made, whatever the system time is set to. */
  readonly now: number;
  /** How many timers are running. */
  readonly timers: number;
  /** Moves the time on, timer by timer, and lets all promises settle. */
  tick(milliseconds: number): Promise<void>;
  /** Sets the system time, as a user or NTP does; timers are not affected. */
  setSystemTime(time: number): void;
}

/** Takes the place of the global timers and dates until it is disposed of. */
export function fakeClock(): FakeClock {
  const clock = install({
    now: Date.now(),
    toFake: [
      "setTimeout",
      "clearTimeout",
      "setInterval",
      "clearInterval",
      "Date",
      "performance",
    ],
  });
  let now = 0;
  return {
    get now() {
      return now;
    },
    get timers() {
      return clock.countTimers();
    },
    async tick(milliseconds) {
      await clock.tickAsync(milliseconds);
      now += milliseconds;
    },
    setSystemTime: (time) => clock.setSystemTime(time),
    [Symbol.dispose]: () => clock.uninstall(),
  };
}
