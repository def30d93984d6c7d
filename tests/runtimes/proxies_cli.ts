/** Prints what a proxy on Node or Bun passes on of the server and the codings in its arguments. */
import { passOnCoded } from "./proxies.ts";

const { process } = globalThis as unknown as { process: { argv: string[] } };
const [url, ...codings] = process.argv.slice(2);
console.log(JSON.stringify(await passOnCoded(url, codings)));
