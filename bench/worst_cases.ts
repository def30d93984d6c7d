import { type Block, type Corpus, cut, layOut, makeCorpus } from "./corpora.ts";

/** An input on which a reader that is not linear comes to a standstill. */
export interface WorstCase {
  readonly corpus: Corpus;
  /** How the chunks are called. */
  readonly label: string;
  readonly chunks: readonly Uint8Array<ArrayBuffer>[];
}

/** A line of data of `megabytes` MB, in chunks of 64 KiB. */
export function longLine(megabytes: number): WorstCase {
  const data = "0123456789abcdef".repeat(megabytes * 1e6 / 16);
  return inChunks(`a line of ${megabytes} MB`, { data });
}

/** An event of many lines, in chunks of 64 KiB. */
export function manyLines(lines: number): WorstCase {
  const data = Array.from({ length: lines }, (_, i) => String(i % 10));
  return inChunks(`an event of ${lines} lines`, { data: data.join("\n") });
}

/** Events of a language model, a byte at a time. */
export function singleBytes(size: number): WorstCase {
  const corpus = makeCorpus("llm", size);
  // One chunk per value, not per byte: a million of them would measure memory.
  const byValue = Array.from({ length: 256 }, (_, i) => new Uint8Array([i]));
  const chunks = Array.from(corpus.bytes, (byte) => byValue[byte]);
  return { corpus, label: "1 B", chunks };
}

function inChunks(name: string, block: Block): WorstCase {
  const bytes = new TextEncoder().encode(layOut(block));
  return {
    corpus: { name, blocks: [block], bytes },
    label: "64 KiB",
    chunks: cut(bytes, 64 * 1024),
  };
}
