import { argv } from "node:process";
import { createContractService } from "../service.ts";
import { clientName } from "./client_name.ts";

/** As much of Bun as is needed here. */
interface Bun {
  serve(options: {
    hostname: string;
    port: number;
    fetch(request: Request): Promise<Response>;
  }): { readonly port: number; stop(): Promise<void> };
}

const { Bun } = globalThis as unknown as { Bun: Bun };
const service = createContractService(clientName(argv.slice(2)));
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: service.handler,
});
console.log(JSON.stringify({ port: server.port }));
await service.stopped;
await server.stop();
