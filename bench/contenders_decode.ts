import { createParser } from "eventsource-parser";
import { EventParser } from "../mod.ts";
import { createFloor } from "./floor.ts";
import type { Reader } from "./reader.ts";

/** Above the default, for the sake of the worst cases. */
const MAX_EVENT_SIZE = 64 * 1024 * 1024;

/** Readers that take chunks and call back, or return. */
export const SYNCHRONOUS_READERS: readonly Reader[] = [
  {
    name: "floor",
    role: "floor",
    run(chunks, sink) {
      const floor = createFloor();
      for (const chunk of chunks) floor.feed(chunk);
      sink.lines = floor.lines;
    },
  },
  {
    // It takes text: whoever has bytes puts a streaming decoder before it.
    name: "eventsource-parser",
    role: "peer",
    run(chunks, sink) {
      const decoder = new TextDecoder();
      const parser = createParser({
        onEvent: (event) => sink.add(event.event, event.data, event.id),
      });
      for (const chunk of chunks) {
        parser.feed(decoder.decode(chunk, { stream: true }));
      }
    },
  },
  {
    name: "EventParser",
    role: "ours",
    run(chunks, sink) {
      const parser = new EventParser({ maxEventSize: MAX_EVENT_SIZE });
      for (const chunk of chunks) {
        for (const event of parser.feed(chunk)) {
          sink.add(event.event, event.data, event.lastEventId);
        }
      }
    },
  },
];
