import { counted } from "./counted.ts";

/** As much of Bun as is needed here. */
interface Bun {
  serve(options: {
    hostname: string;
    port: number;
    fetch(request: Request): Promise<Response>;
  }): { readonly port: number };
}

const { Bun } = globalThis as unknown as { Bun: Bun };
const { port } = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: counted });
console.log(JSON.stringify({ port }));
