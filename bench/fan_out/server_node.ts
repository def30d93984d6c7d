import process from "node:process";
import { serve } from "npm:@hono/node-server@2.1.8";
import { createHandler } from "./handler.ts";

serve(
  { fetch: createHandler(process.argv[2]), hostname: "127.0.0.1", port: 0 },
  ({ port }) => console.log(JSON.stringify({ port })),
);
