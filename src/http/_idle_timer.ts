/** Notices that nothing has happened for a while. */
export interface IdleTimer {
  /** Says that something has happened: the wait begins anew. */
  touch(): void;
  /** Stops for good. */
  clear(): void;
}

/**
 * Makes a timer that calls back each time that nothing has happened for
 * `interval` milliseconds. It waits from the first touch on.
 */
export function createIdleTimer(
  interval: number,
  onIdle: () => void,
): IdleTimer {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let cleared = false;

  function touch(): void {
    if (cleared) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      touch();
      onIdle();
    }, interval);
  }

  return {
    touch,
    clear() {
      cleared = true;
      clearTimeout(timer);
    },
  };
}
