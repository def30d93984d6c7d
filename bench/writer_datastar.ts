import { ServerSentEventGenerator } from "@starfederation/datastar-sdk/web";
import { patchOf } from "./patches.ts";
import type { ByteSink, Writer } from "./writer.ts";

/** The Datastar SDK with a sink for the queue of its stream. */
class SinkGenerator extends ServerSentEventGenerator {
  constructor(sink: ByteSink) {
    super({
      desiredSize: null,
      enqueue: (chunk) => sink.add(chunk),
      close() {},
      error() {},
    });
  }
}

/** The Datastar SDK, which makes every patch of its elements. */
export const DATASTAR_WRITER: Writer = {
  name: "Datastar SDK",
  role: "peer",
  prepare(blocks) {
    const patches = blocks.flatMap((block) => patchOf(block) ?? []);
    if (patches.length < blocks.length) return "it writes Datastar events only";
    return (sink) => {
      const generator = new SinkGenerator(sink);
      for (const { elements, ...options } of patches) {
        generator.patchElements(elements, options);
      }
    };
  },
};
