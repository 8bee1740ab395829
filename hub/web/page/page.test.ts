import { afterAll, beforeAll, expect, test } from "bun:test";
import { assetUrl } from "@watchpost/ui/asset";
import * as seed from "../../../packaging/browser/seed.ts";
import { startTestHub, type TestHub } from "../test-hub.ts";

let hub: TestHub;
let site: seed.SeededSite;
let incidentId: string;
let scriptId: string;

beforeAll(async () => {
  hub = await startTestHub();
  site = await seed.seedSite(hub.hub, "harbor");
  incidentId = (await seed.report(hub.hub, site, seed.UPLINK_DOWN)) ?? "";
  ({ scriptId } = await seed.seedAutomation(hub.deps, site, incidentId));
}, 60_000);

afterAll(() => hub.close());

type Headers = Record<string, string>;

function get(path: string, headers: Headers = {}): Promise<Response> {
  return fetch(hub.url + path, { headers: { accept: "text/html", ...headers }, redirect: "manual" });
}

function post(path: string, fields: Headers, headers: Headers): Promise<Response> {
  return fetch(hub.url + path, { method: "POST", body: new URLSearchParams(fields), headers, redirect: "manual" });
}

const HTMX = { "hx-request": "true" };

test("nobody without a name sees a page; the way in comes back to it", async () => {
  const response = await get("/devices?state=down");
  expect(response.status).toBe(303);
  expect(response.headers.get("location")).toBe("/sign-in?next=%2Fdevices%3Fstate%3Ddown");
});

test("the browser's files need no name, may be kept for ever, and come packed", async () => {
  const response = await get(assetUrl("app.js"), { "accept-encoding": "gzip" });
  expect(response.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  expect(response.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
  expect(await response.text()).toContain("data-live");
  expect((await get("/assets/000000000000/app.js")).status).toBe(404);
});

test("an id that is no id, and one that nothing has, are a page that says so", async () => {
  for (const id of ["1'--", Bun.randomUUIDv7()]) {
    const response = await get(`/incidents/${encodeURIComponent(id)}`, hub.bearer.viewer);
    expect(response.status).toBe(404);
    expect(await response.text()).toContain("<h1>Not found</h1>");
  }
});

test("the number that people say leads to the incident's page", async () => {
  const page = await (await get(`/incidents/${incidentId}`, hub.bearer.viewer)).text();
  const name = /INC-\d+/.exec(page)?.[0];
  const response = await get(`/incidents/${name}`, hub.bearer.viewer);
  expect([response.status, response.headers.get("location")]).toEqual([303, `/incidents/${incidentId}`]);
  expect((await get("/incidents/999999", hub.bearer.viewer)).status).toBe(404);
});

test("the second to acknowledge learns who was first, on the page", async () => {
  const path = `/incidents/${incidentId}/acknowledge`;
  const headers = { ...hub.bearer.operator, ...HTMX, "hx-current-url": `${hub.url}/incidents/${incidentId}` };
  const first = await (await post(path, {}, headers)).text();
  expect(first).toContain("In the hands of operator");
  const second = await (await post(path, {}, { ...headers, ...hub.bearer.admin })).text();
  expect(second).toContain("operator was faster");
});

test("without htmx a button answers with the page it belongs to", async () => {
  const response = await post(`/incidents/${incidentId}/comment`, { text: "looked at it" }, hub.bearer.operator);
  expect([response.status, response.headers.get("location")]).toEqual([303, `/incidents/${incidentId}`]);
});

test("an incident is silenced for as long as chosen, and its page says when it comes back", async () => {
  const path = `/incidents/${incidentId}/silence`;
  const headers = { ...hub.bearer.operator, ...HTMX, "hx-current-url": `${hub.url}/incidents/${incidentId}` };
  const refused = await post(path, { reason: "works on the mast", hours: "1000" }, headers);
  expect(await refused.text()).toContain("ends between now and 30 days ahead");
  const silenced = await (await post(path, { reason: "works on the mast", hours: "4" }, headers)).text();
  expect(silenced).toMatch(/Back in <time [^>]*>(?:4 h|3 h 59 min)/);
  await post(`/incidents/${incidentId}/reopen`, {}, headers);
});

test("a viewer changes nothing", async () => {
  const response = await post(`/incidents/${incidentId}/resolve`, {}, hub.bearer.viewer);
  expect(response.status).toBe(403);
});

test("a new site's token is shown once, with the command; a bad name is explained in the form", async () => {
  const made = await post("/sites/add", { site: "pier-9" }, hub.bearer.admin);
  expect(await made.text()).toMatch(/WATCHPOST_TOKEN=wp1\.[\w-]+ collector run/);
  const refused = await post("/sites/add", { site: "Pier 9!" }, hub.bearer.admin);
  expect(refused.status).toBe(422);
  expect(await refused.text()).toContain("cannot name a site");
});

test("a dry run shows the very arguments and asks for nothing; a wrong parameter is explained in the form", async () => {
  const path = `/automation/${scriptId}/run`;
  const fields = { collector: site.collectorId, targets: "core-sw1", sent: "true" };
  const dry = await post(path, { ...fields, "parameter.level": "full", dry_run: "true" }, hub.bearer.operator);
  expect(await dry.text()).toContain("--device\ncore-sw1\n--level\nfull");
  const wrong = await post(path, { ...fields, "parameter.level": "everything" }, hub.bearer.operator);
  expect(wrong.status).toBe(422);
  expect(await wrong.text()).toContain("level");
  const asked = await post(path, { ...fields, "parameter.level": "brief" }, hub.bearer.operator);
  expect([asked.status, asked.headers.get("location")]).toEqual([303, "/approvals"]);
});

test("a refused configuration says why, as text", async () => {
  const html = await (await fetch(`${hub.url}/collectors`, { headers: hub.bearer.viewer })).text();
  expect(html).toContain("Version 2 refused");
  expect(html).toContain("expected a duration such as 30s, found &quot;&gt;&lt;script&gt;");
});

test("traffic without a metrics store is a problem with its next step, not an empty chart", async () => {
  const id = site.deviceIds.get("core-sw1");
  const response = await get(`/devices/${id}/traffic?interface=49&range=1h`, {
    ...hub.bearer.viewer,
    accept: "application/json",
  });
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ code: "not-available", detail: expect.stringContaining("VM_URL") });
});
