import { EventParser } from "../mod.ts";
import { expectedEvents } from "./corpora.ts";
import type { Entry } from "./table.ts";
import { Collector, firstDifference, isSameEvent } from "./verify.ts";

/** An event with all that a response of ten of them has to carry. */
export interface ResponseEvent {
  readonly event: string;
  readonly id: string;
  readonly data: string;
}

/** Something that answers requests with events. */
export interface Responder {
  readonly name: string;
  readonly role: Entry["role"];
  /**
   * Makes a handler that sends these events.
   *
   * @returns Makes a request and answers it.
   */
  prepare(
    events: readonly ResponseEvent[],
  ): () => Response | Promise<Response>;
}

/** How many requests are under way at a time: a wait for a timer is shared by all. */
export const REQUESTS = 64;

/** Puts a responder before the events that it is to send. */
export function responderEntry(
  { name, role, prepare }: Responder,
  events: readonly ResponseEvent[],
): Entry {
  const respond = prepare(events);
  let expectedLength = 0;

  async function answer(): Promise<void> {
    let length = 0;
    for await (const chunk of bodyOf(await respond())) length += chunk.length;
    // So that a time does not count unless the work was done.
    if (length === expectedLength) return;
    throw new Error(`Cannot trust ${name}: it sent ${length} bytes`);
  }

  return {
    name,
    role,
    async verify() {
      const parser = new EventParser();
      const sink = new Collector();
      for await (const chunk of bodyOf(await respond())) {
        expectedLength += chunk.length;
        for (const { event, data, lastEventId } of parser.feed(chunk)) {
          sink.add(event, data, lastEventId);
        }
      }
      return firstDifference(sink.events, expectedEvents(events), isSameEvent);
    },
    async run() {
      await Promise.all(Array.from({ length: REQUESTS }, answer));
    },
  };
}

/** The body of a response that must have one. */
export function bodyOf({ body }: Response): ReadableStream<Uint8Array> {
  if (body === null) throw new Error("Cannot read response: it has no body");
  return body;
}
