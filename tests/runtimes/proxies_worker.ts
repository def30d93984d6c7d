/** Says what a proxy on workerd passes on of the server and the codings in its URL. */
import { passOnCoded } from "./proxies.ts";

export default {
  async fetch(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url);
    const url = searchParams.get("server") ?? "";
    return Response.json(
      await passOnCoded(url, searchParams.getAll("coding")),
    );
  },
};
