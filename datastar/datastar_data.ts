import type { EventDataCodec } from "../src/data/event_data.ts";
import { EventDataError } from "../src/errors.ts";
import {
  type PatchElementsData,
  readPatchElements,
  writePatchElements,
} from "./patch_elements.ts";
import {
  type PatchSignalsData,
  readPatchSignals,
  writePatchSignals,
} from "./patch_signals.ts";
import { PATCH_ELEMENTS, PATCH_SIGNALS } from "./protocol.ts";

/** The data of an event that is not Datastar's: as it came. */
export interface UnknownData {
  /** Which event it is. */
  readonly type: "unknown";
  /** The data, with LF between its lines. */
  readonly data: string;
}

/** What a Datastar event says; its `type` tells which it is. */
export type DatastarEvent = PatchElementsData | PatchSignalsData | UnknownData;

/**
 * The codec of Datastar events, for clients and proxies: what {@linkcode patchElements}
 * and the others write, it reads, and it writes that again.
 *
 * Events of other types are `"unknown"`: they keep their data. One that Datastar in
 * the browser would refuse is an `EventDataError`: a mode or a namespace that it
 * does not know, no selector where there must be one, signals that are no JSON
 * object. Data lines it does not know are left out.
 *
 * @example Read along
 * ```ts
 * import { EventStream } from "@tidings/sse";
 * import { datastarData } from "@tidings/sse/datastar";
 * import { assertEquals } from "@std/assert";
 *
 * const response = new Response(
 *   'event: datastar-patch-signals\ndata: signals {"count":1}\n\n',
 * );
 * for await (const { data } of new EventStream(response, { data: datastarData })) {
 *   if (data?.type === "patch-signals") assertEquals(data.signals, { count: 1 });
 * }
 * ```
 *
 * @example Change elements on their way
 * ```ts
 * import { datastarData } from "@tidings/sse/datastar";
 * import { proxyEventStream } from "@tidings/sse/server";
 *
 * const handler = (request: Request) =>
 *   proxyEventStream(request, "http://127.0.0.1:9000/updates", {
 *     data: datastarData,
 *     transform(event) {
 *       if (event.data?.type !== "patch-elements") return event;
 *       const elements = event.data.elements?.replaceAll("http:", "https:");
 *       return { ...event, data: { ...event.data, elements } };
 *     },
 *   });
 * ```
 */
export const datastarData: EventDataCodec<DatastarEvent> = {
  lineReader() {
    const lines: string[] = [];
    return {
      readLine(line) {
        lines.push(line);
      },
      data(event) {
        switch (event) {
          case PATCH_ELEMENTS:
            return readPatchElements(lines);
          case PATCH_SIGNALS:
            return readPatchSignals(lines);
          default:
            return { type: "unknown", data: lines.join("\n") };
        }
      },
    };
  },
  writeData(data, event) {
    checkType(data, event);
    switch (data.type) {
      case "patch-elements":
        return writePatchElements(data);
      case "patch-signals":
        return writePatchSignals(data.signals, data.onlyIfMissing);
      case "unknown":
        return data.data;
    }
  },
};

/** Refuses data that would be read back as something else, for the type of its event. */
function checkType(data: DatastarEvent, event: string | undefined): void {
  const type = event === PATCH_ELEMENTS
    ? "patch-elements"
    : event === PATCH_SIGNALS
    ? "patch-signals"
    : "unknown";
  if (data?.type === type) return;
  const reason = `data in an event of this type must be ${type}`;
  throw new EventDataError({ act: "write", reason, event, data });
}
