import { assertEquals, assertStringIncludes } from "@std/assert";
import * as json from "../../examples/json_events.ts";
import * as string from "../../examples/string_events.ts";
import { serve } from "../helpers/server.ts";
import { type Browser, launchChromium } from "./chromium.ts";

/** What a page shows when its stream is complete. */
interface Shown {
  /** The texts of the rows of events, the oldest first, without what the clock says. */
  readonly rows: string[][];
  /** The texts of the rows that tell of a reconnection, the oldest first. */
  readonly seams: string[];
  /** The states that the page went through. */
  readonly states: string[];
  /** The texts of the figures above the table, by their names. */
  readonly figures: Record<string, string>;
}

/** Opens a page, and reads it when its stream is complete. */
async function show(browser: Browser, url: string): Promise<Shown> {
  const page = await browser.open("about:blank");
  const states: string[] = [];
  await page.exposeFunction("tellState", (state: string) => states.push(state));
  // Text, since it runs in the page, which has a document and no types.
  await page.addInitScript(`
    new MutationObserver(() => {
      const state = document.querySelector("#status")?.dataset.state;
      if (state === undefined || state === globalThis.lastState) return;
      globalThis.lastState = state;
      tellState(state);
    }).observe(document, { attributes: true, childList: true, subtree: true });
  `);
  await page.goto(url);
  await page.locator("#status[data-state=complete]").waitFor();

  const rows: string[][] = [];
  for (const row of await page.locator("tr[data-id]").all()) {
    rows.unshift(await row.locator("td").allTextContents());
  }
  const seams = await page.locator("tr.seam").allTextContents();
  const names = await page.locator("dt").allTextContents();
  const values = await page.locator("dd").allTextContents();
  // What looks like HTML has stayed text.
  assertEquals(await page.locator("tbody b").count(), 0);
  return {
    rows,
    seams: seams.reverse(),
    states,
    figures: Object.fromEntries(names.map((name, i) => [name, values[i]])),
  };
}

/** A connection, twice broken off and resumed. */
const STATES = [
  "connecting",
  ...["open", "reconnecting", "open", "reconnecting", "open", "reconnecting"],
  "complete",
];

Deno.test("the page of examples/string_events.ts fills over three connections", async () => {
  await using server = serve((request) => string.handler(request, 20));
  await using browser = await launchChromium();
  const { rows, seams, states, figures } = await show(browser, server.url);
  assertEquals(
    rows.map((row) => row.slice(0, 3)),
    string.LOG.map(({ event = "message", data = "" }, index) => [
      String(index + 1),
      event,
      data,
    ]),
  );
  assertEquals(
    seams,
    [6, 12].map((id) => `Reconnected, going on after event ${id}`),
  );
  assertEquals(states, STATES);
  assertEquals(figures, {
    "Events": "18 of 18",
    "Last event ID": "18",
    "Reconnections": "2",
  });
  assertEquals(browser.complaints, []);
});

Deno.test("the page of examples/json_events.ts fills over three connections", async () => {
  await using server = serve((request) => json.handler(request, 20));
  await using browser = await launchChromium();
  const { rows, seams, states, figures } = await show(browser, server.url);
  assertEquals(
    rows.map(([id, item, quantity]) => [id, item, quantity]),
    json.ORDERS.map(({ item, quantity }, index) => [
      String(index + 1),
      item,
      String(quantity),
    ]),
  );
  assertEquals(rows[7].slice(3), ["€129.00", "€3,096.00", "On delivery"]);
  assertEquals(
    seams,
    [7, 14].map((id) => `Reconnected, going on after order ${id}`),
  );
  assertEquals(states, STATES);
  assertEquals(figures, {
    "Orders": "21 of 21",
    "Revenue": "€11,210.30",
    "Last event ID": "21",
    "Reconnections": "2",
  });
  assertEquals(browser.complaints, []);
});

for (const [name, { handler }] of Object.entries({ string, json })) {
  Deno.test(`the page of examples/${name}_events.ts says when there is no stream`, async () => {
    await using server = serve((request) =>
      request.url.endsWith("/events")
        ? new Response("Down", { status: 503 })
        : handler(request)
    );
    await using browser = await launchChromium();
    const page = await browser.open(server.url);
    await page.getByRole("status").getByText("Failed").waitFor();
    // It is Chromium that complains, which shows that complaints are heard.
    assertEquals(browser.complaints.length, 1);
    assertStringIncludes(browser.complaints[0], "503");
  });
}
