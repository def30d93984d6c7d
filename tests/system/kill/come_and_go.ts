import { rawClient } from "../../helpers/raw_client.ts";
import { startServer } from "../../runtimes/process.ts";
import type { ServerFigures } from "./server.ts";

/** What has happened. */
export interface ComeAndGoFigures {
  readonly clients: number;
  /** What the server took when all the first ones had gone, in MiB. */
  readonly before: number;
  /** What it took when as many of them were there as ever are at a time, in MiB. */
  readonly during: number;
  /** What it took when all had gone, in MiB. */
  readonly after: number;
  readonly seconds: number;
}

/** What the server took when all of a wave were there, and when they had gone, in MiB. */
interface ServerMemory {
  readonly during: number;
  readonly after: number;
}

/** How many are there at a time. */
const AT_ONCE = 500;

/** How many come and go before memory is looked at: what the server keeps is made then. */
const FIRST_ONES = 2000;

const SERVER = new URL("server.ts", import.meta.url).pathname;

/** Has clients come to a server with a hub, and go when they have read a little. */
export async function comeAndGo(clients: number): Promise<ComeAndGoFigures> {
  const start = performance.now();
  await using server = await startServer(Deno.execPath(), [
    ...["run", "--allow-net", "--allow-env", "--allow-read"],
    ...["--v8-flags=--expose-gc", SERVER, "0"],
  ]);

  async function figures(): Promise<ServerFigures> {
    const url = `http://127.0.0.1:${server.port}/figures`;
    return await (await fetch(url)).json();
  }
  /** The memory of the server when nobody is left, in MiB. */
  async function memory(): Promise<number> {
    while (true) {
      const { subscribers, rss } = await figures();
      if (subscribers === 0) return mebibytes(rss);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
  /** Has some come, and go when all are there. */
  async function wave(): Promise<ServerMemory> {
    const there = await Promise.all(
      Array.from({ length: AT_ONCE }, () => open(server.port)),
    );
    const { rss } = await figures();
    for (const client of there) client[Symbol.dispose]();
    // Until nobody is left: more at a time than before would take more memory.
    return { during: mebibytes(rss), after: await memory() };
  }

  let before = 0;
  for (let i = 0; i < FIRST_ONES; i += AT_ONCE) before = (await wave()).after;
  let during = 0;
  let after = 0;
  for (let i = 0; i < clients; i += AT_ONCE) {
    const taken = await wave();
    during = Math.max(during, taken.during);
    after = taken.after;
  }
  return {
    clients,
    before,
    during,
    after,
    seconds: Math.round((performance.now() - start) / 100) / 10,
  };
}

async function open(port: number) {
  const client = await rawClient(port);
  await client.head();
  await client.chunk();
  return client;
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1024 / 1024 * 10) / 10;
}
