import { createResponse } from "better-sse";
import { Hono } from "npm:hono@4.13.19";
import { streamSSE } from "npm:hono@4.13.19/streaming";
import { encodeEvent } from "../mod.ts";
import { eventStreamResponse } from "../server.ts";
import type { Responder } from "./responder.ts";

const URL_OF_REQUEST = "http://localhost/events";

/** Who answers a request with events; none keeps the stream alive. */
export const RESPONDERS: readonly Responder[] = [
  {
    // The bytes are there already; a stream hands them out event by event.
    name: "floor",
    role: "floor",
    prepare(events) {
      const chunks = events.map((event) => encodeEvent(event));
      function handler(_request: Request): Response {
        let next = 0;
        const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
          pull(controller) {
            if (next < chunks.length) controller.enqueue(chunks[next++]);
            else controller.close();
          },
        });
        const headers = { "content-type": "text/event-stream" };
        return new Response(body, { headers });
      }
      return () => handler(new Request(URL_OF_REQUEST));
    },
  },
  {
    // Its session ends only with the request, whose body is then closed behind
    // what was sent.
    name: "better-sse",
    role: "peer",
    prepare(events) {
      const options = { keepAlive: null, serializer: String };
      return () => {
        const client = new AbortController();
        const { signal } = client;
        const request = new Request(URL_OF_REQUEST, { signal });
        return createResponse(request, options, (session) => {
          for (const { data, event, id } of events) {
            session.push(data, event, id);
          }
          client.abort();
        });
      };
    },
  },
  {
    name: "hono streamSSE",
    role: "peer",
    prepare(events) {
      const app = new Hono();
      app.get("/events", (context) =>
        streamSSE(context, async (stream) => {
          for (const event of events) await stream.writeSSE(event);
        }));
      return () => app.fetch(new Request(URL_OF_REQUEST));
    },
  },
  {
    name: "eventStreamResponse, generator",
    role: "ours",
    prepare(events) {
      async function* source() {
        yield* events;
      }
      function handler(_request: Request): Response {
        return eventStreamResponse(source(), { keepAlive: false });
      }
      return () => handler(new Request(URL_OF_REQUEST));
    },
  },
  {
    name: "eventStreamResponse, sender",
    role: "ours",
    prepare(events) {
      function handler(_request: Request): Response {
        return eventStreamResponse(async (sender) => {
          for (const event of events) await sender.send(event);
        }, { keepAlive: false });
      }
      return () => handler(new Request(URL_OF_REQUEST));
    },
  },
];
