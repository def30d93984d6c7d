import { Redis } from "ioredis";
import { createClient } from "redis";
import type { RedisCommand } from "../../server.ts";

/** A Redis server with a folder of its own. It is killed, and the folder removed, when it is disposed of. */
export interface RedisServer extends AsyncDisposable {
  readonly port: number;
  /** Stops it. */
  stop(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Starts it again, on the same port and in the same folder. */
  start(): Promise<void>;
}

/**
 * Starts a Redis server that has on disk what it has acknowledged.
 *
 * @throws {Error} If it is not installed: these tests are never skipped.
 */
export async function startRedis(): Promise<RedisServer> {
  const path = Deno.env.get("REDIS_SERVER") ?? "/usr/bin/redis-server";
  const port = freePort();
  const dir = await Deno.makeTempDir({ prefix: "redis-" });
  let child: Deno.ChildProcess | undefined;

  async function start(): Promise<void> {
    child = new Deno.Command(path, {
      args: [
        ...["--port", String(port), "--bind", "127.0.0.1", "--dir", dir],
        ...["--save", "", "--appendonly", "yes", "--appendfsync", "always"],
      ],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    // It says when it is ready; what it says later is read and dropped.
    const ready = Promise.withResolvers<void>();
    let text = "";
    child.stdout.pipeThrough(new TextDecoderStream()).pipeTo(
      new WritableStream({
        write(part) {
          text = (text + part).slice(-10_000);
          if (text.includes("Ready to accept connections")) ready.resolve();
        },
        close: () => ready.reject(new Error(`Redis has ended: ${text}`)),
      }),
    ).catch(ready.reject);
    ready.promise.catch(() => {});
    await ready.promise;
  }

  async function stop(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const stopped = child;
    child = undefined;
    if (stopped === undefined) return;
    stopped.kill(signal);
    await stopped.status;
  }

  async function dispose(): Promise<void> {
    await stop("SIGKILL");
    await Deno.remove(dir, { recursive: true });
  }

  try {
    await start();
  } catch (cause) {
    child = undefined;
    await dispose();
    throw new Error(`Cannot start ${path}: run tests/system/install`, {
      cause,
    });
  }
  return { port, stop, start, [Symbol.asyncDispose]: dispose };
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Two connections of a client: one for commands, one that may be blocked. */
export interface RedisConnections extends AsyncDisposable {
  readonly send: RedisCommand;
  readonly sendBlocking: RedisCommand;
}

/** How a client connects to a server. */
export type ConnectRedis = (port: number) => Promise<RedisConnections>;

function nodeRedis(RESP: 2 | 3): ConnectRedis {
  return async (port) => {
    const client = createClient({
      RESP,
      socket: { host: "127.0.0.1", port, reconnectStrategy: 50 },
      disableOfflineQueue: true,
    });
    const blocking = client.duplicate();
    for (const each of [client, blocking]) {
      // Without a listener an error ends the process.
      each.on("error", () => {});
      await each.connect();
    }
    return {
      send: (args) => client.sendCommand(args),
      sendBlocking: (args) => blocking.sendCommand(args),
      [Symbol.asyncDispose]() {
        client.destroy();
        blocking.destroy();
        return Promise.resolve();
      },
    };
  };
}

const ioredis: ConnectRedis = async (port) => {
  const client = new Redis({
    host: "127.0.0.1",
    port,
    lazyConnect: true,
    enableOfflineQueue: false,
    // A command that was sent again could append an event twice.
    autoResendUnfulfilledCommands: false,
    // Without it a command whose connection is lost is not told so.
    maxRetriesPerRequest: 0,
    retryStrategy: () => 50,
  });
  const blocking = client.duplicate();
  for (const each of [client, blocking]) {
    each.on("error", () => {});
    await each.connect();
  }
  return {
    send: ([command, ...args]) => client.call(command, ...args),
    sendBlocking: ([command, ...args]) => blocking.call(command, ...args),
    async [Symbol.asyncDispose]() {
      for (const each of [client, blocking]) {
        const ended = new Promise((resolve) => each.once("end", resolve));
        if (each.status === "end") continue;
        each.disconnect();
        await ended;
      }
    },
  };
};

/** Every client that is tested. */
export const REDIS_CLIENTS: Readonly<Record<string, ConnectRedis>> = {
  "node-redis, RESP2": nodeRedis(2),
  "node-redis, RESP3": nodeRedis(3),
  "ioredis": ioredis,
};
