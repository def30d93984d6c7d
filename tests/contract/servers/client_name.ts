import { type ClientName, CLIENTS } from "../service.ts";

/** The client that a command line names. */
export function clientName(args: readonly string[]): ClientName {
  const client = CLIENTS.find((name) => name === args[0]);
  if (client !== undefined) return client;
  throw new TypeError(`The client must be one of ${CLIENTS.join(", ")}`);
}
