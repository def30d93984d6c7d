import { createContractService } from "../service.ts";
import { clientName } from "./client_name.ts";

const service = createContractService(clientName(Deno.args));
const server = Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(JSON.stringify({ port })),
}, service.handler);
await service.stopped;
await server.shutdown();
