/**
 * Server-sent events for servers: responses with keep-alive, and what requests say.
 *
 * @example A handler for `Deno.serve`, `Bun.serve`, Workers and others
 * ```ts
 * import { eventStreamResponse } from "@tidings/sse/server";
 * import { assertEquals } from "@std/assert";
 *
 * async function* ticks() {
 *   for (let n = 1; n <= 3; n++) yield { event: "tick", data: String(n) };
 * }
 *
 * const server = { fetch: () => eventStreamResponse(ticks()) };
 *
 * const response = server.fetch();
 * assertEquals(response.headers.get("content-type"), "text/event-stream");
 * await response.body?.cancel();
 * ```
 *
 * @module
 */

export { EventHub } from "./src/hub/event_hub.ts";
export type {
  CloseOptions,
  EventHubOptions,
  EventHubStats,
  PublishOptions,
  SlowSubscriber,
  SubscribeOptions,
} from "./src/hub/event_hub_options.ts";
export type {
  EventLog,
  EventLogEntry,
  EventLogListener,
  EventLogTail,
  NewEventLogEntry,
} from "./src/hub/event_log.ts";
export {
  memoryEventLog,
  type MemoryEventLogOptions,
} from "./src/hub/memory_event_log.ts";
export {
  type RedisCommand,
  redisEventLog,
  type RedisEventLogOptions,
} from "./src/hub/redis_event_log.ts";
export type { SlowPolicy } from "./src/hub/slow_policy.ts";
export { acceptsEventStream } from "./src/http/accepts_event_stream.ts";
export {
  type CloseReason,
  type EventProducer,
  type EventSender,
  eventStreamResponse,
  type EventStreamResponseOptions,
  type ServerSentEventSource,
} from "./src/http/event_stream_response.ts";
export type { KeepAlive } from "./src/http/keep_alive.ts";
export { KeepAliveStream } from "./src/http/keep_alive_stream.ts";
export {
  lastEventId,
  type LastEventIdOptions,
} from "./src/http/last_event_id.ts";
export type { EventTransform } from "./src/http/event_transform.ts";
export {
  proxyEventStream,
  type ProxyEventStreamOptions,
} from "./src/http/proxy_event_stream.ts";
export type { Fetch } from "./src/http/fetch_event_stream.ts";
export type {
  EventDataCodec,
  EventDataLineReader,
  EventDataRead,
  EventDataWrite,
} from "./src/data/event_data.ts";
export {
  EventBuildError,
  EventDataError,
  EventLogError,
  SlowSubscriberError,
  StreamClosedError,
} from "./src/errors.ts";
export type { ServerSentEvent } from "./src/wire/event.ts";
export type {
  EventEncoderOptions,
  TypedEventEncoderOptions,
} from "./src/wire/format_event.ts";
