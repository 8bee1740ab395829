import { afterAll, beforeAll, expect, test } from "bun:test";
import { startTestHub, type TestHub } from "@watchpost/hub/web/test-hub.ts";
import { startAssistant } from "@watchpost/hub/assistant/index.ts";
import type { Browser } from "playwright-core";
import { openBrowser, openVisitor, type Visitor } from "./browser.ts";
import * as seed from "./seed.ts";

const APPEARS_MS = 5_000;
const OUTPUT_MS = 1_000;

let hub: TestHub;
let browser: Browser;
let site: seed.SeededSite;
let assistant: Awaited<ReturnType<typeof startAssistant>>;
let visitor: Visitor;

beforeAll(async () => {
  hub = await startTestHub();
  assistant = await startAssistant(hub.hub, { publicUrl: hub.url });
  site = await seed.seedSite(hub.hub, "harbor");
  browser = await openBrowser();
  visitor = await openVisitor(browser, { url: hub.url, cookie: await hub.signIn(), theme: "dark" });
}, 60_000);

afterAll(async () => {
  expect(visitor.complaints).toEqual([]);
  await browser?.close();
  await assistant?.stop();
  await hub?.close();
});

test("an incident appears by itself, its analysis fills in, a person takes it, and it ends by itself", async () => {
  const { page } = visitor;
  await visitor.visit("/incidents");
  await page.getByText("Nothing is wrong").waitFor();
  await seed.report(hub.hub, site, seed.UPLINK_DOWN);
  const row = page.locator(".incident-row", { hasText: "core-sw1 uplink Te1/1 down" });
  await row.waitFor({ timeout: APPEARS_MS });
  await page.locator("#count-incidents", { hasText: "1" }).waitFor();

  await row.getByRole("link").click();
  await page.locator("#incident-insight .conclusion", { hasText: "likely" }).waitFor({ timeout: APPEARS_MS });
  await page.getByRole("radio").first().waitFor({ state: "attached" });
  await page.getByRole("button", { name: "Acknowledge" }).click();
  await page.locator("#incident-head", { hasText: "In the hands of Administrator" }).waitFor({ timeout: APPEARS_MS });

  await seed.report(hub.hub, site, { ...seed.UPLINK_DOWN, over: true });
  await page.locator("#incident-head", { hasText: "Resolved" }).waitFor({ timeout: APPEARS_MS });
  await page.getByRole("button", { name: "Reopen" }).waitFor();
}, 60_000);

test("what the reader types, folds open and chooses stays while updates arrive", async () => {
  const { page } = visitor;
  const incidentId = await seed.report(hub.hub, site, seed.CPU_HIGH);
  await visitor.visit(`/incidents/${incidentId}`);
  await page.locator("#incident-insight .conclusion", { hasText: "likely" }).waitFor();
  await page.getByText("Silence", { exact: true }).click();
  await page.getByLabel("Why does nobody need to look?").fill("planned wo");
  await seed.report(hub.hub, site, seed.CPU_HIGH);
  await page.locator("#incident-head", { hasText: "2 events" }).waitFor({ timeout: APPEARS_MS });
  await page.keyboard.type("rk");
  expect(await page.getByLabel("Why does nobody need to look?").inputValue()).toBe("planned work");
  await page.getByRole("button", { name: /^Silence INC/ }).click();
  await page.locator("#incident-timeline", { hasText: "Silenced: planned work" }).waitFor({ timeout: APPEARS_MS });
}, 60_000);

test("a list is walked, selected and opened with keys", async () => {
  const { page } = visitor;
  await seed.report(hub.hub, site, seed.HOSTILE_DOWN);
  await visitor.visit("/incidents?status=all");
  await page.locator(".incident-row").nth(2).waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  await page.keyboard.press("x");
  expect(await page.locator(".incident-row :checked").count()).toBe(1);
  await page.getByRole("button", { name: "Acknowledge", exact: true }).waitFor();
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/incidents\/[0-9a-f-]{36}$/);
}, 60_000);

test("an approved script's output is on the page within a second", async () => {
  const { page } = visitor;
  const { executionId } = await seed.seedAutomation(hub.deps, site, undefined);
  await visitor.visit(`/executions/${executionId}`);
  const sentMs = Date.now();
  await seed.writeOutput(hub.hub, site, { executionId, index: 0, text: `first line ${seed.HOSTILE}\n` });
  await page.locator(".output", { hasText: `first line ${seed.HOSTILE}` }).waitFor({ timeout: APPEARS_MS });
  expect(Date.now() - sentMs).toBeLessThan(OUTPUT_MS);
}, 60_000);

test("a request for approval appears by itself and runs after one click", async () => {
  const { page } = visitor;
  await visitor.visit("/approvals");
  await page
    .getByRole("button", { name: /^Approve and run show-interfaces/ })
    .first()
    .click();
  await page.waitForURL(/\/executions\/[0-9a-f-]{36}$/);
  await page.locator("#execution-head", { hasText: "show-interfaces" }).waitFor();
}, 60_000);

test("a stream that could not be opened is tried again until it is live", async () => {
  const { page, complaints } = visitor;
  let refused = 0;
  await page.route("**/live/**", async (route) => {
    refused += 1;
    if (refused > 1) return route.fallback();
    return route.fulfill({ status: 503, contentType: "application/problem+json", body: "{}" });
  });
  await visitor.visit("/devices");
  expect(refused).toBe(2);
  expect(complaints.splice(0).filter((one) => !one.includes("status of 503"))).toEqual([]);
  await page.unroute("**/live/**");
}, 60_000);

test("a page whose session ends goes to the sign-in page", async () => {
  const cookie = await hub.signIn();
  const other = await openVisitor(browser, { url: hub.url, cookie, theme: "light" });
  await other.visit("/");
  await fetch(`${hub.url}/sign-out`, { method: "POST", headers: { cookie, origin: hub.url }, redirect: "manual" });
  await other.page.waitForURL(/\/sign-in/, { timeout: 20_000 });
}, 60_000);
