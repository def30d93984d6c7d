import { proxyEventStream, type ServerSentEvent } from "../../server.ts";

/** What came out of a proxy. */
export interface ProxyReport {
  readonly coding: string;
  readonly transformed: boolean;
  readonly status: number;
  /** The coding that its headers name, `null` for none. */
  readonly contentEncoding: string | null;
  readonly body: readonly number[];
  /** What `onError` was told. */
  readonly errors: readonly string[];
}

/** Passes on what a server has coded as each of its paths says, with the `fetch` of the runtime. */
export async function passOnCoded(
  url: string,
  codings: readonly string[],
): Promise<ProxyReport[]> {
  const reports: ProxyReport[] = [];
  for (const coding of codings) {
    for (const transformed of [false, true]) {
      const errors: string[] = [];
      const response = await proxyEventStream(
        new Request("https://proxy.example/"),
        url + encodeURIComponent(coding),
        {
          ...(transformed && { transform: (event: ServerSentEvent) => event }),
          keepAlive: false,
          onError: (error) => errors.push(String(error)),
        },
      );
      reports.push({
        coding,
        transformed,
        status: response.status,
        contentEncoding: response.headers.get("content-encoding"),
        body: [...new Uint8Array(await response.arrayBuffer())],
        errors,
      });
    }
  }
  return reports;
}
