import { assertEquals } from "@std/assert";
import {
  type CloseReason,
  eventStreamResponse,
  lastEventId,
  type ServerSentEvent,
} from "../../server.ts";
import { serve } from "../helpers/server.ts";
import { type ClientReport, LAST_EVENT_IDS, readTwoEvents } from "./clients.ts";
import { installRuntimes } from "./install.ts";
import {
  bundle,
  run,
  startWorkerd,
  type TemporaryFolder,
  temporaryFolder,
} from "./process.ts";

const runtimes = await installRuntimes();

let folder: TemporaryFolder;

Deno.test.beforeAll(async () => {
  folder = await temporaryFolder();
  const { path } = folder;
  await bundle("clients_cli.ts", `${path}/cli.mjs`);
  await bundle("clients_worker.ts", `${path}/worker.mjs`);
});

Deno.test.afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

/** Where the client runs, as a command or by itself. */
const clients: Readonly<
  Record<string, (url: string) => Promise<ClientReport>>
> = {
  Deno: readTwoEvents,
  "Node 20": (url) => runOn(runtimes.node20, url),
  "the newest Node": (url) => runOn(runtimes.node, url),
  Bun: (url) => runOn(runtimes.bun, url),
  async workerd(url) {
    const { path } = folder;
    await using worker = await startWorkerd(
      runtimes.workerd,
      path,
      "worker.mjs",
    );
    const response = await fetch(
      `http://127.0.0.1:${worker.port}/?server=${encodeURIComponent(url)}`,
    );
    return await response.json();
  },
};

async function runOn(command: string, url: string): Promise<ClientReport> {
  return JSON.parse(await run(command, [`${folder.path}/cli.mjs`, url]));
}

for (const [name, read] of Object.entries(clients)) {
  Deno.test(`fetchEventStream on ${name} sends ids, reads each event as it comes, and leaves once`, async () => {
    const next = Promise.withResolvers<void>();
    const left = Promise.withResolvers<void>();
    const reasons: CloseReason[] = [];
    const ids: unknown[] = [];
    async function* events(): AsyncGenerator<ServerSentEvent> {
      yield { id: "1", data: "é\n日本" };
      await next.promise;
      yield { id: "三", data: "🦕" };
      await new Promise(() => {});
    }
    await using server = serve(async (request) => {
      switch (new URL(request.url).pathname) {
        case "/next":
          next.resolve();
          return new Response();
        case "/left":
          await left.promise;
          return Response.json(reasons);
        case "/id":
          ids.push(lastEventId(request));
          return eventStreamResponse([]);
        default:
          return eventStreamResponse(events(), {
            onClose(reason) {
              reasons.push(reason);
              left.resolve();
            },
          });
      }
    });
    assertEquals(await read(server.url), {
      read: [["é\n日本", "1"], ["🦕", "三"]],
      reasons: ["client"],
    });
    assertEquals(ids, [...LAST_EVENT_IDS]);
    assertEquals(reasons, ["client"]);
  });
}
