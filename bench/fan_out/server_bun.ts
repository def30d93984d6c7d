import process from "node:process";
import { createHandler } from "./handler.ts";

/** As much of Bun as is needed here. */
interface Bun {
  serve(options: {
    hostname: string;
    port: number;
    idleTimeout: number;
    fetch: ReturnType<typeof createHandler>;
  }): { readonly port: number };
}

const { Bun } = globalThis as unknown as { Bun: Bun };
const { port } = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  // Nobody is kept alive here, and while others are measured nothing is sent.
  idleTimeout: 0,
  fetch: createHandler(process.argv[2]),
});
console.log(JSON.stringify({ port }));
