/** Answers with what a client on workerd has seen of the server in the query. */
import { readTwoEvents } from "./clients.ts";

export default {
  async fetch(request: Request): Promise<Response> {
    const server = new URL(request.url).searchParams.get("server")!;
    return Response.json(await readTwoEvents(server));
  },
};
