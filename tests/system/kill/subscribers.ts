/**
 * Many subscribers in one process, spread over all servers. What one reads is
 * compared with what the others of its topic have read; at the end it is printed.
 *
 * Its argument is a {@linkcode SubscribersTask} as JSON.
 *
 * @module
 */
import { connect } from "../../../client.ts";

/** What the subscribers are to do. */
export interface SubscribersTask {
  readonly ports: readonly number[];
  readonly count: number;
  /** What they listen to, in turn; `""` is everything. */
  readonly topics: readonly string[];
  /** The id behind which they begin. */
  readonly from: string;
  /** The data of the event at which they end, by topic. */
  readonly ends: Readonly<Record<string, string>>;
}

/** What they have read. */
export interface SubscribersResult {
  /** By topic: the id and the data of all events, as all who listen to it have read them. */
  readonly read: Readonly<
    Record<string, readonly (readonly [string, string])[]>
  >;
  /** How often a connection was opened again. */
  readonly reconnects: number;
  /** How many events were read, by all together. */
  readonly delivered: number;
}

async function main(): Promise<void> {
  const task: SubscribersTask = JSON.parse(Deno.args[0]);
  const { ports, count, topics, from, ends } = task;
  const read: Record<string, [string, string][]> = {};
  for (const topic of topics) read[topic] = [];
  let reconnects = 0;
  let delivered = 0;

  async function subscribe(number: number): Promise<void> {
    const topic = topics[number % topics.length];
    const all = read[topic];
    const query = topic === "" ? "" : `?topic=${topic}`;
    // From one server to the next.
    let server = number;
    const events = connect(`http://127.0.0.1/events${query}`, {
      lastEventId: from,
      initialDelay: 20,
      maxDelay: 400,
      fetch(_, init) {
        const port = ports[server++ % ports.length];
        return fetch(`http://127.0.0.1:${port}/events${query}`, init);
      },
      onReconnect() {
        reconnects++;
      },
    });
    let index = 0;
    for await (const { event, id = "", data = "" } of events) {
      const other = all[index];
      if (other === undefined) all.push([id, data]);
      else if (other[0] !== id || other[1] !== data || event !== undefined) {
        throw new Error(
          `Subscriber ${number} to "${topic}" has read ` +
            `${event} ${id} "${data}" where others have ${other}`,
        );
      }
      index++;
      delivered++;
      if (data === ends[topic]) break;
    }
    if (index !== all.length) {
      throw new Error(`Subscriber ${number} has read ${index} events only`);
    }
  }

  await Promise.all(Array.from({ length: count }, (_, i) => subscribe(i)));
  const result: SubscribersResult = { read, reconnects, delivered };
  console.log(JSON.stringify(result));
}

if (import.meta.main) await main();
