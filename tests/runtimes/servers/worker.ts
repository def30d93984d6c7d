import { createHandler } from "./handler.ts";

const handler = createHandler(true);

/** A durable object: its requests share one world, and can write into each other's streams. */
export class Room {
  readonly fetch: (request: Request) => Promise<Response> = createHandler();
}

/** The one object of the configuration. */
interface Environment {
  readonly ROOM: {
    idFromName(name: string): unknown;
    get(id: unknown): { fetch(request: Request): Promise<Response> };
  };
}

export default {
  fetch(request: Request, { ROOM }: Environment): Promise<Response> {
    if (!request.headers.has("x-room")) return handler(request);
    return ROOM.get(ROOM.idFromName("")).fetch(request);
  },
};
