/** Reads a body chunk by chunk, as text. */
export interface TextReader {
  /** The next chunk, `undefined` at the end. */
  read(): Promise<string | undefined>;
  /** The chunks that are left, joined. */
  rest(): Promise<string>;
  /** Cancels the body. */
  cancel(reason?: unknown): Promise<void>;
}

/** Reads the body of a response; each chunk must be UTF-8 by itself. */
export function textReader(response: Response): TextReader {
  const reader = response.body!.getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  async function read(): Promise<string | undefined> {
    const { done, value } = await reader.read();
    return done ? undefined : decoder.decode(value);
  }

  return {
    read,
    async rest() {
      let text = "";
      for (
        let chunk = await read();
        chunk !== undefined;
        chunk = await read()
      ) text += chunk;
      return text;
    },
    cancel: (reason) => reader.cancel(reason),
  };
}
