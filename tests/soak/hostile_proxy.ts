import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import type { Random } from "./random.ts";

/** What the proxy has done. */
export interface ProxyFigures {
  /** How many connections it has taken. */
  connections: number;
  /** On how many of them it passed on each byte by itself. */
  byteWise: number;
  /** How many it has reset. */
  resets: number;
  /** How many it has ended as if all was said. */
  halfSaid: number;
  /** How often there was no server behind it. */
  refused: number;
}

/** A TCP proxy that is bad to what it passes on. */
export interface HostileProxy extends AsyncDisposable {
  readonly port: number;
  readonly figures: Readonly<ProxyFigures>;
  /** Says where the server is, from now on. */
  forwardTo(port: number): void;
}

/** How many bytes pass through a connection at most before it is broken off. */
const BREAK_WITHIN = 8000;

/** What becomes of connections, in turn. */
const FATES = ["reset", "close", "pass"] as const;

/**
 * Starts a TCP proxy. Of its connections some pass on each byte by itself, some are
 * reset and some are closed after any number of bytes, in the middle of whatever
 * that is. It knows nothing of HTTP.
 */
export async function hostileProxy(random: Random): Promise<HostileProxy> {
  const sockets = new Set<Socket>();
  const figures: ProxyFigures = {
    connections: 0,
    byteWise: 0,
    resets: 0,
    halfSaid: 0,
    refused: 0,
  };
  let upstreamPort = 0;
  let answered = 0;

  const hold = (socket: Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("close", () => sockets.delete(socket));
    return socket;
  };

  /** Passes on what the server says. */
  async function answer(upstream: Socket, client: Socket): Promise<void> {
    const isByteWise = random.below(3) === 0;
    if (isByteWise) figures.byteWise++;
    const fate = FATES[answered++ % FATES.length];
    let left = fate === "pass" ? Infinity : 1 + random.below(BREAK_WITHIN);
    for await (const data of upstream) {
      const bytes: Uint8Array = data;
      const passed = bytes.subarray(0, left);
      left -= passed.length;
      const size = isByteWise ? 1 : passed.length;
      for (let i = 0; i < passed.length; i += size) {
        // A turn for each, so that it is a chunk of its own.
        await write(client, passed.subarray(i, i + size));
      }
      if (left > 0) continue;
      if (fate === "reset") {
        figures.resets++;
        client.resetAndDestroy();
      } else {
        figures.halfSaid++;
        client.end();
      }
      return;
    }
    client.end();
  }

  const server = createServer((accepted) => {
    const client = hold(accepted);
    figures.connections++;
    const upstream = hold(connect(upstreamPort, "127.0.0.1"));
    let isConnected = false;
    upstream.on("connect", () => {
      isConnected = true;
      client.pipe(upstream);
      // A connection that breaks here has broken both.
      answer(upstream, client).catch(() => client.destroy()).finally(() =>
        upstream.destroy()
      );
    });
    upstream.on("error", () => {
      if (!isConnected) figures.refused++;
      client.resetAndDestroy();
    });
    client.on("error", () => upstream.destroy());
    client.on("close", () => upstream.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    port: (server.address() as AddressInfo).port,
    figures,
    forwardTo(port) {
      upstreamPort = port;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      const open = [...sockets].map((socket) => {
        const closed = once(socket, "close");
        socket.destroy();
        return closed;
      });
      await Promise.all([closed, ...open]);
    },
  };
}

/** Writes, and waits until it is written. */
function write(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(bytes, (error) => error ? reject(error) : resolve());
  });
}
