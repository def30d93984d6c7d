import { assertLess } from "@std/assert";
import { comeAndGo } from "../system/kill/come_and_go.ts";

/** 4 KiB, in MiB: a subscriber takes some 65 KiB while it is there. */
const KEPT_PER_CLIENT = 4 / 1024;

const CLIENTS = 10_000;

Deno.test(`EventHub keeps nothing of ${CLIENTS} subscribers that have gone`, async () => {
  const figures = await comeAndGo(CLIENTS);
  console.log(figures);
  assertLess(figures.after - figures.before, CLIENTS * KEPT_PER_CLIENT);
});
