import { type BrowserContext, chromium, type Page } from "playwright-core";

/** A Chromium with a profile of its own, both gone when it is disposed of. */
export interface Browser extends AsyncDisposable {
  /** What pages have complained about: errors and warnings, caught or not. */
  readonly complaints: readonly string[];
  /** Opens a page. */
  open(url: string): Promise<Page>;
}

/**
 * Starts Chromium.
 *
 * @throws {Error} If it is not installed: these tests are never skipped.
 */
export async function launchChromium(): Promise<Browser> {
  const executablePath = Deno.env.get("CHROMIUM") ?? "/usr/bin/chromium";
  const profile = await Deno.makeTempDir({ prefix: "chromium-" });
  const removeProfile = () => Deno.remove(profile, { recursive: true });
  let context: BrowserContext;
  try {
    context = await chromium.launchPersistentContext(profile, {
      executablePath,
      headless: true,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    });
  } catch (cause) {
    await removeProfile();
    throw new Error(
      `Cannot start ${executablePath}: run tests/system/install`,
      { cause },
    );
  }

  const complaints: string[] = [];
  context.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") {
      complaints.push(message.text());
    }
  });
  context.on("weberror", (error) => complaints.push(String(error.error())));

  return {
    complaints,
    async open(url) {
      const page = await context.newPage();
      await page.goto(url);
      return page;
    },
    async [Symbol.asyncDispose]() {
      await context.close();
      await removeProfile();
    },
  };
}
