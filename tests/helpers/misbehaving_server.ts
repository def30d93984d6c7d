import { utf8 } from "./bytes.ts";

/** A request as it was on the wire, a code unit per byte. */
export interface RecordedRequest {
  /** The method. */
  readonly method: string;
  /** The path and the query. */
  readonly path: string;
  /** The values of the headers, by their names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

/** A connection as its script sees it. */
export interface ScriptedConnection {
  /** What was asked for. */
  readonly request: RecordedRequest;
  /** Sends bytes, or text as UTF-8. */
  send(content: string | Uint8Array): Promise<void>;
  /** Sends them byte by byte, each in a packet of its own as far as the system lets it. */
  sendByteByByte(content: string | Uint8Array): Promise<void>;
  /** Sends a status line, header lines and a blank line. */
  head(status: string, ...headerLines: readonly string[]): Promise<void>;
  /** Sends the head of an event stream that ends with the connection. */
  eventStream(...headerLines: readonly string[]): Promise<void>;
  /** Sends the head of an event stream in the chunked coding. */
  chunkedEventStream(): Promise<void>;
  /** Sends a chunk of the chunked coding. */
  chunk(content: string | Uint8Array): Promise<void>;
  /** Reads bytes of the request's body, as text. */
  body(length: number): Promise<string>;
  /** Sends no more, and goes on reading: `FIN`. */
  halfClose(): Promise<void>;
  /** Closes the connection as one that breaks: `RST`, as it has not read all that was sent. */
  reset(): void;
  /** Resolves when the client has gone. */
  gone(): Promise<void>;
}

/** What happens on a connection. It is closed properly when the script ends, unless it is reset. */
export type ConnectionScript = (
  connection: ScriptedConnection,
) => void | Promise<void>;

/** A server on raw TCP that does what no server should. */
export interface MisbehavingServer extends AsyncDisposable {
  /** Where it listens. */
  readonly port: number;
  /** Its address. */
  readonly url: string;
  /** What was asked for so far. */
  readonly requests: readonly RecordedRequest[];
  /** How many connections are open. */
  readonly connections: number;
  /** The next request that nobody has awaited yet. */
  nextRequest(): Promise<RecordedRequest>;
}

/**
 * Starts a server that plays a script per connection, in the order in which they
 * ask; the last one is played again and again.
 */
export function misbehave(...scripts: ConnectionScript[]): MisbehavingServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const requests: RecordedRequest[] = [];
  const open = new Set<Deno.TcpConn>();
  const played: Promise<void>[] = [];
  const failures: unknown[] = [];
  const waiting: ((request: RecordedRequest) => void)[] = [];
  let awaited = 0;

  function close(connection: Deno.TcpConn): void {
    if (open.delete(connection)) connection.close();
  }

  async function play(connection: Deno.TcpConn): Promise<void> {
    try {
      const request = await readHead(connection);
      const script = scripts[Math.min(requests.length, scripts.length - 1)];
      requests.push(request);
      while (waiting.length > 0 && awaited < requests.length) {
        waiting.shift()!(requests[awaited++]);
      }
      let isHeadRead = false;
      const finishHead = async () => {
        if (!isHeadRead) await readExactly(connection, 1);
        isHeadRead = true;
      };
      await script(scripted(connection, request, finishHead));
      if (open.has(connection)) await finishHead();
    } catch (error) {
      // That the client has gone, or the test is over, is no failure of a script.
      if (!isGone(error)) failures.push(error);
    } finally {
      close(connection);
    }
  }

  function scripted(
    connection: Deno.TcpConn,
    request: RecordedRequest,
    finishHead: () => Promise<void>,
  ): ScriptedConnection {
    const send = (content: string | Uint8Array) =>
      writeAll(connection, content);
    const head = (status: string, ...lines: readonly string[]) =>
      send([`HTTP/1.1 ${status}`, ...lines, "", ""].join("\r\n"));
    return {
      request,
      send,
      async sendByteByByte(content) {
        connection.setNoDelay(true);
        const bytes = typeof content === "string" ? utf8(content) : content;
        for (let i = 0; i < bytes.length; i++) {
          await send(bytes.slice(i, i + 1));
        }
      },
      head,
      eventStream: (...lines) =>
        head(
          "200 OK",
          "content-type: text/event-stream",
          "connection: close",
          ...lines,
        ),
      chunkedEventStream: () =>
        head(
          "200 OK",
          "content-type: text/event-stream",
          "transfer-encoding: chunked",
        ),
      async chunk(content) {
        const bytes = typeof content === "string" ? utf8(content) : content;
        await send(`${bytes.length.toString(16)}\r\n`);
        await send(bytes);
        await send("\r\n");
      },
      async body(length) {
        await finishHead();
        return new TextDecoder().decode(await readExactly(connection, length));
      },
      halfClose: () => connection.closeWrite(),
      reset: () => close(connection),
      async gone() {
        const rest = new Uint8Array(4096);
        try {
          while (await connection.read(rest) !== null);
        } catch (error) {
          if (!isGone(error)) throw error;
        }
        close(connection);
      },
    };
  }

  const accepting = (async () => {
    for await (const connection of listener) {
      open.add(connection);
      played.push(play(connection));
    }
  })();

  return {
    port,
    url: `http://127.0.0.1:${port}/`,
    requests,
    get connections() {
      return open.size;
    },
    nextRequest() {
      return new Promise((resolve) => {
        if (awaited < requests.length && waiting.length === 0) {
          resolve(requests[awaited++]);
        } else waiting.push(resolve);
      });
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepting;
      for (const connection of open) close(connection);
      await Promise.all(played);
      if (failures.length > 0) throw failures[0];
    },
  };
}

/**
 * Reads a head up to its last byte, which stays in the system: a connection that is
 * closed before all was read is reset.
 */
async function readHead(connection: Deno.TcpConn): Promise<RecordedRequest> {
  const byte = new Uint8Array(1);
  let head = "";
  while (!head.endsWith("\r\n\r")) {
    if (await connection.read(byte) === null) {
      throw new Deno.errors.UnexpectedEof();
    }
    head += String.fromCharCode(byte[0]);
  }
  const [requestLine, ...lines] = head.trimEnd().split("\r\n");
  const [method, path] = requestLine.split(" ");
  const headers = new Map(lines.map((line) => {
    const colon = line.indexOf(":");
    // Only spaces and tabs stand around a value.
    const value = line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, "");
    return [line.slice(0, colon).toLowerCase(), value];
  }));
  return { method, path, headers };
}

async function readExactly(
  connection: Deno.TcpConn,
  length: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let read = 0; read < length;) {
    const size = await connection.read(bytes.subarray(read));
    if (size === null) throw new Deno.errors.UnexpectedEof();
    read += size;
  }
  return bytes;
}

async function writeAll(
  connection: Deno.TcpConn,
  content: string | Uint8Array,
): Promise<void> {
  const bytes = typeof content === "string" ? utf8(content) : content;
  for (let written = 0; written < bytes.length;) {
    written += await connection.write(bytes.subarray(written));
  }
}

function isGone(error: unknown): boolean {
  const { errors } = Deno;
  return [
    errors.BadResource,
    errors.BrokenPipe,
    errors.ConnectionAborted,
    errors.ConnectionReset,
    errors.Interrupted,
    errors.NotConnected,
    errors.UnexpectedEof,
  ].some((type) => error instanceof type);
}
