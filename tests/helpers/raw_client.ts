/** An HTTP/1.1 client that sees what is on the wire, and reads no more than it is asked to. */
export interface RawClient extends Disposable {
  /** The status line and the headers, in lower case, without the blank line. */
  head(): Promise<string>;
  /** The next chunk of the chunked body, as text; `undefined` at its end. */
  chunk(): Promise<string | undefined>;
}

/** Asks a server on the loopback interface for `/`, with header lines of your own. */
export async function rawClient(
  port: number,
  headerLines: readonly string[] = [],
): Promise<RawClient> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const lines = ["GET / HTTP/1.1", "Host: localhost", ...headerLines, "", ""];
  await connection.write(new TextEncoder().encode(lines.join("\r\n")));

  const decoder = new TextDecoder();
  /** What was read and not taken: its first `unread` bytes. */
  const buffer = new Uint8Array(256 * 1024);
  let unread = 0;

  async function more(): Promise<void> {
    if (unread === buffer.length) throw new Error("The buffer is full");
    const size = await connection.read(buffer.subarray(unread));
    if (size === null) throw new Error("The server has closed the connection");
    unread += size;
  }

  async function take(length: number): Promise<string> {
    while (unread < length) await more();
    const text = decoder.decode(buffer.subarray(0, length));
    buffer.copyWithin(0, length, unread);
    unread -= length;
    return text;
  }

  /** Takes ASCII text up to an end, which is taken too. */
  async function takeUntil(end: string): Promise<string> {
    let at = -1;
    while (at === -1) {
      // Header and size lines are short: the body behind them is not searched.
      const text = decoder.decode(buffer.subarray(0, Math.min(unread, 4096)));
      at = text.indexOf(end);
      if (at === -1) await more();
    }
    return (await take(at + end.length)).slice(0, -end.length);
  }

  return {
    async head() {
      return (await takeUntil("\r\n\r\n")).toLowerCase();
    },
    async chunk() {
      const size = parseInt(await takeUntil("\r\n"), 16);
      const text = await take(size);
      await take(2);
      return size === 0 ? undefined : text;
    },
    [Symbol.dispose]: () => connection.close(),
  };
}
