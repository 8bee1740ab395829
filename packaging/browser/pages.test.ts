import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startTestHub, type TestHub } from "@watchpost/hub/web/test-hub.ts";
import { startAssistant } from "@watchpost/hub/assistant/index.ts";
import { openMetricsStore } from "@watchpost/hub/metrics/index.ts";
import type { Browser } from "playwright-core";
import { testVictoriaMetrics } from "../parts/index.ts";
import { findAccessibilityFaults, openBrowser, openVisitor, type Theme } from "./browser.ts";
import * as seed from "./seed.ts";
import { seedDiscovery } from "./seed-discovery.ts";

const SCREENSHOTS = process.env["WATCHPOST_TEST_SCREENSHOTS"];
/** The store is shared with other tests: series of our own. */
const SITE = `harbor-${process.pid}`;

let hub: TestHub;
let browser: Browser;
let site: seed.SeededSite;
let paths: [string, string][];
let assistant: Awaited<ReturnType<typeof startAssistant>>;

beforeAll(async () => {
  const vmUrl = await testVictoriaMetrics();
  hub = await startTestHub();
  hub.hub.metrics = openMetricsStore(vmUrl);
  assistant = await startAssistant(hub.hub, { publicUrl: hub.url });
  site = await seed.seedSite(hub.hub, SITE);
  await seed.seedMetrics(vmUrl, SITE);
  const incidentId = (await seed.report(hub.hub, site, seed.UPLINK_DOWN)) ?? "";
  await seed.report(hub.hub, site, seed.CPU_HIGH);
  await seed.report(hub.hub, site, seed.HOSTILE_DOWN);
  const longId = await seed.report(hub.hub, site, seed.LONG_DOWN);
  const automation = await seed.seedAutomation(hub.deps, site, incidentId);
  await seed.writeOutput(hub.hub, site, {
    executionId: automation.executionId,
    index: 0,
    text: `Te1/1 down\n${seed.HOSTILE}\n`,
  });
  await seedDiscovery(hub.deps, site);
  browser = await openBrowser();
  const evidenceId = await evidenceOf(incidentId);
  paths = [
    ["overview", "/"],
    ["incidents", "/incidents"],
    ["incidents-none", "/incidents?status=silenced"],
    ["incident", `/incidents/${incidentId}`],
    ["evidence", `/evidence/${evidenceId}`],
    ["devices", "/devices"],
    ["device", `/devices/${site.deviceIds.get("core-sw1")}`],
    ["device-hostile", `/devices/${site.deviceIds.get(seed.HOSTILE)}`],
    ["sites", "/sites"],
    ["add-site", "/sites/add"],
    ["collectors", "/collectors"],
    ["discovery", "/discovery"],
    ["discovery-none", "/discovery?status=known"],
    ["automation", "/automation"],
    ["script", `/automation/${automation.scriptId}`],
    ["approvals", "/approvals"],
    ["execution", `/executions/${automation.executionId}`],
    ["incident-of-a-long-name", `/incidents/${longId}`],
    ["topology", "/topology"],
    ["search", "/search?q=core"],
    ["search-none", "/search?q=nothing-like-it"],
    ["not-found", "/nowhere"],
    ["sign-in", "/sign-in?token=abc"],
    ["sign-in-without-link", "/sign-in"],
  ];
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await assistant?.stop();
  await hub?.close();
});

/** The analysis runs in the background; its first metrics evidence is there within seconds. */
async function evidenceOf(incidentId: string): Promise<string> {
  for (let tries = 0; tries < 100; tries += 1) {
    const [row] = await hub.hub.sql<{ id: string }[]>`
      select e.id from sre_assistant.evidence e join sre_assistant.diagnosis_history d using (session_id)
      where e.incident_id = ${incidentId} and e.tool = 'metrics' and e.title like '%in rate%' limit 1`;
    if (row) return row.id;
    await Bun.sleep(100);
  }
  throw new Error(`incident ${incidentId} has no analysis after 10 s`);
}

