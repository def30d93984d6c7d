import { serve } from "npm:srvx@1.0.8/node";
import { createHandler } from "./handler.ts";

const server = serve({
  fetch: createHandler(),
  hostname: "127.0.0.1",
  port: 0,
  silent: true,
});
await server.ready();
console.log(JSON.stringify({ port: Number(new URL(server.url!).port) }));
