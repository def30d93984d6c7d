import { assertEquals, assertGreaterOrEqual, assertLess } from "@std/assert";
import { EventStream, type ServerSentEvent } from "../../mod.ts";
import { eventStreamResponse, lastEventId } from "../../server.ts";
import { serve, type TestServer } from "../helpers/server.ts";
import { launchChromium } from "./chromium.ts";

/** Serves an empty page, and events at `/events`. */
function serveEvents(events: (request: Request) => Response): TestServer {
  return serve((request) =>
    new URL(request.url).pathname === "/events"
      ? events(request)
      : new Response('<!doctype html><link rel="icon" href="data:,">', {
        headers: { "content-type": "text/html" },
      })
  );
}

/** Events, and what an `EventSource` dispatches: type, data and last event ID. */
const EVENTS: readonly (readonly [
  ServerSentEvent,
  readonly [type: string, data: string, lastEventId: string] | undefined,
])[] = [
  [{ data: "text" }, ["message", "text", ""]],
  [{ event: "message", data: "named" }, ["message", "named", ""]],
  [{ event: "tick", data: "a\nb\n\nc", id: "1" }, ["tick", "a\nb\n\nc", "1"]],
  [{ data: "\r\nx\ry\n" }, ["message", "\nx\ny\n", "1"]],
  [{ data: "" }, ["message", "", "1"]],
  [{ data: " two  spaces : colon" }, ["message", " two  spaces : colon", "1"]],
  [{ data: "é ✓ 漢 😀 \u2028 \uFEFF" }, [
    "message",
    "é ✓ 漢 😀 \u2028 \uFEFF",
    "1",
  ]],
  [{ data: "NUL \0, half \ud800" }, ["message", "NUL \0, half \ufffd", "1"]],
  [{ id: "é 😀", comments: ["unseen"] }, undefined],
  [{ event: "größe", data: "x" }, ["größe", "x", "é 😀"]],
  [{ data: "x\nevent: forged\nid: 9\n\ndata: y" }, [
    "message",
    "x\nevent: forged\nid: 9\n\ndata: y",
    "é 😀",
  ]],
  [{ id: "", data: "reset" }, ["message", "reset", ""]],
  [{ data: "ü".repeat(1 << 20), id: "2" }, [
    "message",
    "ü".repeat(1 << 20),
    "2",
  ]],
];

/** What is written, and what is to be read. */
const WRITTEN = EVENTS.map(([event]) => event);
const DISPATCHED = EVENTS.flatMap(([, event]) => event ? [event] : []);

Deno.test("EventSource dispatches what eventStreamResponse was given", async () => {
  await using server = serveEvents(() => eventStreamResponse(WRITTEN));
  await using browser = await launchChromium();
  const page = await browser.open(server.url);
  const seen = await page.evaluate((types) =>
    new Promise((resolve) => {
      const source = new EventSource("/events");
      const seen: unknown[] = [];
      for (const type of types) {
        source.addEventListener(type, ({ type, data, lastEventId }) => {
          seen.push([type, data, lastEventId]);
        });
      }
      source.onerror = () => {
        source.close();
        resolve(seen);
      };
    }), ["message", "tick", "größe", "forged"]);
  assertEquals(seen, DISPATCHED);
  assertEquals(browser.complaints, []);
});

Deno.test("EventStream reads what EventSource dispatches", async () => {
  const events = new EventStream(eventStreamResponse(WRITTEN));
  assertEquals<unknown>(
    await Array.fromAsync(
      events,
      ({ event, data, lastEventId }) => [event ?? "message", data, lastEventId],
    ),
    DISPATCHED,
  );
});

Deno.test("EventSource opens before the first event", async () => {
  const opened = Promise.withResolvers<void>();
  async function* events() {
    await opened.promise;
    yield { data: "after" };
  }
  await using server = serveEvents(() => eventStreamResponse(events()));
  await using browser = await launchChromium();
  const page = await browser.open(server.url);
  await page.exposeFunction("tellOpened", opened.resolve);
  const data = await page.evaluate(() =>
    new Promise((resolve) => {
      const source = new EventSource("/events");
      source.onopen = () => Reflect.get(globalThis, "tellOpened")();
      source.onmessage = ({ data }) => {
        source.close();
        resolve(data);
      };
    })
  );
  assertEquals(data, "after");
});

/** Ways in which a stream of one event comes to its end. */
const ENDS: Record<string, (event: ServerSentEvent) => Response> = {
  "ends": (event) => eventStreamResponse([event], { retry: 50 }),
  "is ended by its signal": (event) => {
    const stop = new AbortController();
    async function* events() {
      yield event;
      stop.abort();
      await new Promise(() => {});
    }
    return eventStreamResponse(events(), { retry: 50, signal: stop.signal });
  },
  "breaks": (event) => {
    async function* events() {
      yield event;
      // Deno.serve prints it: one line is enough.
      const error = new Error("Broken by the test");
      error.stack = String(error);
      throw error;
    }
    return eventStreamResponse(events(), { retry: 50 });
  },
};

