import { assertNotEquals } from "@std/assert";
import { killUnderLoad } from "./kill/hub_kill.ts";

const SUBSCRIBERS = 1000;

for (const acts of [[0, 1], ["redis", "redis"]] as const) {
  Deno.test(`EventHub loses and repeats nothing for ${SUBSCRIBERS} subscribers while ${acts.join(" and ")} is killed`, async () => {
    const figures = await killUnderLoad({
      subscribers: SUBSCRIBERS,
      rate: 100,
      eventsPerAct: 100,
      acts,
    });
    console.log(figures);
    if (acts[0] !== "redis") assertNotEquals(figures.reconnects, 0);
  });
}
