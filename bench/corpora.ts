import { createRandom, type Random } from "./random.ts";

/** What a block of a corpus holds: fields named as on the wire. */
export interface Block {
  readonly comments?: readonly string[];
  readonly event?: string;
  readonly id?: string;
  readonly retry?: number;
  readonly data?: string;
}

/** An event as every contender must read it. */
export interface ExpectedEvent {
  readonly type: string;
  readonly data: string;
  readonly lastEventId: string;
}

/** An event stream together with what went into it. */
export interface Corpus {
  readonly name: string;
  readonly blocks: readonly Block[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** How a block is put on the wire; any choice means the same. */
interface Layout {
  readonly lineEnd: "\n" | "\r\n";
  readonly space: "" | " ";
  readonly id: "before data" | "behind data";
}

/** A recipe: makes the next block of a corpus, and says how to lay it out. */
type Recipe = (random: Random) => Block & { readonly layout?: Layout };

const LF = 0x0a;
const CR = 0x0d;

const PLAIN: Layout = { lineEnd: "\n", space: " ", id: "before data" };

const WORDS =
  "the of stream event token answer is and to in model that it for was on are with as at be this have from"
    .split(" ");

const CJK_WORDS = [
  ..."春眠不覚暁処々聞啼鳥夜来風雨声花落知多少今日天気很好我們去公園散歩吧",
  "こんにちは",
  "ありがとう",
  "サーバー",
  "안녕하세요",
  "이벤트",
  "스트림",
  "🙂",
  "🚀",
  "👩‍💻",
  "🇯🇵",
  "，",
  "。",
];

const RECIPES: Readonly<Record<string, Recipe>> = {
  /** JSON deltas of a language model: blocks of 120 to 300 bytes. */
  llm: (random) => {
    const head = `{"id":"chatcmpl-${
      random.digits(10)
    }","choices":[{"index":0,"delta":{"content":"`;
    const tail = `"},"finish_reason":null}]}`;
    const framing = "data: \n\n".length;
    const length = random.between(120, 300) - head.length - tail.length -
      framing;
    return { data: head + textOf(random, length) + tail };
  },

  /** Events as the newer interfaces of language models send them: with a type, some with an id. */
  typed: (random) => ({
    event: random.pick([
      "message_start",
      "content_block_delta",
      "response.output_text.delta",
    ]),
    ...random.chance(0.5) && { id: random.digits(8) },
    data: `{"index":0,"delta":{"text":"${
      textOf(random, random.between(10, 120))
    }"}}`,
  }),

  /** The smallest event that says something. */
  tiny: (random) => ({ data: random.digits(1) }),

  /** Datastar patches of 4 to 64 KB, in lines of 40 to 140 bytes. */
  html: (random) => {
    const target = 4096 * 2 ** (4 * random.fraction());
    const lines = [`selector #list-${random.digits(3)}`, "mode inner"];
    for (let length = 0; length < target;) {
      const indent = "  ".repeat(random.between(0, 6));
      const text = textOf(random, random.between(10, 90));
      const line = `elements ${indent}<li class="item-${
        random.digits(2)
      }">${text}</li>`;
      lines.push(line);
      length += "data: \n".length + line.length;
    }
    return { event: "datastar-patch-elements", data: lines.join("\n") };
  },

  /** Every field, comments, several lines, LF and CRLF, a space or none. */
  mixed: (random) => {
    const layout: Layout = {
      lineEnd: random.chance(0.5) ? "\r\n" : "\n",
      space: random.chance(0.9) ? " " : "",
      id: "before data",
    };
    if (random.chance(0.05)) return { comments: ["keep-alive"], layout };
    if (random.chance(0.02)) return { retry: random.between(1, 9999), layout };
    const lines = Array.from(
      { length: random.chance(0.7) ? 1 : random.between(2, 5) },
      () => textOf(random, random.between(10, 200)),
    );
    return {
      ...random.chance(0.1) && { comments: [textOf(random, 30)] },
      ...random.chance(0.6) &&
        { event: random.pick(["update", "order", "tick"]) },
      ...random.chance(0.6) && { id: random.digits(12) },
      ...random.chance(0.05) && { retry: random.between(1, 9999) },
      data: lines.join("\n"),
      layout,
    };
  },

  /** Chinese, Japanese and Korean text with emoji: two to four bytes a character. */
  cjk: (random) => {
    const words = Array.from(
      { length: random.between(10, 120) },
      () => random.pick(CJK_WORDS),
    );
    return { data: `{"text":"${words.join("")}"}` };
  },

  /** A chat beyond ASCII, each event with a type, and with an id behind its data, as hono writes it. */
  chat: (random) => {
    const words = Array.from(
      { length: random.between(3, 40) },
      () => random.pick(CJK_WORDS),
    );
    return {
      event: random.pick(["delta", "content_block_delta", "tool_call"]),
      id: random.digits(6),
      data: `{"delta":{"text":"${words.join("")}"}}`,
      layout: { ...PLAIN, id: "behind data" },
    };
  },
};

/** The names of all corpora, in the order of the tables. */
export const CORPUS_NAMES: readonly string[] = Object.keys(RECIPES);

/**
 * Makes a corpus, the same one every time.
 *
 * @param name One of {@linkcode CORPUS_NAMES}.
 * @param size How many bytes it has at least; it ends with the block that reaches them.
 */
export function makeCorpus(name: string, size: number): Corpus {
  const random = createRandom(name);
  const blocks: Block[] = [];
  const texts: string[] = [];
  const encoder = new TextEncoder();
  for (let length = 0; length < size;) {
    const { layout, ...block } = RECIPES[name](random);
    const text = layOut(block, layout);
    blocks.push(block);
    texts.push(text);
    length += encoder.encode(text).length;
  }
  return { name, blocks, bytes: encoder.encode(texts.join("")) };
}

/** Writes a block, with its fields in the order that the library uses, but maybe for the id. */
export function layOut(block: Block, layout: Layout = PLAIN): string {
  const { comments = [], event, id, retry, data } = block;
  const { lineEnd, space } = layout;
  let text = "";
  const write = (name: string, value: string) =>
    text += `${name}:${space}${value}${lineEnd}`;
  const writeId = () => id !== undefined && write("id", id);
  for (const comment of comments) write("", comment);
  if (event !== undefined) write("event", event);
  if (layout.id === "before data") writeId();
  if (retry !== undefined) write("retry", String(retry));
  if (data !== undefined) {
    for (const line of data.split("\n")) write("data", line);
  }
  if (layout.id === "behind data") writeId();
  return text + lineEnd;
}

/**
 * What must be read from `blocks`, taken from how they were made: one event per
 * block with data, with the latest id so far.
 */
export function expectedEvents(blocks: readonly Block[]): ExpectedEvent[] {
  const events: ExpectedEvent[] = [];
  let lastEventId = "";
  for (const { event: type = "message", data, id } of blocks) {
    lastEventId = id ?? lastEventId;
    if (data !== undefined) events.push({ type, data, lastEventId });
  }
  return events;
}

/** Cuts bytes into chunks of `size`, the last one shorter. */
export function cut(
  bytes: Uint8Array<ArrayBuffer>,
  size: number,
): Uint8Array<ArrayBuffer>[] {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (let start = 0; start < bytes.length; start += size) {
    chunks.push(bytes.subarray(start, start + size));
  }
  return chunks;
}

/** Cuts bytes behind each blank line: a chunk for each block, which is how servers write. */
export function cutBlocks(
  bytes: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer>[] {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let start = 0;
  let line = 0;
  for (let end = bytes.indexOf(LF); end !== -1; end = bytes.indexOf(LF, line)) {
    const isBlank = end === line || (end === line + 1 && bytes[line] === CR);
    line = end + 1;
    if (!isBlank) continue;
    chunks.push(bytes.subarray(start, line));
    start = line;
  }
  if (start < bytes.length) chunks.push(bytes.subarray(start));
  return chunks;
}

/** Words that fill exactly `length` characters and neither begin nor end with a space. */
export function textOf(random: Random, length: number): string {
  let text = random.pick(WORDS);
  while (text.length < length) text += ` ${random.pick(WORDS)}`;
  text = text.slice(0, length);
  return text.endsWith(" ") ? `${text.slice(0, -1)}.` : text;
}
