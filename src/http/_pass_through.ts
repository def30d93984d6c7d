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
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
      } catch (error) {
        controller.error(error);
        onError(error);
        return onClose("error");
      }
      controller.close();
      onClose("finished");
    },
    async cancel(reason) {
      const cancelled = reader.cancel(reason);
      aborter.abort(reason);
      onClose("client");
      await cancelled;
    },
  }, { highWaterMark: 0 });
}
