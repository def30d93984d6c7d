import type { ServerSentEvent } from "../../mod.ts";

/** The event with a number, which is its id: no two are of the same shape. */
export function numberedEvent(number: number): ServerSentEvent {
  return {
    event: number % 3 === 0 ? "third" : undefined,
    id: `${number}é`,
    data: `event ${number}\n日本 🦕\n${"x".repeat(number % 97)}`,
  };
}

/** The number in the id of an event, 0 without one. */
export function numberOf(id: string | undefined): number {
  if (id === undefined) return 0;
  const match = /^(\d+)é$/.exec(id);
  if (match === null) throw new Error(`No id of ours: ${JSON.stringify(id)}`);
  return Number(match[1]);
}
