import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import {
  connect,
  EventBuildError,
  EventDataError,
  EventSizeError,
  EventSource,
  EventStreamResponseError,
} from "../../client.ts";
import { jsonData } from "../../mod.ts";
import {
  type ConnectionOutcome,
  createReconnection,
  judgeResponse,
  type ReconnectionDecision,
  type ReconnectMode,
} from "../../src/http/reconnection.ts";
import { fakeClock } from "../helpers/clock.ts";
import { eventStream, fakeFetch } from "../helpers/fake_fetch.ts";

const PAGE = await Deno.readTextFile(
  new URL("../../docs/reconnection.md", import.meta.url),
);

/** The rows of the table below a heading, their cells without code marks. */
function table(heading: string): string[][] {
  const section = PAGE.split(/^## /m).find((text) => text.startsWith(heading));
  assert(section !== undefined, heading);
  const rows = section.split("\n").filter((line) => line.startsWith("|")).map(
    (line) =>
      line.slice(1, -1).split("|").map((cell) =>
        cell.replaceAll("`", "").trim()
      ),
  );
  return [rows[0], ...rows.slice(2)];
}

const ERRORS: Record<string, new (...parameters: never[]) => Error> = {
  EventBuildError,
  EventDataError,
  EventSizeError,
  EventStreamResponseError,
};

const NETWORK = new TypeError("network");

/** What a row says that does not name a status. */
const SOURCES: Record<string, () => Response | Error> = {
  "network error": () => NETWORK,
  "the stream breaks": () =>
    eventStream(new ReadableStream({ pull: () => Promise.reject(NETWORK) })),
  "the server ends it": () => eventStream("data: 1\n\n"),
  "an unreadable event": () => eventStream("data: {\n\n"),
  "an event that is too large": () =>
    eventStream(`data: ${"1".repeat(17 * 1024 * 1024)}\n\n`),
  "an id for no header": () => eventStream("id: \x01\ndata: 1\n\n"),
};

const OUTCOMES: Record<string, ConnectionOutcome> = {
  "network error": { kind: "broken", error: NETWORK },
  "the stream breaks": { kind: "broken", error: NETWORK },
  "the server ends it": { kind: "end" },
  "the closing event": { kind: "complete" },
};

/** "201–203, 205" as its numbers. */
function statusesOf(cell: string): number[] {
  return cell.split(", ").flatMap((range) => {
    const [first, last = first] = range.split("–").map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/** What the state machine decides by default, with a random number. */
function decide(
  outcome: ConnectionOutcome,
  { mode = "always", random = 0 }: { mode?: ReconnectMode; random?: number } =
    {},
): ReconnectionDecision {
  const clock = { now: () => 0, date: () => 0, random: () => random };
  return createReconnection(mode, {}, clock).next(outcome, undefined, "");
}

/** "again after 1000 to 2000 ms". */
function checkWait(says: string, outcome: ConnectionOutcome): void {
  const [, least, most] = /^again after (\d+) to (\d+) ms$/.exec(says) ?? [];
  for (const [random, delay] of [[0, least], [1, most]] as const) {
    const decision = decide(outcome, { random });
    assert(decision.act === "wait");
    assertEquals(decision.delay, Number(delay));
  }
}

/** A response of a row, if such a response can be made. */
function respond(status: number, type: string, header: string): Response {
  const headers = new Headers();
  if (type === "any other") headers.set("content-type", "text/html");
  else headers.set("content-type", "text/event-stream");
  if (header !== "") {
    const [name, value] = header.split(": ");
    headers.set(name, value);
  }
  const body = [204, 205, 304].includes(status) ? null : "data: 1\n\n";
  return new Response(body, { status, headers });
}

/** What connect does with an answer: open, again, stop, or the error. */
async function askConnect(answer: Response | Error): Promise<string | Error> {
  using clock = fakeClock();
  const { fetch, requests } = fakeFetch(answer);
  const events = connect("http://localhost/", {
    fetch,
    data: jsonData<number>(),
  });
  let isRead = false;
  const ended = (async () => {
    for await (const _ of events) isRead = true;
  })().then(() => "end", (error: Error) => error);
  await clock.tick(100_000);
  const end = await ended;
  assertEquals(clock.timers, 0);
  if (end !== "end") return end;
  if (requests.length === 1) return "stop";
  return isRead && answer instanceof Response && answer.status === 200
    ? "open"
    : "again";
}

/** What EventSource does with an answer. */
async function askEventSource(answer: Response | Error): Promise<string> {
  using clock = fakeClock();
  const { fetch, requests } = fakeFetch(answer);
  const source = new EventSource("http://localhost/", { fetch });
  let opens = 0;
  source.onopen = () => void opens++;
  await clock.tick(100_000);
  assertEquals(source.readyState, 2);
  assertEquals(clock.timers, 0);
  if (requests.length === 1) return "fail";
  return opens > 0 && answer instanceof Response ? "open" : "again";
}

const [head, ...rows] = table("What follows from what");

Deno.test("docs/reconnection.md: the table has the columns that are checked", () => {
  assertEquals(head, [
    "Status or error",
    "Content type",
    "Header",
    "connect",
    "EventSource",
  ]);
  const statuses = rows.flatMap(([cell, , header]) =>
    /^\d/.test(cell) && header === "" ? statusesOf(cell) : []
  );
  // 200 has two rows.
  assertEquals(
    statuses.sort((a, b) => a - b),
    [200, ...Array.from({ length: 400 }, (_, i) => 200 + i)],
  );
});

for (const [what, type, header, connectSays, sourceSays] of rows) {
  const label = [what, type, header].filter((cell) => cell !== "").join(", ");
  const [act] = connectSays.split(" ");
  const errorName = /^fail with (\w+)$/.exec(connectSays)?.[1];

  if (/^\d/.test(what)) {
    Deno.test(`docs/reconnection.md: ${label}`, async () => {
      const statuses = statusesOf(what);
      for (const status of statuses) {
        const verdicts = type === "any other"
          ? [judgeResponse(status, false)]
          : type === "any"
          ? [judgeResponse(status, false), judgeResponse(status, true)]
          : [judgeResponse(status, true)];
        for (const verdict of verdicts) {
          assertEquals(verdict === "reconnect" ? "again" : verdict, act);
        }
      }
      if (act === "again") {
        checkWait(connectSays, {
          kind: "refused",
          error: NETWORK,
          retryAfter: header === "" ? null : header.split(": ")[1],
          mended: false,
        });
      }
      // The first and the last of each range, through the whole client.
      for (const status of new Set([statuses[0], statuses.at(-1)!])) {
        const result = await askConnect(respond(status, type, header));
        if (errorName === undefined) assertEquals(result, act, `${status}`);
        else assertInstanceOf(result, ERRORS[errorName]);
        assertEquals(
          await askEventSource(respond(status, type, header)),
          sourceSays,
          `${status}`,
        );
      }
    });
    continue;
  }

  Deno.test(`docs/reconnection.md: ${label}`, async () => {
    if (act === "again") checkWait(connectSays, OUTCOMES[what]);
    const result = await askConnect(SOURCES[what]());
    if (errorName !== undefined) assertInstanceOf(result, ERRORS[errorName]);
    // That it was opened before it ended is not what the row is about.
    else assertEquals(result === "open" ? "again" : result, act);
    if (sourceSays !== "does not occur") {
      const result = await askEventSource(SOURCES[what]());
      assertEquals(result === "open" ? "again" : result, sourceSays);
    }
  });
}

const [[, ...modes], ...modeRows] = table("The modes");

for (const [what, ...cells] of modeRows) {
  cells.forEach((says, i) => {
    const mode = JSON.parse(modes[i]) as ReconnectMode;
    Deno.test(`docs/reconnection.md: ${what} if the mode is ${mode}`, () => {
      const status = Number(what);
      const outcome: ConnectionOutcome = Number.isNaN(status)
        ? OUTCOMES[what]
        : judgeResponse(status, false) === "stop"
        ? { kind: "complete" }
        : { kind: "refused", error: NETWORK, retryAfter: null, mended: false };
      const { act } = decide(outcome, { mode });
      assertEquals(act === "wait" ? "again" : act, says);
    });
  });
}

const [[, ...retries], ...waits] = table("The wait");

retries.forEach((column, i) => {
  const digits = /^retry: (\d+)$/.exec(column)?.[1];
  const retry = digits === undefined ? undefined : Number(digits);
  Deno.test(`docs/reconnection.md: the waits with ${column}`, () => {
    for (const random of [0, 1]) {
      const clock = { now: () => 0, date: () => 0, random: () => random };
      const { next } = createReconnection("always", {}, clock);
      for (const [attempt, ...cells] of waits) {
        assertEquals(
          next({ kind: "end" }, retry, ""),
          {
            act: "wait",
            attempt: Number(attempt),
            delay: Number(cells[i].split(" to ")[random]),
            cause: undefined,
          },
        );
      }
    }
  });
});
