import type { DecodeVector } from "./vector.ts";

/** What a peer does differently, and which vectors show it. */
export interface Difference {
  /** The npm or JSR name of the peer. */
  readonly peer: string;
  /** What it does. */
  readonly does: string;
  /** What the specification says, and where. */
  readonly clause: string;
  /** Whether a vector can show it. */
  shows(vector: DecodeVector, bytes: Uint8Array): boolean;
}

/**
 * Every difference between the peers and us that the vectors find.
 *
 * A test reads all vectors with the peers: a disagreement that nothing here
 * explains fails, and so does an entry that no longer explains any. The same
 * test checks that `docs/differences.md` says what is here.
 */
export const differences: readonly Difference[] = [
  {
    peer: "@std/http",
    does: "hands out blocks that have no data, as messages without data",
    clause:
      "HTML 9.2.6, dispatch the event, step 2: if the data buffer is empty, the event is not dispatched",
    shows: (_, bytes) =>
      blocks(bytes).some((block) => !/^data(:|$)/m.test(block)),
  },
  {
    peer: "@std/http",
    does: "hands out the unfinished event at the end of the stream",
    clause:
      "HTML 9.2.6: once the end of the file is reached, any pending data must be discarded",
    shows: (_, bytes) => !/(^|\n)\n$/.test(withLineFeeds(bytes)),
  },
  {
    peer: "@std/http",
    does:
      "loses a U+FEFF that begins a later chunk, since `TextDecoderStream` of Deno 2.9.6 does",
    clause:
      "Encoding, UTF-8 decode: only the first three bytes of the stream are a byte order mark",
    shows: (_, bytes) => latin1(bytes).lastIndexOf("\xef\xbb\xbf") > 0,
  },
  {
    peer: "eventsource-parser",
    does:
      "removes a second byte order mark, after the one that `TextDecoder` has removed",
    clause: "HTML 9.2.5: one leading U+FEFF is stripped",
    shows: (_, bytes) => latin1(bytes).startsWith("\xef\xbb\xbf\xef\xbb\xbf"),
  },
  {
    peer: "eventsource-parser",
    does:
      "removes the characters \u00ef\u00bb\u00bf from the start, as if they were bytes",
    clause:
      "HTML 9.2.5: a stream is decoded as UTF-8, in which these are three letters",
    shows: (_, bytes) => latin1(bytes).startsWith("\xc3\xaf\xc2\xbb\xc2\xbf"),
  },
  {
    peer: "eventsource-parser",
    does:
      "loses a U+FEFF that begins a later chunk, since `TextDecoder` of Deno 2.9.6 does when it streams",
    clause:
      "Encoding, UTF-8 decode: only the first three bytes of the stream are a byte order mark",
    shows: (_, bytes) => latin1(bytes).lastIndexOf("\xef\xbb\xbf") > 0,
  },
];

/** One code unit per byte, to look at bytes with regular expressions. */
function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

function withLineFeeds(bytes: Uint8Array): string {
  return latin1(bytes).replace(/\r\n?/g, "\n");
}

/** The blocks of lines between blank lines. */
function blocks(bytes: Uint8Array): string[] {
  return withLineFeeds(bytes).split(/\n{2,}/).filter((block) => block !== "");
}

/** The ledger as a page. */
export function differencesPage(): string {
  const sections = new Map<string, string[]>();
  for (const { peer, does, clause } of differences) {
    const lines = sections.get(peer) ?? [];
    lines.push(`- It ${does}.\n\n  ${clause}.`);
    sections.set(peer, lines);
  }
  return [
    "# What others do differently",
    "Written from `tests/spec/differences.ts`, and checked against the peers by\n" +
    "`deno task test`: all vectors are read with them too, in every chunking, and\n" +
    "each disagreement about types, data and ids must be one of these.",
    ...Array.from(
      sections,
      ([peer, lines]) => `## ${peer}\n\n${lines.join("\n\n")}`,
    ),
  ].join("\n\n") + "\n";
}
