import { ServerSentEventParseStream } from "@std/http/server-sent-event-parse-stream";
import { createParser } from "eventsource-parser";
import { collect, streamOf } from "./streams.ts";

/** An event as far as every peer hands it out. */
export interface PeerEvent {
  readonly event?: string | undefined;
  readonly data?: string | undefined;
  readonly id?: string | undefined;
}

/** Reads an event stream with somebody else's code. */
export type Peer = (chunks: readonly Uint8Array[]) => Promise<PeerEvent[]>;

/** The peers that the ledger of differences is about. */
export const peers: Readonly<Record<string, Peer>> = {
  async "@std/http"(chunks) {
    const messages = await collect(
      streamOf(...chunks).pipeThrough(
        new ServerSentEventParseStream({ ignoreComments: true }),
      ),
    );
    return messages.map(({ event, data, id }) => ({ event, data, id }));
  },
  "eventsource-parser"(chunks) {
    const events: PeerEvent[] = [];
    const parser = createParser({
      onEvent: ({ event, data, id }) => events.push({ event, data, id }),
    });
    const decoder = new TextDecoder();
    for (const chunk of chunks) {
      parser.feed(decoder.decode(chunk, { stream: true }));
    }
    return Promise.resolve(events);
  },
};
