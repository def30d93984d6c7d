import { serve } from "npm:@hono/node-server@2.1.8";
import { counted } from "./counted.ts";

serve(
  { fetch: counted, hostname: "127.0.0.1", port: 0 },
  ({ port }) => console.log(JSON.stringify({ port })),
);
