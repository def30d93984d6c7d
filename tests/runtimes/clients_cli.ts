/** Prints what a client on Node or Bun has seen of the server in its argument. */
import { readTwoEvents } from "./clients.ts";

const { process } = globalThis as unknown as { process: { argv: string[] } };
console.log(JSON.stringify(await readTwoEvents(process.argv[2])));
