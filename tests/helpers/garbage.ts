import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Lets go of everything that only weak references hold. */
export function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
}
