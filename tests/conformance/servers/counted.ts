import { handler } from "../../../examples/datastar_conformance.ts";

let count = 0;

/** Answers as the example does, and `/count` with how many requests there were before. */
export function counted(request: Request): Promise<Response> {
  if (new URL(request.url).pathname === "/count") {
    return Promise.resolve(Response.json(count));
  }
  count++;
  return handler(request);
}
