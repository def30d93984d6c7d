import { SYNCHRONOUS_READERS } from "./contenders_decode.ts";
import {
  PATCH_WRITERS,
  streamWriters,
  SYNCHRONOUS_WRITERS,
} from "./contenders_encode.ts";
import { RESPONDERS } from "./contenders_respond.ts";
import {
  ITERATED_READERS,
  STD_HTTP_READER,
  STREAM_READERS,
} from "./contenders_stream.ts";
import {
  type Block,
  CORPUS_NAMES,
  cut,
  cutBlocks,
  makeCorpus,
} from "./corpora.ts";
import type { MeasureOptions } from "./harness.ts";
import { makePatches } from "./patches.ts";
import { type Reader, readerEntry } from "./reader.ts";
import { REQUESTS, responderEntry } from "./responder.ts";
import {
  type ComparedTable,
  measureTable,
  type Row,
  type Table,
} from "./table.ts";
import { expectationOf } from "./verify.ts";
import {
  longLine,
  manyLines,
  singleBytes,
  type WorstCase,
} from "./worst_cases.ts";
import { lengthOf, type Writer, writerEntry } from "./writer.ts";

/** What is measured, and for how long. */
export interface SuiteOptions {
  /** Less of everything, for a first impression. */
  readonly quick: boolean;
  /** The tables to measure: all of them, unless some are named. */
  readonly only: readonly string[];
  /** What it runs on, with the version: it goes into the titles. */
  readonly runtime: string;
  /** Called with each line of text as soon as it is known. */
  print(line: string): void;
}

/** How much goes into a table. */
interface Sizes {
  /** The bytes of a corpus that is read or written synchronously. */
  readonly corpus: number;
  /** The bytes of a corpus that goes through streams, which takes longer. */
  readonly streamed: number;
  /** The megabytes of the long line. */
  readonly line: number;
}

const KIB = 1024;

const QUICK: Sizes & MeasureOptions = {
  corpus: 512 * KIB,
  streamed: 128 * KIB,
  line: 8,
  warmUp: 15,
  budget: 130,
  sampleTime: 3,
  minRounds: 3,
  maxRounds: 25,
};

const FULL: Sizes & MeasureOptions = {
  corpus: 2048 * KIB,
  streamed: 512 * KIB,
  line: 32,
  warmUp: 100,
  budget: 800,
  sampleTime: 6,
  minRounds: 7,
  maxRounds: 60,
};

type Bytes = Uint8Array<ArrayBuffer>;

/** How a stream is cut, by what the tables call it. */
const CHUNKS: Readonly<Record<string, (bytes: Bytes) => Bytes[]>> = {
  "an event": cutBlocks,
  "64 B": (bytes) => cut(bytes, 64),
  "1 KiB": (bytes) => cut(bytes, KIB),
  "16 KiB": (bytes) => cut(bytes, 16 * KIB),
  "64 KiB": (bytes) => cut(bytes, 64 * KIB),
  "whole": (bytes) => [bytes],
};

/** What a response is measured with: ten events of such a corpus. */
const RESPONSE_CORPORA = ["llm", "tiny", "cjk"];

