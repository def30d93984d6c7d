import { checkCase } from "../conformance/check_case.ts";
import {
  METHODS,
  OWN_CASES,
  SAMPLE_CASES,
} from "../conformance/datastar_cases.ts";
import {
  type Endpoints,
  RUNTIMES,
  startEndpoints,
} from "../conformance/servers.ts";

// The official suite is a task of its own, see `tests/conformance/datastar_suite.ts`.

let started: Endpoints;

Deno.test.beforeAll(async () => {
  started = await startEndpoints();
});

Deno.test.afterAll(async () => {
  await started[Symbol.asyncDispose]();
});

for (const runtime of RUNTIMES) {
  const urlOf = () => {
    const endpoint = started.endpoints.find((it) => it.runtime === runtime);
    if (endpoint === undefined) throw new Error(`${runtime} did not start`);
    return endpoint.url;
  };

  for (const method of Object.keys(METHODS)) {
    Deno.test(`the conformance endpoint on ${runtime} answers ${method} with our own cases, to the byte`, async (context) => {
      for (const example of OWN_CASES) {
        await context.step(
          example.name,
          () => checkCase(example, method, urlOf(), fetch),
        );
      }
    });
  }

  Deno.test(`the conformance endpoint on ${runtime} answers the sample's cases, to the byte`, async (context) => {
    for (const example of SAMPLE_CASES) {
      await context.step(
        example.name,
        () => checkCase(example, example.method, urlOf(), fetch),
      );
    }
  });
}
