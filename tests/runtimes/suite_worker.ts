/** Answers with what becomes of the suite on workerd. */
import { runSuite } from "./suite.ts";

export default {
  async fetch(): Promise<Response> {
    return Response.json(await runSuite());
  },
};
