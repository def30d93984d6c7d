import { EventDataError } from "../errors.ts";
import type { ServerSentEvent } from "../wire/event.ts";
import type { EventDataCodec, EventDataRead } from "./event_data.ts";

/** Codecs by event type; `message` is the type of events that have none. */
export type EventDataCodecs = Readonly<Record<string, EventDataCodec<unknown>>>;

/**
 * The data that any of the codecs reads and writes.
 *
 * @typeParam C The codecs by event type.
 */
export type DataByEvent<C extends EventDataCodecs> = {
  [K in keyof C]: C[K] extends EventDataRead<infer T> ? T : never;
}[keyof C];

/**
 * The events that the codecs stand for: a union in which the type of an event
 * decides about its data.
 *
 * @typeParam C The codecs by event type.
 */
export type EventByType<C extends EventDataCodecs> = {
  [K in keyof C & string]:
    & Omit<ServerSentEvent<DataByEvent<Pick<C, K>>>, "event">
    & (K extends "message" ? { readonly event?: K | undefined }
      : { readonly event: K });
}[keyof C & string];

/**
 * Makes a codec that goes by the type of the event.
 *
 * `switch (event.event)` narrows `event.data`. Events of other types are not
 * delivered, as an `EventSource` without a listener would not see them, though
 * their ids count; and they cannot be written. In the `"wire"` view blocks without
 * data are delivered too, whatever their type.
 *
 * @example Two types of events, two types of data
 * ```ts
 * import { dataByEvent, EventStream, jsonData, stringData } from "@tidings/sse";
 * import { assertEquals } from "@std/assert";
 *
 * const data = dataByEvent({
 *   order: jsonData<{ amount: number }>(),
 *   log: stringData,
 * });
 * const response = new Response(
 *   'event: order\ndata: {"amount":2}\n\nevent: log\ndata: paid\n\nevent: other\ndata: ?\n\n',
 * );
 * const seen = [];
 * for await (const event of new EventStream(response, { data })) {
 *   switch (event.event) {
 *     case "order":
 *       seen.push(event.data?.amount);
 *       break;
 *     case "log":
 *       seen.push(event.data?.toUpperCase());
 *   }
 * }
 * assertEquals(seen, [2, "PAID"]);
 * ```
 *
 * @typeParam C The codecs by event type.
 * @param codecs The codecs by event type; `message` stands for no type too.
 * @returns The codec. It throws an `EventDataError` on writing data of an event
 * of another type.
 */
export function dataByEvent<const C extends EventDataCodecs>(
  codecs: C,
): EventDataCodec<DataByEvent<C>, EventByType<C>>;
/**
 * Makes a codec that goes by the type of the event, with one for all other types.
 *
 * A type that has a codec still narrows, to its own data or the fallback's: no
 * type can say "any other text".
 *
 * @example Everything else is text
 * ```ts
 * import { dataByEvent, EventParser, jsonData, stringData } from "@tidings/sse";
 * import { assertEquals } from "@std/assert";
 *
 * const parser = new EventParser({
 *   data: dataByEvent({ count: jsonData<number>() }, stringData),
 * });
 * const chunk = new TextEncoder().encode("event: count\ndata: 1\n\ndata: 1\n\n");
 * assertEquals(parser.feed(chunk).map((event) => event.data), [1, "1"]);
 * ```
 *
 * @typeParam C The codecs by event type.
 * @typeParam F The data of all other events.
 * @param codecs The codecs by event type; `message` stands for no type too.
 * @param fallback The codec of all other types.
 * @returns The codec.
 */
export function dataByEvent<const C extends EventDataCodecs, F>(
  codecs: C,
  fallback: EventDataCodec<F>,
): EventDataCodec<DataByEvent<C> | F, EventByType<C> | ServerSentEvent<F>>;
export function dataByEvent(
  codecs: EventDataCodecs,
  fallback?: EventDataCodec<unknown>,
): EventDataCodec<unknown> {
  // A map, since a type from the network may be "constructor".
  const codecByType = new Map(Object.entries(codecs));
  const codecOf = (event: string | undefined) =>
    codecByType.get(event ?? "message") ?? fallback;

  return {
    delivers(event) {
      const codec = codecOf(event);
      return codec !== undefined && (codec.delivers?.(event) ?? true);
    },
    lineReader() {
      // The type may come behind the data: which codec reads is known at the end.
      const lines: string[] = [];
      return {
        readLine(line) {
          lines.push(line);
        },
        data(event) {
          const reader = codecOf(event)?.lineReader();
          for (const line of lines) reader?.readLine(line);
          return reader?.data(event);
        },
      };
    },
    writeData(data, event) {
      const codec = codecOf(event);
      if (codec === undefined) {
        const reason = "no codec is given for events of this type";
        throw new EventDataError({ act: "write", reason, event, data });
      }
      return codec.writeData(data, event);
    },
  };
}
