import { SSEStreamingApi } from "npm:hono@4.13.19/streaming";
import { type ByteSink, messageOf, type Writer } from "./writer.ts";

/** The stream of hono's `streamSSE`, whose bytes go to a sink. */
class SinkStream extends SSEStreamingApi {
  readonly #encoder = new TextEncoder();
  readonly #sink: ByteSink;

  constructor(sink: ByteSink) {
    const { readable, writable } = new TransformStream();
    super(writable, readable);
    this.#sink = sink;
  }

  override write(input: Uint8Array | string): Promise<this> {
    const isText = typeof input === "string";
    this.#sink.add(isText ? this.#encoder.encode(input) : input);
    return Promise.resolve(this);
  }
}

/** The `writeSSE` of hono, each call awaited as its users do. */
export const HONO_WRITER: Writer = {
  name: "hono",
  role: "peer",
  prepare(blocks) {
    if (blocks.some(({ comments }) => comments !== undefined)) {
      return "it writes no comments";
    }
    const messages = blocks.map(messageOf);
    return async (sink) => {
      const stream = new SinkStream(sink);
      for (const message of messages) await stream.writeSSE(message);
    };
  },
};
