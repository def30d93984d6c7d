import { createChannel, createResponse } from "better-sse";
import { Hono } from "npm:hono@4.13.19";
import { type SSEStreamingApi, streamSSE } from "npm:hono@4.13.19/streaming";
import { formatEvent } from "../../mod.ts";
import { EventHub } from "../../server.ts";

/** Something that sends the same events to many. */
export interface Contender {
  /** Adds a subscriber; one that will never read, if it is stuck. */
  subscribe(request: Request, isStuck: boolean): Response | Promise<Response>;
  /** Sends an event to all, and does not wait for them. */
  publish(data: string): void;
  /** Sends an event to those alone who never read; says how many were dropped for them so far. */
  fill?(data: string): number;
}

/** What all subscribers of the hub listen to. */
const TOPIC = "all";

/** What only those listen to who never read. */
const STUCK = "stuck";

/** What is compared, each with an id per event and without keep-alives. */
export const CONTENDERS: Readonly<Record<string, () => Contender>> = {
  "bare loop": () => {
    const controllers = new Set<ReadableStreamDefaultController<Uint8Array>>();
    const encoder = new TextEncoder();
    let id = 0;
    return {
      subscribe() {
        let own: ReadableStreamDefaultController<Uint8Array>;
        const body = new ReadableStream<Uint8Array>({
          start(controller) {
            own = controller;
            controllers.add(controller);
            controller.enqueue(encoder.encode(": \n\n"));
          },
          cancel: () => void controllers.delete(own),
        });
        return new Response(body, {
          headers: {
            "content-type": "text/event-stream",
            "cache-control": "no-cache, no-transform",
            "x-accel-buffering": "no",
          },
        });
      },
      publish(data) {
        const text = formatEvent({ event: "message", id: `${++id}`, data });
        const chunk = encoder.encode(text);
        for (const controller of controllers) controller.enqueue(chunk);
      },
    };
  },

  "better-sse": () => {
    const channel = createChannel();
    let id = 0;
    return {
      subscribe: (request) =>
        createResponse(
          request,
          {
            keepAlive: null,
            serializer: String,
          },
          (session) => {
            channel.register(session);
            // So that there is something to read for all.
            session.push("");
          },
        ),
      publish: (data) =>
        void channel.broadcast(data, "message", { eventId: `${++id}` }),
    };
  },

  "hono streamSSE": () => {
    const streams = new Set<SSEStreamingApi>();
    let id = 0;
    const app = new Hono();
    app.get(
      "*",
      (context) =>
        streamSSE(context, async (stream) => {
          const { promise, resolve } = Promise.withResolvers<void>();
          stream.onAbort(resolve);
          streams.add(stream);
          await stream.write(": \n\n");
          await promise;
          streams.delete(stream);
        }),
    );
    return {
      subscribe: (request) => app.fetch(request),
      publish(data) {
        const event = { data, event: "message", id: `${++id}` };
        for (const stream of streams) stream.writeSSE(event);
      },
    };
  },

  "EventHub": () => {
    const hub = new EventHub({
      keepAlive: false,
      // So that who never reads stays.
      slowPolicy: "drop-oldest",
    });
    return {
      subscribe(request, isStuck) {
        return hub.subscribe(request, {
          topics: isStuck ? [TOPIC, STUCK] : [TOPIC],
        });
      },
      publish(data) {
        hub.publish({ event: "message", data }, { topic: TOPIC });
      },
      fill(data) {
        hub.publish({ data }, { topic: STUCK });
        return hub.stats().dropped;
      },
    };
  },
};
