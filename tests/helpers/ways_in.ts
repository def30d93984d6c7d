import {
  EventDecoderStream,
  EventParser,
  EventStream,
  type EventStreamOptions,
  type ServerSentEvent,
} from "../../mod.ts";
import { present } from "./events.ts";
import { collect, streamOf } from "./streams.ts";

/** What was read, and the state that was left behind. */
export interface Outcome<T> {
  readonly events: ServerSentEvent<T>[];
  readonly lastEventId: string;
  readonly reconnectionTime: number | undefined;
}

/** A way to read an event stream to its end. */
export interface WayIn {
  readonly name: string;
  read<T = string>(
    chunks: readonly Uint8Array[],
    options?: Omit<EventStreamOptions<T>, "until">,
  ): Promise<Outcome<T>>;
}

/** Every public way to read, each of which must read the same. */
export const waysIn: readonly WayIn[] = [
  {
    name: "EventParser",
    read(chunks, options) {
      const parser = new EventParser(options);
      const events = chunks.flatMap((chunk) => parser.feed(chunk));
      return Promise.resolve(outcome(parser, events));
    },
  },
  {
    name: "EventDecoderStream",
    async read(chunks, options) {
      const decoder = new EventDecoderStream(options);
      const events = await collect(streamOf(...chunks).pipeThrough(decoder));
      return outcome(decoder, events);
    },
  },
  {
    name: "EventStream",
    async read(chunks, options) {
      const stream = new EventStream(streamOf(...chunks), options);
      return outcome(stream, await collect(stream));
    },
  },
  {
    name: "EventStream.batches",
    async read(chunks, options) {
      const stream = new EventStream(streamOf(...chunks), options);
      return outcome(stream, (await collect(stream.batches())).flat());
    },
  },
];

function outcome<T>(
  state: Pick<EventParser, "lastEventId" | "reconnectionTime">,
  events: ServerSentEvent<T>[],
): Outcome<T> {
  const { lastEventId, reconnectionTime } = state;
  return { events: events.map(present), lastEventId, reconnectionTime };
}