test("evidence is asked again, and what it says now stands beside what it said then", async () => {
  const visitor = await openVisitor(browser, { url: hub.url, cookie: await hub.signIn(), theme: "dark" });
  const [, path = ""] = paths.find(([name]) => name === "evidence") ?? [];
  await visitor.visit(path);
  await visitor.page.getByRole("button", { name: "Run again" }).click();
  await visitor.page.locator("#rerun figure").waitFor();
  expect(await visitor.page.locator("#rerun").innerText()).toContain("traffic in of core-sw1 Te1/1");
  expect(visitor.complaints).toEqual([]);
  if (SCREENSHOTS) await visitor.page.screenshot({ path: `${SCREENSHOTS}/dark-evidence-rerun.png` });
  await visitor.page.context().close();
}, 60_000);

test("a traffic chart is drawn from the metrics store and follows the theme", async () => {
  const visitor = await openVisitor(browser, { url: hub.url, cookie: await hub.signIn(), theme: "light" });
  await visitor.visit(`/devices/${site.deviceIds.get("core-sw1")}?interface=49`);
  await visitor.page.locator(".chart-frame canvas").waitFor();
  await visitor.page.locator("[data-in]", { hasText: /^\d[\d.]* Mbit\/s$/ }).waitFor();
  await visitor.page.getByRole("button", { name: "Switch between dark and light" }).click();
  expect(await visitor.page.locator("html").getAttribute("data-theme")).toBe("dark");
  await visitor.page.locator(".chart-frame canvas").waitFor();
  expect(visitor.complaints).toEqual([]);
  await visitor.page.context().close();
}, 60_000);

test("no page scrolls sideways on a narrow window", async () => {
  const visitor = await openVisitor(browser, { url: hub.url, cookie: await hub.signIn(), theme: "dark" });
  const wide: string[] = [];
  await visitor.page.setViewportSize({ width: 900, height: 800 });
  for (const [name, path] of paths) {
    await visitor.visit(path);
    const over = await visitor.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (over > 0) wide.push(`${name}: ${over} px`);
    if (SCREENSHOTS) await visitor.page.screenshot({ path: `${SCREENSHOTS}/narrow-${name}.png` });
  }
  await visitor.page.context().close();
  expect(wide).toEqual([]);
}, 60_000);

describe.each<Theme>(["dark", "light"])("in %s", (theme) => {
  test("the palette finds by a part of a name, is walked with the arrow keys, and has no accessibility fault", async () => {
    const visitor = await openVisitor(browser, { url: hub.url, cookie: await hub.signIn(), theme });
    const { page } = visitor;
    await visitor.visit("/approvals");
    await page.keyboard.press("Control+k");
    const palette = page.getByRole("dialog", { name: "Search" });
    await palette.getByRole("option", { name: "Overview" }).waitFor();
    await page.keyboard.type("-sw");
    await palette.getByRole("option", { name: /^acc-sw1/ }).waitFor();
    await page.keyboard.press("ArrowDown");
    expect(await palette.getByRole("option", { selected: true }).innerText()).toStartWith("acc-sw2");
    const faults = await findAccessibilityFaults(page);
    if (SCREENSHOTS) await page.screenshot({ path: `${SCREENSHOTS}/${theme}-palette.png` });
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/devices/${site.deviceIds.get("acc-sw2")}`);
    expect([...faults, ...visitor.complaints]).toEqual([]);
    await page.context().close();
  }, 60_000);

  test("no page has an accessibility fault, a console error or a policy violation", async () => {
    const visitor = await openVisitor(browser, { url: hub.url, cookie: await hub.signIn(), theme });
    const faults: string[] = [];
    for (const [name, path] of paths) {
      await visitor.visit(path);
      faults.push(...(await findAccessibilityFaults(visitor.page)).map((fault) => `${name}: ${fault}`));
      const expected = name === "not-found" ? /status of 404/ : /^$/;
      faults.push(
        ...visitor.complaints
          .splice(0)
          .filter((one) => !expected.test(one))
          .map((one) => `${name}: ${one}`),
      );
      if (SCREENSHOTS) await visitor.page.screenshot({ path: `${SCREENSHOTS}/${theme}-${name}.png` });
    }
    await visitor.page.context().close();
    expect(faults).toEqual([]);
  }, 120_000);
});
