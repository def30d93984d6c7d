/**
 * A program that uses the package as its users do, by its name: compiled with
 * the types of each runtime, and run on each.
 */
import {
  dataByEvent,
  encodeEvent,
  EventDecoderStream,
  EventEncoderStream,
  EventParser,
  EventStream,
  jsonData,
  type ServerSentEvent,
  stringData,
} from "@tidings/sse";
import { fetchEventStream } from "@tidings/sse/client";
import { isDatastarRequest } from "@tidings/sse/datastar";
import {
  acceptsEventStream,
  type CloseReason,
  eventStreamResponse,
  KeepAliveStream,
  lastEventId,
} from "@tidings/sse/server";

const data = dataByEvent({
  order: jsonData<{ amount: number }>(),
  tick: stringData,
});

async function* orders(): AsyncGenerator<ServerSentEvent<{ amount: number }>> {
  yield { id: "1", event: "order", data: { amount: await Promise.resolve(2) } };
}

/** Says what went wrong, or `"ok"`. */
export async function use(): Promise<string> {
  const reasons: CloseReason[] = [];
  const request = new Request("https://example.com/", {
    headers: { accept: "text/event-stream", "last-event-id": "0" },
  });
  if (!acceptsEventStream(request)) return "accept";
  if (lastEventId(request) !== "0") return "lastEventId";
  if (isDatastarRequest(request)) return "isDatastarRequest";

  const events = await fetchEventStream("https://example.com/", {
    data,
    method: "POST",
    body: "question",
    signal: new AbortController().signal,
    fetch: () =>
      Promise.resolve(
        eventStreamResponse(orders(), {
          data: jsonData<{ amount: number }>(),
          headers: { "x-own": "1" },
          onClose: (reason) => {
            reasons.push(reason);
          },
        }),
      ),
  });
  let amount = 0;
  for await (const event of events) {
    if (event.event === "order") amount += event.data?.amount ?? 0;
    // @ts-expect-error The types are there: the data of a tick is text.
    else amount += event.data?.amount ?? 0;
  }
  if (amount !== 2) return `amount ${amount}`;
  if (reasons.join() !== "finished") return `reasons ${reasons.join()}`;

  const response = eventStreamResponse(async (sender) => {
    await sender.send({ data: "a" });
    await sender.comment("b");
  }, { keepAlive: { interval: 5000 } });
  const read: ServerSentEvent[] = [];
  for await (const event of new EventStream(response)) read.push(event);
  if (read[0]?.data !== "a") return `data ${read[0]?.data}`;

  const bytes: Uint8Array<ArrayBuffer> = encodeEvent({ data: "c" });
  if (new EventParser().feed(bytes).length !== 1) return "EventParser";

  const stream = new Response("data: d\n\n").body!
    .pipeThrough(new EventDecoderStream())
    .pipeThrough(new KeepAliveStream())
    .pipeThrough(new EventEncoderStream());
  const text = await new Response(stream).text();
  return text.endsWith("\n\ndata: d\n\n") ? "ok" : `text ${text}`;
}