for (const [end, respond] of Object.entries(ENDS)) {
  Deno.test(`EventSource resumes after a stream that ${end}, until 204`, async () => {
    const ids = ["1", "é 😀", "3"];
    const asked: (string | undefined)[] = [];
    await using server = serveEvents((request) => {
      const last = lastEventId(request);
      asked.push(last);
      const id = ids[last === undefined ? 0 : ids.indexOf(last) + 1];
      if (id === undefined) return new Response(null, { status: 204 });
      return respond({ id, data: `event ${id}` });
    });
    await using browser = await launchChromium();
    const page = await browser.open(server.url);
    const seen = await page.evaluate(() =>
      new Promise((resolve) => {
        const source = new EventSource("/events");
        const seen: string[] = [];
        source.onmessage = ({ data }) => seen.push(data);
        source.onerror = () => {
          if (source.readyState === EventSource.CLOSED) resolve(seen);
        };
      })
    );
    assertEquals(seen, ids.map((id) => `event ${id}`));
    // A connection that is reset may lose what is on its way: it is asked for again.
    assertEquals([...new Set(asked)], [undefined, ...ids]);
  });
}

Deno.test("EventSource resumes from a query parameter, then from its header", async () => {
  const asked: (string | undefined)[] = [];
  await using server = serveEvents((request) => {
    asked.push(lastEventId(request, { query: "after" }));
    if (asked.length === 3) return new Response(null, { status: 204 });
    const id = String(Number(asked.at(-1)) + 1);
    return eventStreamResponse([{ id, data: "" }], { retry: 50 });
  });
  await using browser = await launchChromium();
  const page = await browser.open(server.url);
  await page.evaluate(() =>
    new Promise<void>((resolve) => {
      const source = new EventSource("/events?after=7");
      source.onerror = () => {
        if (source.readyState === EventSource.CLOSED) resolve();
      };
    })
  );
  assertEquals(asked, ["7", "8", "9"]);
});

Deno.test("EventSource waits as long as retry says", async () => {
  // Half of what Chromium waits by itself, so that it is neither that nor nothing.
  const retry = 1500;
  const times: number[] = [];
  async function* events() {
    yield { retry, data: "" };
    times.push(performance.now());
  }
  await using server = serveEvents(() => {
    if (times.length === 0) return eventStreamResponse(events());
    times.push(performance.now());
    return new Response(null, { status: 204 });
  });
  await using browser = await launchChromium();
  const page = await browser.open(server.url);
  await page.evaluate(() =>
    new Promise<void>((resolve) => {
      const source = new EventSource("/events");
      source.onerror = () => {
        if (source.readyState === EventSource.CLOSED) resolve();
      };
    })
  );
  const [ended, resumed] = times;
  assertGreaterOrEqual(resumed - ended, retry - 5);
  assertLess(resumed - ended, 2 * retry);
});

Deno.test("EventSource dispatches a keep-alive that is an event", async () => {
  await using server = serveEvents(() =>
    eventStreamResponse(new ReadableStream<ServerSentEvent>(), {
      keepAlive: { interval: 20, event: { event: "ping", data: "still here" } },
    })
  );
  await using browser = await launchChromium();
  const page = await browser.open(server.url);
  const pings = await page.evaluate(() =>
    new Promise((resolve) => {
      const source = new EventSource("/events");
      const pings: string[] = [];
      source.addEventListener("ping", ({ data }) => {
        if (pings.push(data) < 3) return;
        source.close();
        resolve(pings);
      });
    })
  );
  assertEquals(pings, Array(3).fill("still here"));
});

for (const way of ["close()", "a page that is left"] as const) {
  Deno.test(`EventSource cancels the source of its events by ${way}`, async () => {
    const cancelled = Promise.withResolvers<void>();
    const source = new ReadableStream<ServerSentEvent>({
      start: (controller) => controller.enqueue({ data: "one of many" }),
      cancel: () => cancelled.resolve(),
    });
    await using server = serveEvents(() => eventStreamResponse(source));
    await using browser = await launchChromium();
    const page = await browser.open(server.url);
    await page.evaluate((way) =>
      new Promise<void>((resolve) => {
        const source = new EventSource("/events");
        source.onmessage = () => {
          if (way === "close()") source.close();
          resolve();
        };
      }), way);
    if (way !== "close()") await page.close();
    await cancelled.promise;
  });
}
