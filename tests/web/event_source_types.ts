/**
 * That our `EventSource` can stand in for that of browsers. Nothing runs here: it is
 * checked with the types of the DOM, which Deno's own do not contain.
 */
import { connect, EventSource as OurEventSource } from "../../client.ts";

/** An instance of ours where one of the browser is asked for. */
export const source: EventSource = new OurEventSource("/events", {
  withCredentials: true,
});

/** The class of ours where that of the browser is asked for. */
export const constructor: typeof EventSource = OurEventSource;

globalThis.EventSource = OurEventSource;

/** An init of the browser's is one of ours. */
export function open(url: string, init?: EventSourceInit): EventSource {
  return new OurEventSource(url, init);
}

/** What the browser calls with its events can be called with ours. */
export function listen(
  { onopen, onmessage, onerror }: Pick<
    EventSource,
    "onopen" | "onmessage" | "onerror"
  >,
  target: OurEventSource,
): void {
  void [onopen, onmessage, onerror];
  target.addEventListener("message", ({ data, origin, lastEventId }) => {
    void [data, origin, lastEventId];
  });
}

/** The `fetch` of a browser can be the one of `connect` and of `EventSource`. */
export const withFetch: readonly unknown[] = [
  connect("https://example.com/", { fetch }),
  new OurEventSource("https://example.com/", { fetch }),
];
