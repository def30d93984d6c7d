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

  const buffer = new Uint8Array(64 * 1024);
  /** What was read and not taken, a byte per code unit. */
  let unread = "";

  async function more(): Promise<void> {
    const size = await connection.read(buffer);
    if (size === null) throw new Error("The server has closed the connection");
    unread += latin1(buffer.subarray(0, size));
  }

  async function take(length: number): Promise<string> {
    while (unread.length < length) await more();
    const taken = unread.slice(0, length);
    unread = unread.slice(length);
    return taken;
  }

  async function takeUntil(end: string): Promise<string> {
    while (!unread.includes(end)) await more();
    const taken = await take(unread.indexOf(end) + end.length);
    return taken.slice(0, -end.length);
  }

  return {
    async head() {
      return (await takeUntil("\r\n\r\n")).toLowerCase();
    },
    async chunk() {
      const size = parseInt(await takeUntil("\r\n"), 16);
      const bytes = Uint8Array.from(await take(size), (c) => c.charCodeAt(0));
      await take(2);
      return size === 0 ? undefined : new TextDecoder().decode(bytes);
    },
    [Symbol.dispose]: () => connection.close(),
  };
}

/** Bytes as text with a code unit for each (the label "latin1" is another encoding). */
function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
