import {
  type ServerSentEventMessage,
  ServerSentEventStream,
} from "@std/http/server-sent-event-stream";
import { createEventBuffer } from "better-sse";
import { encodeEvent, EventEncoderStream } from "../mod.ts";
import { patchElements } from "../datastar/mod.ts";
import { type Block, layOut } from "./corpora.ts";
import { streamOf } from "./item_stream.ts";
import { patchOf } from "./patches.ts";
import type { Write, Writer } from "./writer.ts";
import { DATASTAR_WRITER } from "./writer_datastar.ts";
import { h3Writer } from "./writer_h3.ts";
import { HONO_WRITER } from "./writer_hono.ts";

/** Writers that turn one event into its bytes, called once per event. */
export const SYNCHRONOUS_WRITERS: readonly Writer[] = [
  {
    // The text is there already, as if writing it cost nothing.
    name: "floor",
    role: "floor",
    prepare(blocks) {
      const encoder = new TextEncoder();
      const texts = blocks.map((block) => layOut(block));
      return (sink) => {
        for (const text of texts) sink.add(encoder.encode(text));
      };
    },
  },
  {
    // What its session does for an event, without the connection: fill a buffer,
    // encode its text, clear it. By default it writes data as JSON; so that the
    // text is the same for all, the data is passed through, a line at a time.
    name: "better-sse",
    role: "peer",
    prepare(blocks) {
      const encoder = new TextEncoder();
      const buffer = createEventBuffer({ serializer: String });
      return (sink) => {
        for (const { comments, event, id, retry, data } of blocks) {
          if (comments !== undefined) {
            for (const comment of comments) buffer.comment(comment);
          }
          if (event !== undefined) buffer.event(event);
          if (id !== undefined) buffer.id(id);
          if (retry !== undefined) buffer.retry(retry);
          if (data !== undefined) {
            for (const line of data.split("\n")) buffer.data(line);
          }
          buffer.dispatch();
          sink.add(encoder.encode(buffer.read()));
          buffer.clear();
        }
      };
    },
  },
  HONO_WRITER,
  DATASTAR_WRITER,
  {
    name: "encodeEvent",
    role: "ours",
    prepare: (blocks) => (sink) => {
      for (const event of blocks) sink.add(encodeEvent(event));
    },
  },
];

/** The same contenders where the patch is to be made, too, of its elements. */
export const PATCH_WRITERS: readonly Writer[] = SYNCHRONOUS_WRITERS.map(
  (writer) => {
    if (writer.role === "ours") return { ...writer, prepare: preparePatches };
    if (writer.role === "floor" || writer === DATASTAR_WRITER) return writer;
    return { ...writer, prepare: () => "it does not make patches" };
  },
);

function preparePatches(blocks: readonly Block[]): Write {
  const texts = blocks.map((block) => patchOf(block)?.elements ?? "");
  return (sink) => {
    for (const elements of texts) {
      sink.add(encodeEvent(patchElements(elements)));
    }
  };
}

/**
 * Writers that turn a stream of events into a stream of bytes.
 *
 * @param together How many events the source has ready at a time.
 */
export function streamWriters(together: number): readonly Writer[] {
  return [
    {
      // The events are read from the stream, too; no bytes go through another one.
      name: "floor",
      role: "floor",
      prepare(blocks) {
        const encoder = new TextEncoder();
        const texts = blocks.map((block) => layOut(block));
        return (sink) =>
          read(
            streamOf(texts, together),
            (text) => sink.add(encoder.encode(text)),
          );
      },
    },
    {
      name: "@std/http",
      role: "peer",
      prepare(blocks) {
        const messages = blocks.map(messageOf);
        return (sink) =>
          read(
            streamOf(messages, together)
              .pipeThrough(new ServerSentEventStream()),
            (chunk) => sink.add(chunk),
          );
      },
    },
    h3Writer(together),
    {
      name: "EventEncoderStream",
      role: "ours",
      prepare: (blocks) => (sink) =>
        read(
          streamOf(blocks, together).pipeThrough(new EventEncoderStream()),
          (chunk) => sink.add(chunk),
        ),
    },
  ];
}

/** The same event as `@std/http` takes it. */
function messageOf({ comments, ...fields }: Block): ServerSentEventMessage {
  return comments === undefined
    ? fields
    : { comment: comments.join("\n"), ...fields };
}

async function read<T>(
  stream: ReadableStream<T>,
  take: (item: T) => void,
): Promise<void> {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    take(value);
  }
}
