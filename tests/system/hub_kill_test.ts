import { assertNotEquals } from "@std/assert";
import { killUnderLoad } from "./kill/hub_kill.ts";

const SUBSCRIBERS = 1000;

for (
  const [what, acts] of [["servers are", [0, 1]], ["Redis is", [
    "redis",
  ]]] as const
) {
  Deno.test(`EventHub loses and repeats nothing for ${SUBSCRIBERS} subscribers while ${what} killed`, async () => {
    const figures = await killUnderLoad({
      subscribers: SUBSCRIBERS,
      rate: 100,
      eventsPerAct: 60,
      acts,
    });
    console.log(figures);
    // Something did go wrong.
    const { unacknowledgedKept, unacknowledgedLost } = figures;
    assertNotEquals(unacknowledgedKept + unacknowledgedLost, 0);
  });
}
