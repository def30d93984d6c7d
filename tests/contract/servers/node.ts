import { argv } from "node:process";
import { serve } from "npm:@hono/node-server@2.1.8";
import { createContractService } from "../service.ts";
import { clientName } from "./client_name.ts";

const service = createContractService(clientName(argv.slice(2)));
const server = serve(
  { fetch: service.handler, hostname: "127.0.0.1", port: 0 },
  ({ port }) => console.log(JSON.stringify({ port })),
);
await service.stopped;
server.close();
