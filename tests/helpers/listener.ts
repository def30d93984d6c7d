import { EventParser, type ServerSentEvent } from "../../mod.ts";
import type { EventHub, SubscribeOptions } from "../../server.ts";

/** How a listener subscribes. */
export interface ListenOptions extends SubscribeOptions {
  /** What the request says in `Last-Event-ID`. */
  readonly header?: string;
}

/** One who listens to a hub without sockets, and reads only when it is told to. */
export interface Listener {
  /** The response. */
  readonly response: Response;
  /** Every block read so far, in the wire view, without the opening comment. */
  readonly events: readonly ServerSentEvent[];
  /** The last id read so far. */
  readonly lastEventId: string;
  /** Reads a chunk as it comes. */
  chunk(): Promise<Uint8Array | undefined>;
  /** Reads on until `isEnough` says so, and gives all blocks read so far. */
  until(
    isEnough: (events: readonly ServerSentEvent[]) => boolean,
  ): Promise<readonly ServerSentEvent[]>;
  /** Reads on until there are so many events with data. */
  untilData(count: number): Promise<string[]>;
  /** Reads to the end. */
  rest(): Promise<readonly ServerSentEvent[]>;
  /** The data of all events so far. */
  data(): string[];
  /** Leaves. */
  cancel(): Promise<void>;
}

/** Subscribes to a hub. */
export function listen<T>(
  hub: EventHub<T>,
  options: ListenOptions = {},
): Listener {
  const { header, ...subscribe } = options;
  const headers = header === undefined ? [] : [["last-event-id", header]];
  const request = new Request("http://localhost/", {
    headers: headers as [string, string][],
  });
  return listenTo(hub.subscribe(request, subscribe));
}

/** Listens to a response. */
export function listenTo(response: Response): Listener {
  const reader = response.body!.getReader();
  const parser = new EventParser({ view: "wire" });
  const events: ServerSentEvent[] = [];

  async function chunk(): Promise<Uint8Array | undefined> {
    const { done, value } = await reader.read();
    if (done) return undefined;
    for (const event of parser.feed(value)) {
      if (!isOpening(event)) events.push(event);
    }
    return value;
  }

  const data = () => events.flatMap(({ data }) => data ?? []);

  async function until(
    isEnough: (events: readonly ServerSentEvent[]) => boolean,
  ): Promise<readonly ServerSentEvent[]> {
    while (!isEnough(events)) {
      if (await chunk() === undefined) {
        throw new Error(`The stream has ended: ${JSON.stringify(events)}`);
      }
    }
    return events;
  }

  return {
    response,
    events,
    get lastEventId() {
      return parser.lastEventId;
    },
    chunk,
    until,
    async untilData(count) {
      await until(() => data().length >= count);
      return data();
    },
    async rest() {
      while (await chunk() !== undefined);
      return events;
    },
    data,
    cancel: () => reader.cancel(),
  };
}

function isOpening({ comments, data, id }: ServerSentEvent): boolean {
  return comments !== undefined && data === undefined && id === undefined;
}
