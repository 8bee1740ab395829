import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { complaintsOf, openBrowser } from "../browser/browser.ts";
import { type Stack, startStack, until } from "./stack.ts";

let stack: Stack;
let browser: Browser;
let page: Page;
let trouble: string[];

beforeAll(async () => {
  stack = await startStack();
  browser = await openBrowser();
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  trouble = complaintsOf(page);
  await page.goto(stack.signInUrl);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(new URL("/", stack.url).href);
}, 150_000);

afterAll(async () => {
  await browser.close();
  await stack.stop();
}, 60_000);

interface Approval {
  id: string;
}

async function requestRun(
  name: string,
  parameters: Record<string, unknown>,
  targets: string[],
  incident?: string,
): Promise<string> {
  const { scripts } = (await (await stack.api("/api/v1/scripts")).json()) as {
    scripts: { id: string; name: string }[];
  };
  const { collectors } = (await (await stack.api("/api/v1/collectors")).json()) as { collectors: { id: string }[] };
  const body = {
    script_id: scripts.find((script) => script.name === name)?.id,
    parameters,
    initiated_by: "journey",
    ...(targets.length > 0 ? { target_resources: targets } : { collector_id: collectors[0]?.id }),
    ...(incident === undefined ? {} : { incident_id: incident }),
  };
  const answer = await stack.api("/api/automation/execute", { method: "POST", body });
  expect(answer.status).toBe(202);
  return ((await answer.json()) as { approval: Approval }).approval.id;
}

test("what a person approves on the page runs at the site, and its output arrives there by itself", async () => {
  await requestRun("watch-neighbour", { seconds: 3 }, ["core-sw1"]);
  await page.goto(new URL("/approvals", stack.url).href);
  expect(await page.locator("main").innerText()).toContain("/bin/sh");
  await page
    .getByRole("button", { name: /Approve/ })
    .first()
    .click();
  await page.locator("main", { hasText: "no ARP entry for 127.1.0.1" }).waitFor({ timeout: 5_000 });
  await page.locator("#execution-head", { hasText: "Finished" }).waitFor({ timeout: 15_000 });
}, 60_000);

test("a running script is cancelled from afar", async () => {
  const approval = await requestRun("watch-neighbour", { seconds: 25 }, ["core-sw1"]);
  const approved = await stack.api(`/api/v1/approvals/${approval}/approve`, { method: "POST", body: {} });
  expect(approved.status).toBe(200);
  const execution = await until("a running execution", 10_000, async () => {
    const { executions } = (await (await stack.api("/api/v1/executions")).json()) as {
      executions: { id: string; status: string }[];
    };
    return executions.find((e) => e.status === "running")?.id;
  });
  expect((await stack.api(`/api/v1/executions/${execution}/cancel`, { method: "POST", body: {} })).ok).toBe(true);
  await until("the cancelled state", 10_000, async () => {
    const body = (await (await stack.api(`/api/v1/executions/${execution}`)).json()) as { status: string };
    return body.status === "cancelled" ? true : undefined;
  });
}, 60_000);

test("the run stands on its incident's timeline and in the audit log", async () => {
  await stack.lab().inject("link-down", { device: "core-sw1" });
  const incident = await until("the incident", 20_000, async () => {
    const { incidents } = (await (await stack.api("/api/v1/incidents")).json()) as { incidents: { id: string }[] };
    return incidents[0]?.id;
  });
  const approval = await requestRun("host-health", { folder: "/" }, [], incident);
  await stack.api(`/api/v1/approvals/${approval}/approve`, { method: "POST", body: {} });
  const line = await until("the result on the timeline", 15_000, async () => {
    const body = (await (await stack.api(`/api/v1/incidents/${incident}`)).json()) as {
      timeline: { kind: string; text: string }[];
    };
    return body.timeline.findLast((entry) => entry.kind === "script" && /finished|ended/i.test(entry.text));
  });
  expect(line.text).toContain("host-health");
  const { entries } = (await (await stack.api("/api/v1/audit?limit=100")).json()) as { entries: { action: string }[] };
  const actions = new Set(entries.map((entry) => entry.action));
  for (const action of ["automation.requested", "approval.approved", "execution.signed", "execution.finished"])
    expect(actions).toContain(action);
}, 60_000);

test("nothing went wrong in the browser on the way", () => {
  expect(trouble).toEqual([]);
});
