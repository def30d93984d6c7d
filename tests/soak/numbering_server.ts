/**
 * A server that sends numbered events from behind the last event ID, to be killed.
 * Its argument is a seed.
 *
 * It keeps nothing: an event is made from its number, and there is no last one. It
 * ends its streams by itself, a third of them early.
 *
 * @module
 */
import type { ServerSentEvent } from "../../mod.ts";
import { eventStreamResponse, lastEventId } from "../../server.ts";
import { numberedEvent, numberOf } from "./numbered_events.ts";
import { createRandom } from "./random.ts";

const random = createRandom(Number(Deno.args[0]));

async function* eventsFrom(
  number: number,
  length: number,
): AsyncGenerator<ServerSentEvent> {
  const end = number + length;
  while (number < end) {
    yield numberedEvent(++number);
    // In bursts, with a pause of any length between them.
    if (random.below(8) > 0) continue;
    const pause = random.below(4);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(JSON.stringify({ port })),
}, (request) => {
  const number = numberOf(lastEventId(request));
  const length = random.below(random.below(3) === 0 ? 60 : 600);
  return eventStreamResponse(eventsFrom(number, length), {
    retry: 1,
    keepAlive: { interval: 10 },
  });
});
