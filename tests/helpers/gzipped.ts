import { pipeline, Readable } from "node:stream";
import { constants, createGzip } from "node:zlib";

// What follows is in `docs/deployment.md`, word for word.

export function gzipped(
  body: ReadableStream<Uint8Array>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const zip = createGzip({ flush: constants.Z_SYNC_FLUSH });
  const chunks = zip[Symbol.asyncIterator]();
  // Whichever of the two breaks, or is destroyed, takes the other with it.
  pipeline(Readable.fromWeb(body), zip, () => {});
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    // The client has left.
    cancel() {
      zip.destroy();
    },
  }, { highWaterMark: 0 });
}
