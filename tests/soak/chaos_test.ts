import { assertEquals, assertNotEquals } from "@std/assert";
import { chaos } from "./chaos.ts";

const RESTARTS = 100;

Deno.test(`connect delivers each event once, in order, while the server is killed ${RESTARTS} times`, async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const figures = await chaos({
    restarts: RESTARTS,
    eventsPerRestart: 500,
    seed,
  });
  console.log(figures);
  assertEquals(figures.restarts, RESTARTS);
  // Nothing was spared the client.
  const { afterEnd, afterError, proxy } = figures;
  for (const count of [afterEnd, afterError, ...Object.values(proxy)]) {
    assertNotEquals(count, 0);
  }
});
