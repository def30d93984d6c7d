import { assertEquals, assertMatch } from "@std/assert";
import { type EventStream, fetchEventStream } from "../../client.ts";
import { installRuntimes } from "./install.ts";
import { bundle, startWorkerd, temporaryFolder } from "./process.ts";

const { workerd } = await installRuntimes();

Deno.test("examples/hub_worker.ts gives what is posted to all in a room, on workerd", async () => {
  await using folder = await temporaryFolder();
  await bundle("../../examples/hub_worker.ts", `${folder.path}/hub.mjs`);
  await using server = await startWorkerd(
    workerd,
    folder.path,
    "hub.mjs",
    true,
  );
  const url = `http://127.0.0.1:${server.port}/rooms`;

  async function publish(room: string, body: string): Promise<string> {
    const response = await fetch(`${url}/${room}`, { method: "POST", body });
    assertEquals(response.status, 200);
    return await response.text();
  }
  async function read(events: EventStream, count: number): Promise<unknown[]> {
    const read: unknown[] = [];
    const iterator = events[Symbol.asyncIterator]();
    while (read.length < count) {
      const { done, value } = await iterator.next();
      if (done) break;
      read.push([value.event, value.id, value.data]);
    }
    return read;
  }

  const first = await publish("quay", "before anybody listens");
  assertMatch(first, /^[0-9a-f]{8}-1$/);
  const open = (room: string, lastEventId?: string) =>
    fetchEventStream(`${url}/${room}`, { lastEventId });
  await using one = await open("quay");
  await using two = await open("quay");
  await using other = await open("pier");
  const ids = [await publish("quay", "a"), await publish("quay", "b")];
  const expected = [[undefined, ids[0], "a"], [undefined, ids[1], "b"]];
  await publish("pier", "elsewhere");
  assertEquals(await read(one, 2), expected);
  assertEquals(await read(two, 2), expected);
  assertEquals(
    (await read(other, 1)).map((event) => (event as string[])[2]),
    ["elsewhere"],
  );

  await using resumed = await open("quay", first);
  assertEquals(await read(resumed, 2), expected);
  await using late = await open("quay", ids[0]);
  const live = await publish("quay", "c");
  assertEquals(await read(late, 2), [expected[1], [undefined, live, "c"]]);
  // An id of another room is not placed.
  await using strange = await open("pier", ids[0]);
  const [[type, , data]] = await read(strange, 1) as string[][];
  assertEquals([type, JSON.parse(data).requested], ["stale", ids[0]]);

  for (
    const [method, path, status] of [
      ["PUT", "/rooms/quay", 405],
      ["GET", "/rooms/", 404],
      ["GET", "/", 404],
    ] as const
  ) {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
      method,
    });
    assertEquals(response.status, status);
    await response.body?.cancel();
  }
});
