import { readFileSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";

const ARGUMENTS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The distribution's Chromium; WATCHPOST_TEST_CHROMIUM names another one. */
export function openBrowser(): Promise<Browser> {
  const executablePath = process.env["WATCHPOST_TEST_CHROMIUM"] ?? "/usr/bin/chromium";
  return chromium.launch({ executablePath, args: ARGUMENTS });
}

export type Theme = "dark" | "light";

export interface Visitor {
  page: Page;
  /** Console errors, exceptions and refusals of the content security policy so far. */
  complaints: string[];
  /** Reads `path`, once its fonts and its live stream are there. */
  visit(path: string): Promise<void>;
}

/** A signed-in person's tab. */
export async function openVisitor(
  browser: Browser,
  hub: { url: string; cookie: string; theme: Theme },
): Promise<Visitor> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const [name = "", value = ""] = hub.cookie.split(/=(.*)/s);
  await context.addCookies([
    { name, value, url: hub.url, httpOnly: true, sameSite: "Lax" },
    { name: "watchpost_theme", value: hub.theme, url: hub.url },
  ]);
  const page = await context.newPage();
  const complaints = complaintsOf(page);
  return {
    page,
    complaints,
    async visit(path) {
      await page.goto(`${hub.url}${path}`, { waitUntil: "load" });
      await page.evaluate(() => document.fonts.ready);
      const isLive = (await page.locator("[data-live]").count()) > 0;
      if (!isLive) return;
      await page
        .locator('#connection[data-state="live"]')
        .waitFor()
        .catch((error: unknown) => {
          throw new Error(`${path} did not become live. ${complaints.join("; ")}`, { cause: error });
        });
    },
  };
}

/** Fills as the page complains: console errors and warnings, exceptions, refusals of the content security policy. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning")
      complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`exception: ${error.message}`));
  return complaints;
}

const AXE = readFileSync(Bun.resolveSync("axe-core/axe.min.js", import.meta.dir), "utf8");

/** What axe-core finds wrong, one line each: rule, element, why. */
export async function findAccessibilityFaults(page: Page): Promise<string[]> {
  // Playwright evaluates through the debugger, so the page's own policy stays as strict as it is.
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<AxeResults> } };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary ?? ""}`.slice(0, 400)),
    );
  });
}

interface AxeResults {
  violations: { id: string; nodes: { target: string[]; failureSummary?: string }[] }[];
}
