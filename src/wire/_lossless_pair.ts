/** What becomes of the chunks written to a {@linkcode losslessPair}. */
export interface LosslessTransformer<I, O> {
  /** Transforms a chunk, once a reader waits for one; what comes of it may be enqueued later. */
  transform(
    chunk: I,
    controller: LosslessController<O>,
  ): Promise<void> | undefined;
  /** Called each time that a reader begins to wait. */
  wanted?(controller: LosslessController<O>): void;
  /** Called before it ends or errors, unless its reader has left. It does not throw. */
  flush?(controller: LosslessController<O>): void;
  /** Called exactly once, however the pair comes to its end. */
  finish?(): void;
}

/** The readable side, as a transformer sees it. */
export interface LosslessController<O> {
  /** Hands a chunk to the readable side. */
  enqueue(chunk: O): void;
  /** Errors both sides, the readable one once its queue was read. */
  error(error: unknown): void;
  /** Whether a reader waits and nothing is queued before it. */
  readonly wanted: boolean;
  /** Resolves once that is so, or the pair has come to its end. */
  whenWanted(): Promise<void>;
}

/** The two sides. */
export interface LosslessPair<I, O> {
  /** The side that is read. */
  readonly readable: ReadableStream<O>;
  /** The side that is written to. */
  readonly writable: WritableStream<I>;
}

/**
 * Makes the two sides of a transform stream that loses nothing.
 *
 * When a plain `TransformStream` errors it drops its queue, so that the events
 * of a chunk would be lost for the sake of the last one; and not everywhere does
 * it tell its transformer that its reader has left, so that a timer would run
 * on. This one leaves the queue to be read before it errors, and calls `finish`
 * exactly once.
 */
export function losslessPair<I, O>(
  transformer: LosslessTransformer<I, O>,
): LosslessPair<I, O> {
  let finished = false;
  let wanted = false;
  /** Why a chunk that is still to be transformed never will be. */
  let reason: unknown;
  let failed = false;
  let release = () => {};
  let readableController: ReadableStreamDefaultController<O>;
  let writableController: WritableStreamDefaultController;

  function flush(): void {
    if (!finished) transformer.flush?.(controller);
  }

  function finish(): void {
    finished = true;
    release();
    transformer.finish?.();
  }

  function fail(error: unknown): void {
    flush();
    if (finished) return;
    failed = true;
    reason = error;
    finish();
    failIfRead();
  }

  /** Errors the readable side, once its queue was read: an error would drop it. */
  function failIfRead(): void {
    if (failed && readableController.desiredSize === 0) {
      readableController.error(reason);
    }
  }

  /** Transforms a chunk, without a promise unless one is needed. */
  function transform(chunk: I): Promise<void> | undefined {
    if (finished) throw reason;
    try {
      return transformer.transform(chunk, controller)?.catch(failAndThrow);
    } catch (error) {
      failAndThrow(error);
    }
  }

  function failAndThrow(error: unknown): never {
    fail(error);
    throw error;
  }

  const controller: LosslessController<O> = {
    enqueue(chunk) {
      if (finished) return;
      wanted = false;
      readableController.enqueue(chunk);
    },
    error(error) {
      fail(error);
      writableController.error(error);
    },
    get wanted() {
      return wanted;
    },
    whenWanted() {
      if (wanted || finished) return Promise.resolve();
      return new Promise((resolve) => {
        release = resolve;
      });
    },
  };

  const readable = new ReadableStream<O>({
    start(controller) {
      readableController = controller;
    },
    pull() {
      if (finished) return failIfRead();
      wanted = true;
      transformer.wanted?.(controller);
      if (wanted) release();
    },
    cancel(cause) {
      if (finished) return;
      reason = cause;
      finish();
      writableController.error(cause);
    },
  }, { highWaterMark: 0 });

  const writable = new WritableStream<I>({
    start(controller) {
      writableController = controller;
      // `abort` below has to wait for a write that waits for a reader.
      controller.signal.addEventListener(
        "abort",
        () => fail(controller.signal.reason),
      );
    },
    write(chunk) {
      return wanted
        ? transform(chunk)
        : controller.whenWanted().then(() => transform(chunk));
    },
    close() {
      flush();
      if (finished) return;
      finish();
      readableController.close();
    },
    abort: fail,
  });

  return { readable, writable };
}
