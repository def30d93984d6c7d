import { assert, assertEquals } from "@std/assert";
import { chunkings, utf8 } from "../helpers/bytes.ts";
import { type Peer, type PeerEvent, peers } from "../helpers/peers.ts";
import { differences, differencesPage } from "./differences.ts";
import { sampleVectors } from "./sample_vectors.ts";
import { decodeVectors } from "./vectors.ts";

const vectors = [...decodeVectors, ...sampleVectors()].map((vector) => ({
  vector,
  bytes: typeof vector.input === "string" ? utf8(vector.input) : vector.input,
  // One peer takes quadratic time, and long lines show nothing that short ones do not.
})).filter(({ bytes }) => bytes.length <= 4096);

for (const [name, peer] of Object.entries(peers)) {
  Deno.test(`the ledger explains every disagreement with ${name}, and no more`, async () => {
    const ledger = differences.filter((entry) => entry.peer === name);
    const used = new Set<string>();
    const unexplained: string[] = [];
    for (const { vector, bytes } of vectors) {
      if (await agrees(peer, bytes, vector.dispatch)) continue;
      const reasons = ledger.filter((entry) => entry.shows(vector, bytes));
      if (reasons.length === 0) unexplained.push(vector.name);
      for (const { does } of reasons) used.add(does);
    }
    assertEquals(unexplained, []);
    assertEquals(ledger.filter(({ does }) => !used.has(does)), []);
  });
}

async function agrees(
  peer: Peer,
  bytes: Uint8Array<ArrayBuffer>,
  expected: readonly PeerEvent[],
): Promise<boolean> {
  for (const { chunks } of chunkings(bytes)) {
    if (comparable(await peer(chunks)) !== comparable(expected)) return false;
  }
  return true;
}

function comparable(events: readonly PeerEvent[]): string {
  return JSON.stringify(
    events.map(({ event, data, id }) => [event || null, data, id]),
  );
}

Deno.test("docs/differences.md says what the ledger says", async () => {
  const page = new URL("../../docs/differences.md", import.meta.url);
  const words = (text: string) => text.split(/\s+/).join(" ");
  assertEquals(words(await Deno.readTextFile(page)), words(differencesPage()));
  assert(differences.length > 0);
});
