import { assertEquals } from "@std/assert";
import { connect } from "../../client.ts";
import { present } from "../helpers/events.ts";
import { type ServerProcess, startServer } from "../runtimes/process.ts";
import { hostileProxy, type ProxyFigures } from "./hostile_proxy.ts";
import { numberedEvent, numberOf } from "./numbered_events.ts";
import { createRandom } from "./random.ts";

/** How bad it is to be. */
export interface ChaosOptions {
  /** How often the server is killed and started again. */
  readonly restarts: number;
  /** After how many events at most that is done again. */
  readonly eventsPerRestart: number;
  /** What all that is random comes from, but the time. */
  readonly seed: number;
}

/** What has happened. */
export interface ChaosFigures {
  readonly seed: number;
  readonly events: number;
  readonly restarts: number;
  /** How many connections the client has had open. */
  readonly opened: number;
  /** How often it opened one again since the stream had ended. */
  readonly afterEnd: number;
  /** How often it opened one again since the connection had broken. */
  readonly afterError: number;
  readonly proxy: Readonly<ProxyFigures>;
  readonly seconds: number;
}

const SERVER = new URL("numbering_server.ts", import.meta.url).pathname;

/**
 * Kills a server at random points, behind a proxy that breaks its connections,
 * while a client reads from it.
 *
 * @returns What has happened.
 * @throws {AssertionError} If the client is not given each event once, in order.
 */
export async function chaos(
  { restarts, eventsPerRestart, seed }: ChaosOptions,
): Promise<ChaosFigures> {
  const start = performance.now();
  const random = createRandom(seed);
  await using proxy = await hostileProxy(random);

  let server: ServerProcess | undefined;
  async function startAnew(): Promise<void> {
    server = await startServer(Deno.execPath(), [
      "run",
      "--allow-net",
      SERVER,
      `${random.below(2 ** 31)}`,
    ]);
    proxy.forwardTo(server.port);
  }
  async function kill(): Promise<void> {
    const killed = server;
    server = undefined;
    await killed?.[Symbol.asyncDispose]();
  }
  await startAnew();
  await using stack = new AsyncDisposableStack();
  let restarting = Promise.resolve();
  stack.defer(() => restarting.then(kill));

  let opened = 0;
  let afterEnd = 0;
  let afterError = 0;
  const connection = stack.use(connect(`http://127.0.0.1:${proxy.port}/`, {
    initialDelay: 1,
    maxDelay: 20,
    onOpen: () => {
      opened++;
    },
    onReconnect({ cause }) {
      if (cause === undefined) afterEnd++;
      else afterError++;
    },
  }));

  let received = 0;
  let restarted = 0;
  let isRestarting = false;
  /** After which event the server is killed, or the client has seen enough. */
  let point = random.below(eventsPerRestart);
  let failure: { readonly error: unknown } | undefined;
  async function restart(): Promise<void> {
    isRestarting = true;
    try {
      await kill();
      await startAnew();
    } catch (error) {
      failure = { error };
      connection.close();
    }
    restarted++;
    point = received + random.below(eventsPerRestart);
    isRestarting = false;
  }

  for await (const event of connection) {
    const expected = numberedEvent(received + 1);
    assertEquals(
      present(event),
      present({ ...expected, lastEventId: expected.id }),
      `after event ${received}, seed ${seed}`,
    );
    received = numberOf(event.id);
    if (isRestarting || received < point) continue;
    if (restarted === restarts) break;
    // The client reads on while the server dies.
    restarting = restart();
  }
  if (failure !== undefined) throw failure.error;
  return {
    seed,
    events: received,
    restarts: restarted,
    opened,
    afterEnd,
    afterError,
    proxy: { ...proxy.figures },
    seconds: Math.round(performance.now() - start) / 1000,
  };
}
