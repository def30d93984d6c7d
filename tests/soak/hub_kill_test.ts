import { assertNotEquals } from "@std/assert";
import { type KillOptions, killUnderLoad } from "../system/kill/hub_kill.ts";

const RUNS = 20;

/** How many subscribers there are, in turn. */
const SUBSCRIBERS = [1000, 2500, 5000, 10_000];

/** What is killed, for all numbers of subscribers in turn. */
const ACTS: readonly KillOptions["acts"][] = [[0, 1], ["redis"], [
  0,
  "redis",
  1,
]];

for (let run = 0; run < RUNS; run++) {
  const subscribers = SUBSCRIBERS[run % SUBSCRIBERS.length];
  const acts = ACTS[Math.floor(run / SUBSCRIBERS.length) % ACTS.length];
  Deno.test(`EventHub loses and repeats nothing, run ${run + 1} of ${RUNS}: ${subscribers} subscribers, killed are ${acts.join(", ")}`, async () => {
    const figures = await killUnderLoad({
      subscribers,
      // About as many deliveries, however many there are who get them.
      rate: Math.max(10, 100_000 / subscribers),
      eventsPerAct: Math.max(20, 100_000 / subscribers),
      acts,
    });
    console.log(figures);
    const { unacknowledgedKept, unacknowledgedLost } = figures;
    assertNotEquals(unacknowledgedKept + unacknowledgedLost, 0);
  });
}
