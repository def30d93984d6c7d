// deno bundle --platform browser --output worker.js examples/hub_worker.ts

/**
 * A hub on Cloudflare Workers: rooms, each a Durable Object with a hub of its own.
 *
 * Elsewhere on Workers one request cannot write to the stream of another; those of
 * one object can. `GET /rooms/NAME` is a stream, `POST /rooms/NAME` publishes its
 * body. The log is in the memory of the object: when that has gone, as it has with a
 * new deployment, a client that comes back is told so with a `stale` event.
 *
 * The command makes one module of it. A configuration names the object `ROOM`:
 *
 * ```toml
 * main = "worker.js"
 * durable_objects.bindings = [{ name = "ROOM", class_name = "Room" }]
 * migrations = [{ tag = "v1", new_classes = ["Room"] }]
 * ```
 *
 * @module
 */

import { EventHub } from "@tidings/sse/server";

/** A room: who listens is in the same object as who publishes. */
export class Room {
  readonly #hub = new EventHub();

  /**
   * Answers a request.
   *
   * @param request A GET for the events, or a POST of one.
   * @returns The stream, or the id of the event.
   */
  async fetch(request: Request): Promise<Response> {
    switch (request.method) {
      case "GET":
        return this.#hub.subscribe(request);
      case "POST":
        return new Response(
          await this.#hub.publish({ data: await request.text() }),
        );
      default:
        return new Response("GET or POST\n", {
          status: 405,
          headers: { allow: "GET, POST" },
        });
    }
  }
}

/** As much of the environment as is needed here. */
export interface Environment {
  /** The rooms. */
  readonly ROOM: {
    idFromName(name: string): unknown;
    get(id: unknown): { fetch(request: Request): Promise<Response> };
  };
}

/** Sends a request to its room. */
const worker = {
  async fetch(request: Request, { ROOM }: Environment): Promise<Response> {
    const { pathname } = new URL(request.url);
    const [, name] = /^\/rooms\/([\w-]{1,64})$/.exec(pathname) ?? [];
    if (name === undefined) return new Response("Not found\n", { status: 404 });
    return await ROOM.get(ROOM.idFromName(name)).fetch(request);
  },
};

export default worker;
