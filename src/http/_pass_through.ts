import { tell } from "./_tell.ts";
import type { CloseReason } from "./close_reason.ts";

/** Who is told how a body ends. */
export interface PassThroughOptions {
  /** Told once why it ends. */
  readonly onClose?: ((reason: CloseReason) => void) | undefined;
  /** Told what breaks it. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** The bytes of a body as they come. */
export function passThrough(
  body: ReadableStream<Uint8Array>,
  aborter: AbortController,
  options: PassThroughOptions,
): ReadableStream<Uint8Array> {
  const { onClose = () => {}, onError = () => {} } = options;
  const reader = body.getReader();
  let over = false;
  return new ReadableStream({
    async pull(controller) {
      let result: ReadableStreamReadResult<Uint8Array>;
      try {
        result = await reader.read();
      } catch (error) {
        if (over) return;
        over = true;
        controller.error(error);
        tell(onError, error);
        tell(onClose, "error");
        return;
      }
      // The client may have left while the chunk was on its way.
      if (over) return;
      if (!result.done) return controller.enqueue(result.value);
      over = true;
      controller.close();
      tell(onClose, "finished");
    },
    async cancel(reason) {
      over = true;
      const cancelled = reader.cancel(reason);
      aborter.abort(reason);
      tell(onClose, "client");
      await cancelled;
    },
  }, { highWaterMark: 0 });
}
