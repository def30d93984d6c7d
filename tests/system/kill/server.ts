/**
 * A server with a hub, to be killed. Its arguments are its port, 0 for any, and the
 * port of Redis; without the latter its log is in memory.
 *
 * @module
 */
import { createClient } from "redis";
import {
  EventHub,
  type EventLog,
  type PublishOptions,
  redisEventLog,
} from "../../../server.ts";

/** The Redis stream of all servers. */
export const KEY = "events";

/** What a server says of itself. */
export interface ServerFigures {
  readonly subscribers: number;
  readonly resumed: number;
  readonly stale: number;
  /** The memory of the process, in bytes, after garbage was collected. */
  readonly rss: number;
}

async function connectLog(port: number): Promise<EventLog> {
  const client = createClient({
    socket: {
      host: "127.0.0.1",
      port,
      // A Redis that is back is to be found soon.
      reconnectStrategy: 50,
    },
    disableOfflineQueue: true,
  });
  const blocking = client.duplicate();
  for (const each of [client, blocking]) {
    // A Redis that is away is told to whoever asks something of it.
    each.on("error", () => {});
    await each.connect();
  }
  return redisEventLog({
    send: (args) => client.sendCommand(args),
    sendBlocking: (args) => blocking.sendCommand(args),
    key: KEY,
  });
}

async function main(): Promise<void> {
  const [port, redisPort] = Deno.args.map(Number);
  const hub = new EventHub({
    log: redisPort === undefined ? undefined : await connectLog(redisPort),
  });

  async function publish(
    request: Request,
    options: PublishOptions,
  ): Promise<Response> {
    const data = await request.text();
    try {
      return new Response(await hub.publish({ data }, options));
    } catch (error) {
      return new Response(String(error), { status: 503 });
    }
  }

  Deno.serve({
    hostname: "127.0.0.1",
    port,
    onListen: ({ port }) => console.log(JSON.stringify({ port })),
  }, (request) => {
    const { pathname, searchParams } = new URL(request.url);
    const topic = searchParams.get("topic") ?? undefined;
    switch (pathname) {
      case "/":
      case "/events":
        return hub.subscribe(request, {
          topics: topic === undefined ? undefined : [topic],
        });
      case "/publish":
        return publish(request, { topic });
      case "/figures": {
        (globalThis as { gc?: () => void }).gc?.();
        const { rss } = Deno.memoryUsage();
        const figures: ServerFigures = { ...hub.stats(), rss };
        return Response.json(figures);
      }
      default:
        return new Response(null, { status: 404 });
    }
  });
}

if (import.meta.main) await main();
