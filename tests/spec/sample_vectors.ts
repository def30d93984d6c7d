import sample from "../vectors/decode_sample.json" with { type: "json" };
import type { DecodeVector, ExpectedEvent } from "./vector.ts";

/** An event as `tests/vectors/decode_sample.json` writes it down. */
interface SampleEvent extends Omit<ExpectedEvent, "comments"> {
  readonly comments?: readonly string[];
}

/**
 * The vectors of `tests/vectors/decode_sample.json`, in the form of ours.
 *
 * There `"message"` stands for an absent type, comments in the dispatch view are
 * informative, and a comment keeps the space behind its colon.
 */
export function sampleVectors(): DecodeVector[] {
  return sample.vectors.map((vector): DecodeVector => ({
    name: `sample: ${vector.name}`,
    clause: vector.source,
    input: Uint8Array.fromBase64(vector.input_base64),
    dispatch: vector.expected.map(dispatched),
    wire: vector.expected_full.map(passedOn),
    lastEventId: vector.expected_last_event_id,
    reconnectionTime: vector.expected_retry ?? undefined,
  }));
}

function dispatched(event: SampleEvent): ExpectedEvent {
  const { comments: _, event: type, ...rest } = event;
  return type === "message" || type === undefined
    ? rest
    : { ...rest, event: type };
}

function passedOn(event: SampleEvent): ExpectedEvent {
  const { comments } = event;
  return comments === undefined ? event : {
    ...event,
    comments: comments.map((comment) => comment.replace(/^ /, "")),
  };
}
