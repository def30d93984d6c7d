import { ServerSentEventParseStream } from "@std/http/server-sent-event-parse-stream";
import { EventSourceParserStream } from "eventsource-parser/stream";
import {
  EventDecoderStream,
  EventParser,
  EventStream,
  type ServerSentEvent,
} from "../mod.ts";
import { SYNCHRONOUS_READERS } from "./contenders_decode.ts";
import { createFloor } from "./floor.ts";
import type { Reader } from "./reader.ts";

/** `@std/http`, which has no other way in than its stream. */
export const STD_HTTP_READER: Reader = {
  name: "@std/http",
  role: "peer",
  async run(chunks, sink) {
    const messages = streamOf(chunks)
      .pipeThrough(new ServerSentEventParseStream({ ignoreComments: true }));
    for await (const message of messages) {
      sink.add(message.event, message.data, message.id);
    }
  },
};

/** Readers of a `ReadableStream`, whose events are taken in a `for await` loop. */
export const STREAM_READERS: readonly Reader[] = [
  {
    // The chunks are read from the stream, too; no events go through another one.
    name: "floor",
    role: "floor",
    async run(chunks, sink) {
      const floor = createFloor();
      const reader = streamOf(chunks).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        floor.feed(value);
      }
      sink.lines = floor.lines;
    },
  },
  {
    name: "eventsource-parser",
    role: "peer",
    async run(chunks, sink) {
      const events = streamOf(chunks)
        .pipeThrough(new TextDecoderStream())
        .pipeThrough(new EventSourceParserStream());
      for await (const event of events) {
        sink.add(event.event, event.data, event.id);
      }
    },
  },
  STD_HTTP_READER,
  {
    name: "EventDecoderStream",
    role: "ours",
    async run(chunks, sink) {
      const events = streamOf(chunks).pipeThrough(new EventDecoderStream());
      for await (const event of events) {
        sink.add(event.event, event.data, event.lastEventId);
      }
    },
  },
  {
    name: "EventStream",
    role: "ours",
    async run(chunks, sink) {
      for await (const event of new EventStream(streamOf(chunks))) {
        sink.add(event.event, event.data, event.lastEventId);
      }
    },
  },
  {
    name: "EventStream.batches",
    role: "ours",
    async run(chunks, sink) {
      for await (const batch of new EventStream(streamOf(chunks)).batches()) {
        for (const event of batch) {
          sink.add(event.event, event.data, event.lastEventId);
        }
      }
    },
  },
];

/** The least that a `for await` loop over events can cost: a resolved promise for each. */
class BareIterator {
  readonly #chunks: Iterator<Uint8Array>;
  readonly #parser = new EventParser();
  #events: Iterator<ServerSentEvent> = [].values();

  constructor(chunks: Iterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.iterator]();
  }

  next(): Promise<IteratorResult<ServerSentEvent>> {
    for (;;) {
      const event = this.#events.next();
      if (!event.done) return Promise.resolve(event);
      const chunk = this.#chunks.next();
      if (chunk.done) return Promise.resolve(chunk);
      this.#events = this.#parser.feed(chunk.value).values();
    }
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** What iterating costs: the iterators, and as their peer the parser that is under them. */
export const ITERATED_READERS: readonly Reader[] = [
  ...SYNCHRONOUS_READERS
    .filter(({ role }) => role !== "peer")
    .map((it) => it.role === "ours" ? { ...it, role: "peer" as const } : it),
  {
    name: "bare iterator",
    role: "peer",
    async run(chunks, sink) {
      for await (const event of new BareIterator(chunks)) {
        sink.add(event.event, event.data, event.lastEventId);
      }
    },
  },
  ...STREAM_READERS.filter(({ name }) => name.startsWith("EventStream")),
];

function streamOf(
  chunks: readonly Uint8Array<ArrayBuffer>[],
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let next = 0;
  return new ReadableStream({
    pull(controller) {
      if (next < chunks.length) controller.enqueue(chunks[next++]);
      else controller.close();
    },
  });
}
