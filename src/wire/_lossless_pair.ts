/** What becomes of the chunks written to a {@linkcode losslessPair}. */
export interface LosslessTransformer<I, O> {
  /** Transforms a chunk, once a reader waits for one. */
  transform(
    chunk: I,
    controller: LosslessController<O>,
  ): Promise<void> | undefined;
  /** Called each time that a reader begins to wait. */
  wanted?(controller: LosslessController<O>): void;
  /** Called before it ends or errors, unless its reader has left. */
  flush?(controller: LosslessController<O>): void;
  /** Called exactly once, however the pair comes to its end. */
  finish?(): void;
}

/** The readable side, as a transformer sees it. */
export interface LosslessController<O> {
  /** Hands a chunk to the readable side. */
  enqueue(chunk: O): void;
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
  let failure: { readonly error: unknown } | undefined;
  let release = () => {};
  let readableController: ReadableStreamDefaultController<O>;
  let writableController: WritableStreamDefaultController;

  function flush(): void {
    if (!finished) transformer.flush?.(controller);
  }

  function finish(): boolean {
    if (finished) return false;
    finished = true;
    release();
    transformer.finish?.();
    return true;
  }

  function fail(error: unknown): void {
    flush();
    if (!finish()) return;
    failure = { error };
    failIfRead();
  }

  /** Errors the readable side, once its queue was read: an error would drop it. */
  function failIfRead(): void {
    if (failure !== undefined && readableController.desiredSize === 0) {
      readableController.error(failure.error);
    }
  }

  /** Without a promise where none is needed: an event takes one less then. */
  function transform(chunk: I): Promise<void> | undefined {
    if (finished) return;
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
    cancel(reason) {
      if (finish()) writableController.error(reason);
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
      if (finish()) readableController.close();
    },
    abort: fail,
  });

  return { readable, writable };
}
