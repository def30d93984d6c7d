/** Prints what becomes of the suite on Node and Bun. */
import { runSuite } from "./suite.ts";

console.log(JSON.stringify(await runSuite()));
