import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { credentials, makeClientConstructor, Metadata } from "@grpc/grpc-js";
import { create } from "@bufbuild/protobuf";
import { grpcService, type Insight, Insights, WatchRequestSchema } from "@watchpost/proto";
import type { Browser, Page } from "playwright-core";
import { complaintsOf, findAccessibilityFaults, openBrowser } from "../browser/browser.ts";
import { type Stack, startStack, until } from "./stack.ts";

const POLL_INTERVAL_MS = 5_000;
/** One poll interval and five seconds: how soon a broken uplink must stand on the page. */
const INCIDENT_DEADLINE_MS = POLL_INTERVAL_MS + 5_000;

let stack: Stack;
let browser: Browser;
let page: Page;
let trouble: string[];
const insights: Insight[] = [];

beforeAll(async () => {
  stack = await startStack();
  browser = await openBrowser();
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  trouble = complaintsOf(page);
  watchInsights(stack);
}, 150_000);

afterAll(async () => {
  await browser.close();
  expect(await stack.stop()).toBe(0);
}, 60_000);

test("the one-time link signs in, and only once", async () => {
  await page.goto(stack.signInUrl);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(new URL("/", stack.url).href);
  const other = await browser.newPage();
  await other.goto(stack.signInUrl);
  await other.getByRole("button", { name: "Sign in" }).click();
  expect(await other.locator("body").innerText()).toContain("used");
  await other.close();
});

test("the overview shows the site's devices alive", async () => {
  await page.goto(stack.url);
  const text = await page.locator("main").innerText();
  expect(text).toContain("harbor");
  const devices = await until("devices up", 30_000, async () => {
    const body = (await (await stack.api("/api/v1/devices?limit=100")).json()) as { devices: { state: string }[] };
    return body.devices.length >= 24 && body.devices.every((d) => d.state === "up") ? body.devices.length : undefined;
  });
  expect(devices).toBeGreaterThanOrEqual(24);
});

test("a broken core uplink becomes one incident by itself, with a ranked cause and evidence that opens its query", async () => {
  await page.goto(new URL("/incidents", stack.url).href);
  await stack.lab().inject("link-down", { device: "core-sw1" });
  const row = page.locator("[data-row]", { hasText: "core-sw1" }).first();
  await row.waitFor({ timeout: INCIDENT_DEADLINE_MS });
  await row.getByRole("link").first().click();

  const insight = page.locator("#incident-insight[aria-busy=false]", { hasText: "Te1/1" });
  await insight.waitFor({ timeout: INCIDENT_DEADLINE_MS });
  await page.locator("a[href^='/evidence/']").first().click();
  await page.waitForURL(/\/evidence\//);
  expect(await page.locator("main").innerText()).toContain("Run again");
  await page.goBack();
}, 60_000);

test("the insight stream for programs says what the page says", async () => {
  const finished = await until("a finished insight", 15_000, async () =>
    insights.findLast((i) => i.step === "finished"),
  );
  const conclusion = (await page.locator("#incident-insight .conclusion").innerText()).trim();
  const diagnosis = JSON.parse(finished.diagnosisJson) as { summary: string };
  expect(finished.text).toBe(diagnosis.summary);
  expect(finished.text.toLowerCase()).toContain(conclusion.toLowerCase());
  expect(page.url()).toContain(finished.incidentId);
});

test("acknowledged on the page, resolved by itself when the fault ends", async () => {
  await page.getByRole("button", { name: "Acknowledge" }).click();
  await page.locator("#incident-head", { hasText: "In the hands of" }).waitFor({ timeout: 5_000 });
  await stack.lab().clear();
  await page.locator("#incident-head", { hasText: "Resolved" }).waitFor({ timeout: 45_000 });
}, 90_000);

test("the pages of this walk break no accessibility rule in either theme", async () => {
  const paths = ["/", "/incidents", new URL(page.url()).pathname, "/devices"];
  const broken: string[] = [];
  for (const theme of ["dark", "light"] as const) {
    for (const path of paths) {
      await page.emulateMedia({ colorScheme: theme });
      await page.goto(new URL(path, stack.url).href);
      await page.evaluate((name) => document.documentElement.setAttribute("data-theme", name), theme);
      broken.push(...(await findAccessibilityFaults(page)).map((violation) => `${theme} ${path} ${violation}`));
    }
  }
  expect(broken).toEqual([]);
}, 60_000);

test("nothing went wrong in the browser on the way", () => {
  expect(trouble).toEqual([]);
});

/** A plain grpc-js client: the hub's authority as root, bearer token in the metadata. */
function watchInsights(on: Stack): void {
  const Client = makeClientConstructor(grpcService(Insights), "Insights");
  const client = new Client(on.grpc, credentials.createSsl(readFileSync(on.caFile)));
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${on.apiToken}`);
  const watch: unknown = Reflect.get(client, "watch");
  if (typeof watch !== "function") throw new Error("the Insights client has no watch");
  const stream = Reflect.apply(watch, client, [create(WatchRequestSchema), metadata]);
  stream.on("data", (insight: Insight) => insights.push(insight));
  stream.on("error", (error: Error) => trouble.push(`insights: ${error.message}`));
}
