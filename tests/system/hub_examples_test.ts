import { assertEquals } from "@std/assert";
import { createBoard } from "../../examples/hub.ts";
import { command, Run } from "../helpers/run.ts";
import { serve } from "../helpers/server.ts";
import { launchChromium } from "./chromium.ts";
import { startRedis } from "./redis.ts";

Deno.test("the page of examples/hub.ts shows what others write in the channels it listens to", async () => {
  const board = createBoard();
  await using server = serve(board.handler);
  await using browser = await launchChromium();
  const [reader, writer] = [
    await browser.open(server.url),
    await browser.open(server.url),
  ];
  for (const page of [reader, writer]) {
    await page.getByText("Open", { exact: true }).waitFor();
  }
  async function write(channel: string, text: string): Promise<void> {
    await writer.getByLabel("Channel").selectOption(channel);
    await writer.getByLabel("Message").fill(text);
    await writer.getByRole("button").click();
    await writer.locator("li", { hasText: text }).waitFor();
  }
  const shown = () => reader.locator("li span:nth-child(2)").allTextContents();

  await write("berths", "<b>one</b>");
  await reader.getByText("<b>one</b>").waitFor();
  // Off and on again: what came meanwhile was not for this page, what comes is.
  await reader.getByLabel("pilots").uncheck();
  await write("pilots", "two");
  await write("weather", "three");
  await reader.getByText("three").waitFor();
  assertEquals(await shown(), ["three", "<b>one</b>"]);
  await reader.getByLabel("pilots").check();
  await write("pilots", "four");
  await reader.getByText("four").waitFor();
  assertEquals(await shown(), ["four", "three", "<b>one</b>"]);
  assertEquals(browser.complaints, []);
  await board.stop();
});

Deno.test("the page of examples/hub_redis.ts misses nothing when the server that feeds it is killed", async () => {
  await using redis = await startRedis();
  Deno.env.set("REDIS_URL", `redis://127.0.0.1:${redis.port}`);
  await using run = new Run(...await command("hub_redis.ts"));
  const address = await run.until(/http:\/\/127\.0\.0\.1:\d+\//);
  await using browser = await launchChromium();
  const page = await browser.open(address);
  const server = page.locator("#server");
  const feeds: string[] = [];
  for (let times = 0; times < 2; times++) {
    const killed = times === 0 ? "A" : "B";
    await page.locator("#server", { hasText: killed }).waitFor();
    // Both speak, whoever feeds the page.
    for (const name of ["A", "B"]) {
      await page.locator(`#ticks .tag[data-server=${name}]`).first().waitFor();
    }
    feeds.push(await server.textContent() ?? "");
    await page.locator("#kill").click();
    await page.locator("#reconnections", { hasText: String(times + 1) })
      .waitFor();
    // The other one goes on, and the one that was killed comes back.
    const start = page.locator("#ticks li:not(.seam):not(.seam ~ li)", {
      hasText: `Server ${killed}event 1 since`,
    });
    await start.waitFor();
  }
  assertEquals(feeds, ["A", "B"]);
  assertEquals(await page.locator("#wrong").textContent(), "0");
  run.interrupt();
  assertEquals((await run.end()).code, 0);
});
