import { writeEvent } from "../wire/_write_event.ts";
import type { EventEncoderOptions } from "../wire/format_event.ts";
import type { EventBody } from "./_event_body.ts";
import type { EventPull } from "./_event_source.ts";
import { tell } from "./_tell.ts";

/** Moves events from a source to a body, as its reader wants them. */
export interface EventPump {
  /** Asks the source for more, unless it is being asked already. */
  ask(body: EventBody): void;
  /** Tells the source that no more is wanted, without waiting for it. */
  leave(reason: unknown, onError: (error: unknown) => unknown): void;
}

/**
 * The events of an iterable leave as one chunk up to about this many code units.
 * Those of an asynchronous source leave one by one: to know whether another one
 * is ready would be to ask for it before the reader wants it.
 */
const CHUNK_SIZE = 16 * 1024;

/** Makes a pump. */
export function createEventPump<T>(
  events: EventPull<T>,
  options: EventEncoderOptions<T>,
): EventPump {
  const encoder = new TextEncoder();
  let asking = false;

  async function pump(body: EventBody): Promise<void> {
    let text = "";
    const push = () => {
      if (text !== "") body.push(encoder.encode(text));
      text = "";
    };
    asking = true;
    try {
      let asynchronous: boolean;
      do {
        const next = events.next();
        asynchronous = next instanceof Promise;
        const result = next instanceof Promise ? await next : next;
        if (body.closeReason !== undefined) return;
        if (result.done) {
          push();
          return body.close("finished");
        }
        text += writeEvent(result.value, options);
      } while (!asynchronous && text.length < CHUNK_SIZE);
      push();
    } catch (error) {
      push();
      body.fail(error);
    } finally {
      asking = false;
    }
  }

  return {
    ask(body) {
      if (!asking) pump(body);
    },
    leave(reason, onError) {
      events.cancel(reason).catch((error) => tell(onError, error));
    },
  };
}
