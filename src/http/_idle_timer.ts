/** Notices that nothing has happened for a while. */
export interface IdleTimer {
  /** Says that something has happened, and begins to wait the first time. */
  touch(): void;
  /** Stops for good. */
  clear(): void;
}

/**
 * Makes a timer that calls back each time that nothing has happened for
 * `interval` milliseconds.
 *
 * A touch takes down the time and nothing else, since setting a timer anew for
 * every event would cost more than the event.
 */
export function createIdleTimer(
  interval: number,
  onIdle: () => void,
): IdleTimer {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let cleared = false;
  let touched = 0;

  function wait(milliseconds: number): void {
    timer = setTimeout(check, milliseconds);
  }

  function check(): void {
    const left = touched + interval - Date.now();
    if (left > 0) {
      // A clock that was set back must not stretch the wait.
      return wait(Math.min(left, interval));
    }
    touched = Date.now();
    wait(interval);
    onIdle();
  }

  return {
    touch() {
      if (cleared) return;
      touched = Date.now();
      if (timer === undefined) wait(interval);
    },
    clear() {
      cleared = true;
      clearTimeout(timer);
    },
  };
}
