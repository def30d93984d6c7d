import process from "node:process";
import { CONTENDERS } from "./contenders.ts";
import { DATA_LENGTH, END } from "./data.ts";

/** What a server says of its process. */
export interface ServerFigures {
  /** Its memory, in bytes. */
  readonly rss: number;
  /** The time that it has taken from the processors, in milliseconds. */
  readonly cpu: number;
}

/** What fills the buffers of who does not read. */
const FILLING = "x".repeat(64 * 1024);

/**
 * Makes the request handler of a server, the same on all runtimes.
 *
 * `GET /` subscribes, `POST /publish?count=` publishes so many events in one turn,
 * `POST /fill` sends to those alone who never read, and `GET /figures` says what the
 * process takes.
 *
 * @param name Who sends: a name of `CONTENDERS`.
 * @returns The handler.
 */
export function createHandler(
  name: string,
): (request: Request) => Response | Promise<Response> {
  const contender = CONTENDERS[name]();
  let number = 0;

  return (request) => {
    const url = new URL(request.url);
    switch (url.pathname) {
      case "/":
        return contender.subscribe(request, url.searchParams.has("stuck"));
      case "/publish":
        for (let i = Number(url.searchParams.get("count")); i > 0; i--) {
          contender.publish(dataOf(++number));
        }
        return new Response();
      case "/fill":
        return Response.json(contender.fill?.(FILLING));
      case "/figures":
        collectGarbage();
        return Response.json(figures());
      default:
        return new Response(null, { status: 404 });
    }
  };
}

/** The data of an event: its number, when it was published, and an end of its own. */
function dataOf(number: number): string {
  const time = performance.timeOrigin + performance.now();
  return `${number} ${time} `.padEnd(DATA_LENGTH - 1, "x") + END;
}

/** Collects garbage, if the process was started so that it can. */
function collectGarbage(): void {
  const { gc, Bun } = globalThis as {
    gc?: () => void;
    Bun?: { gc(force: boolean): void };
  };
  if (Bun !== undefined) Bun.gc(true);
  else gc?.();
}

function figures(): ServerFigures {
  const { user, system } = process.cpuUsage();
  return { rss: process.memoryUsage().rss, cpu: (user + system) / 1000 };
}