const TABLES: Readonly<Record<string, (sizes: Sizes) => Table>> = {
  "decode": ({ corpus }) => ({
    title: "Decode, synchronous",
    labels: ["corpus", "chunks"],
    rows: () => readerRows(SYNCHRONOUS_READERS, corpus),
  }),
  "decode-stream": ({ streamed }) => ({
    title: "Decode, through streams",
    labels: ["corpus", "chunks"],
    rows: () => readerRows(STREAM_READERS, streamed),
  }),
  "iterate": ({ corpus }) => ({
    title: "EventStream beside EventParser",
    labels: ["corpus", "chunks"],
    rows: () => readerRows(ITERATED_READERS, corpus, ["16 KiB"]),
  }),
  "encode": ({ corpus }) => ({
    title: "Encode, synchronous",
    labels: ["corpus"],
    *rows() {
      for (const name of CORPUS_NAMES) {
        const { blocks } = makeCorpus(name, corpus);
        yield writerRow([name], SYNCHRONOUS_WRITERS, blocks);
      }
      const many = makePatches("many lines", corpus);
      yield writerRow(["datastar 64 KB"], PATCH_WRITERS, many);
      const one = makePatches("one line", corpus);
      yield writerRow(["datastar 64 KB, one line"], PATCH_WRITERS, one);
    },
  }),
  "encode-stream": ({ streamed }) => ({
    title: "Encode, through streams",
    labels: ["corpus", "ready"],
    *rows() {
      for (const name of CORPUS_NAMES) {
        const { blocks } = makeCorpus(name, streamed);
        for (const together of [1, 64]) {
          const labels = [name, String(together)];
          yield writerRow(labels, streamWriters(together), blocks);
        }
      }
    },
  }),
  "respond": () => ({
    title: "Respond with 10 events",
    unit: { name: "requests/s", perMillisecond: 1000 },
    labels: ["corpus"],
    *rows() {
      for (const name of RESPONSE_CORPORA) yield responseRow(name);
    },
  }),
  "worst": ({ line }) => ({
    title: "Worst cases",
    labels: ["input", "chunks"],
    *rows() {
      yield worstCaseRow(longLine(line), longLine(line / 16));
      yield worstCaseRow(singleBytes(1e6), singleBytes(1e6 / 16));
      yield worstCaseRow(manyLines(200_000), manyLines(200_000));
    },
  }),
};

/** The names of all tables, in their order. */
export const TABLE_NAMES: readonly string[] = Object.keys(TABLES);

/**
 * Verifies and measures everything.
 *
 * @throws {Error} If the library gets something wrong.
 */
export async function runSuite(
  { quick, only, runtime, print }: SuiteOptions,
): Promise<ComparedTable[]> {
  const options = quick ? QUICK : FULL;
  const measured: ComparedTable[] = [];
  for (const name of only.length > 0 ? only : TABLE_NAMES) {
    const table = TABLES[name](options);
    const title = `${table.title}, ${runtime}`;
    measured.push(await measureTable({ ...table, title }, options, print));
  }
  return measured;
}

function* readerRows(
  readers: readonly Reader[],
  size: number,
  chunkings: readonly string[] = Object.keys(CHUNKS),
): Generator<Row> {
  for (const name of CORPUS_NAMES) {
    const corpus = makeCorpus(name, size);
    const expected = expectationOf(corpus);
    for (const label of chunkings) {
      const chunks = CHUNKS[label](corpus.bytes);
      yield {
        labels: [name, label],
        amount: corpus.bytes.length,
        entries: readers.map((it) => readerEntry(it, chunks, expected)),
      };
    }
  }
}

function writerRow(
  labels: readonly string[],
  writers: readonly Writer[],
  blocks: readonly Block[],
): Row {
  return {
    labels,
    amount: lengthOf(blocks),
    entries: writers.map((writer) => writerEntry(writer, blocks)),
  };
}

function responseRow(name: string): Row {
  const events = makeCorpus(name, 16 * KIB).blocks.slice(0, 10)
    .map(({ data = "" }, i) => ({ event: "update", id: String(i), data }));
  return {
    labels: [name],
    amount: REQUESTS,
    entries: RESPONDERS.map((responder) => responderEntry(responder, events)),
  };
}

/** `smaller` is for the one peer that would take minutes. */
function worstCaseRow(
  { corpus, label, chunks }: WorstCase,
  smaller: WorstCase,
): Row {
  const expected = expectationOf(corpus);
  const { length } = smaller.corpus.bytes;
  const labels = [corpus.name, label];
  return {
    labels,
    amount: corpus.bytes.length,
    notes: length === corpus.bytes.length ? [] : [
      `${labels.join(", ")}: ${STD_HTTP_READER.name} reads only ${
        (length / 1e6).toFixed(2)
      } MB of ${
        (corpus.bytes.length / 1e6).toFixed(2)
      } MB; at full size it would take too long.`,
    ],
    entries: [
      ...SYNCHRONOUS_READERS.map((it) => readerEntry(it, chunks, expected)),
      {
        ...readerEntry(
          STD_HTTP_READER,
          smaller.chunks,
          expectationOf(smaller.corpus),
        ),
        amount: length,
      },
    ],
  };
}
