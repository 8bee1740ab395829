import { afterAll, beforeAll, expect, test } from "bun:test";
import * as seed from "../../../packaging/browser/seed.ts";
import { seedDiscovery } from "../../../packaging/browser/seed-discovery.ts";
import { startTestHub, type TestHub } from "../test-hub.ts";

let hub: TestHub;
let site: seed.SeededSite;

beforeAll(async () => {
  hub = await startTestHub();
  site = await seed.seedSite(hub.hub, "harbor");
}, 60_000);

afterAll(() => hub.close());

type Headers = Record<string, string>;

async function page(path = "/discovery", as: Headers = hub.bearer.admin): Promise<string> {
  return (await fetch(hub.url + path, { headers: { accept: "text/html", ...as } })).text();
}

async function press(path: string, fields: Headers = {}, as: Headers = hub.bearer.admin) {
  const headers = { ...as, "hx-request": "true", "hx-current-url": `${hub.url}/discovery` };
  const response = await fetch(hub.url + path, { method: "POST", body: new URLSearchParams(fields), headers });
  return { status: response.status, text: await response.text() };
}

async function idOf(address: string): Promise<string> {
  const [row] = await hub.hub.sql<{ id: string }[]>`
    select id from control_plane.device_proposals where host(address) = ${address}`;
  return row?.id ?? "";
}

test("where nothing was looked for, the page says how to begin; a range that is none is put right in the form", async () => {
  expect(await page()).toMatch(/Nothing was looked for yet.*allow: \[192\.0\.2\.0\/24\]/s);
  const refused = await press("/discovery", { collector: site.collectorId, ranges: "192.0.2.0/24, everywhere" });
  expect(refused.status).toBe(422);
  expect(refused.text).toMatch(/everywhere&quot; is no range.*value="192\.0\.2\.0\/24, everywhere"/s);
});

test("an admin orders a scan and cancels it; others may look", async () => {
  const order = { collector: site.collectorId, ranges: "192.0.2.0/24 198.51.100.1" };
  const ordered = await press("/discovery", order);
  expect(ordered.text).toContain("192.0.2.0/24, 198.51.100.1");
  expect(await page("/discovery", hub.bearer.viewer)).toContain("Only an admin can order a scan");
  const [scan] = await hub.hub.sql<{ id: string }[]>`select id from control_plane.discovery_scans`;
  expect((await press(`/discovery/scans/${scan?.id}/cancel`, {}, hub.bearer.operator)).text).toContain(
    "discovery:scan",
  );
  expect((await press(`/discovery/scans/${scan?.id}/cancel`)).text).toContain("Cancelled while its collector was away");
});

test("found devices are accepted under a name of choice or refused, and say so to the next", async () => {
  await seedDiscovery(hub.deps, site);
  const shown = await page();
  expect(shown).toMatch(/edge-sw7.*also 198\.51\.100\.7/s);
  expect(shown).toMatch(/none fits/);
  expect(shown).toContain("97 of 254 addresses");
  expect(shown).not.toContain(seed.HOSTILE);
  const [seven, eight] = [await idOf("192.0.2.7"), await idOf("192.0.2.8")];
  expect(shown).toContain(`value="${[eight, seven].join(",")}"`);
  const taken = await press(`/discovery/proposals/${seven}/accept`, { name: "core-sw1" });
  expect(taken.text).toContain("a device core-sw1 already");
  expect((await press(`/discovery/proposals/${seven}/accept`, { name: "gate-7" })).text).toContain(
    "Its collector is away",
  );
  expect((await press(`/discovery/proposals/${seven}/accept`)).text).toContain("was faster: it is accepted");
  const refused = (await press(`/discovery/proposals/${eight}/reject`)).text;
  expect(refused).not.toContain("192.0.2.8");
  expect(await page("/discovery?status=accepted")).toMatch(/gate-7.*on its way to the collector/s);
  expect(await page("/discovery?status=rejected&search=AC8X")).toContain("192.0.2.8");
  expect((await press(`/discovery/proposals/${eight}/accept`, {}, hub.bearer.operator)).text).toContain(
    "discovery:decide",
  );
});
