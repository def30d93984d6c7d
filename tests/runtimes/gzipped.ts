import type { Transform } from "node:stream";
import { createGzip } from "node:zlib";
import {
  type CloseReason,
  eventStreamResponse,
  type ServerSentEvent,
} from "../../server.ts";
import { gzipped } from "../helpers/gzipped.ts";
import { settleAll } from "../helpers/portable.ts";

/** What became of compressed streams whose clients have left, one by one. */
export interface LeavingReport {
  /** Why each has ended. */
  readonly reasons: readonly CloseReason[];
  /** How many compressors were destroyed. */
  readonly destroyed: number;
}

/** How many clients leave. */
export const CLIENTS = 40;

/** Leaves compressed streams at as many moments, most of them in the middle of a write. */
export async function leaveGzipped(): Promise<LeavingReport> {
  const reasons: CloseReason[] = [];
  let destroyed = 0;
  const prototype: Transform = Object.getPrototypeOf(createGzip().destroy());
  const { _destroy } = prototype;
  prototype._destroy = function (error, callback) {
    destroyed++;
    _destroy.call(this, error, callback);
  };
  try {
    for (let client = 0; client < CLIENTS; client++) {
      const { body } = eventStreamResponse(largeEvents(), {
        onClose: (reason) => reasons.push(reason),
      });
      const reader = gzipped(body!).getReader();
      for (let reads = client % 4; reads > 0; reads--) await reader.read();
      const read = reader.read();
      for (let turn = 0; turn < client; turn++) await undefined;
      if (client % 3 === 0) await settleAll();
      await reader.cancel();
      await read;
      // A compressor that goes on would be done with its write by then.
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  } finally {
    prototype._destroy = _destroy;
  }
  return { reasons, destroyed };
}

/** Events that take a compressor some milliseconds each. */
function* largeEvents(): Generator<ServerSentEvent> {
  for (let n = 0;; n++) {
    yield { data: Array.from({ length: 50_000 }, (_, i) => i * n).join() };
  }
}
