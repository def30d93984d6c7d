/** What was thrown where nobody could catch it, for example in a microtask. */
export interface UncaughtErrors extends Disposable {
  readonly errors: unknown[];
}

/** Keeps what nobody catches from ending the process, and writes it down. */
export function trapUncaught(): UncaughtErrors {
  const errors: unknown[] = [];
  function onError(event: ErrorEvent): void {
    event.preventDefault();
    errors.push(event.error);
  }
  function onRejection(event: PromiseRejectionEvent): void {
    event.preventDefault();
    errors.push(event.reason);
  }
  globalThis.addEventListener("error", onError);
  globalThis.addEventListener("unhandledrejection", onRejection);
  return {
    errors,
    [Symbol.dispose]() {
      globalThis.removeEventListener("error", onError);
      globalThis.removeEventListener("unhandledrejection", onRejection);
    },
  };
}
