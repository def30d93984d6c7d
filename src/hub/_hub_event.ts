import type { QueuedEvent } from "./_subscriber_queue.ts";
import type { EventLogEntry } from "./event_log.ts";

/** An event of a hub: encoded once, for all who get it. */
export class HubEvent implements QueuedEvent {
  /** The entry of the log. */
  readonly entry: EventLogEntry;
  /** Its bytes, the id included. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** It is one. */
  readonly events = 1;
  readonly #keyOf: (entry: EventLogEntry) => string | undefined;
  #key: { readonly value: string | undefined } | undefined;

  /** Makes an event, whose key is asked for when somebody is slow for the first time. */
  constructor(
    entry: EventLogEntry,
    bytes: Uint8Array<ArrayBuffer>,
    keyOf: (entry: EventLogEntry) => string | undefined,
  ) {
    this.entry = entry;
    this.bytes = bytes;
    this.#keyOf = keyOf;
  }

  /** Of events with the same key only the latest waits. */
  get key(): string | undefined {
    this.#key ??= { value: this.#keyOf(this.entry) };
    return this.#key.value;
  }
}
