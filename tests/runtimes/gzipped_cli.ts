/** Prints what becomes of compressed streams on Node or Bun whose clients have left. */
import { leaveGzipped } from "./gzipped.ts";

console.log(JSON.stringify(await leaveGzipped()));
