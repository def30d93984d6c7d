import { assertEquals } from "@std/assert";
import * as client from "../client.ts";
import * as datastar from "../datastar/mod.ts";
import * as main from "../mod.ts";
import * as server from "../server.ts";

/** Every name that a program can import, the types among them left out. */
const names = {
  main: [
    "EventBuildError",
    "EventDataError",
    "EventDataJsonReader",
    "EventDataMultiLineReader",
    "EventDataStringReader",
    "EventDecoderStream",
    "EventEncoderStream",
    "EventLogError",
    "EventParser",
    "EventSizeError",
    "EventStream",
    "EventStreamResponseError",
    "EventStreamTimeoutError",
    "IncompleteStreamError",
    "JsonEventData",
    "ReadSignalsError",
    "SlowSubscriberError",
    "StreamClosedError",
    "dataByEvent",
    "encodeEvent",
    "formatEvent",
    "jsonData",
    "lineData",
    "stringData",
  ],
  server: [
    "EventBuildError",
    "EventDataError",
    "EventHub",
    "EventLogError",
    "KeepAliveStream",
    "SlowSubscriberError",
    "StreamClosedError",
    "acceptsEventStream",
    "eventStreamResponse",
    "lastEventId",
    "memoryEventLog",
    "proxyEventStream",
    "redisEventLog",
  ],
  client: [
    "EventBuildError",
    "EventDataError",
    "EventSizeError",
    "EventSource",
    "EventStream",
    "EventStreamResponseError",
    "EventStreamTimeoutError",
    "IncompleteStreamError",
    "connect",
    "fetchEventStream",
  ],
  datastar: [
    "DATASTAR_VERSION",
    "EventBuildError",
    "EventDataError",
    "ReadSignalsError",
    "ServerSentEventGenerator",
    "SlowSubscriberError",
    "StreamClosedError",
    "consoleError",
    "consoleLog",
    "datastarData",
    "datastarScript",
    "dispatchCustomEvent",
    "executeScript",
    "htmlResponse",
    "idSelector",
    "isDatastarRequest",
    "patchElements",
    "patchSignals",
    "prefetch",
    "readSignals",
    "redirect",
    "removeElements",
    "removeSignals",
    "replaceUrl",
    "scriptResponse",
    "serveDatastarScript",
    "signalsResponse",
  ],
};

for (
  const [entry, module] of Object.entries({ main, server, client, datastar })
) {
  Deno.test(`the ${entry} entry point exports what it promises`, () => {
    assertEquals(
      Object.keys(module).sort(),
      names[entry as keyof typeof names],
    );
  });
}
