import { afterAll, beforeAll, expect, test } from "bun:test";
import { collectors, devices, events, incidents, sites } from "@watchpost/db/schema";
import type { Role } from "../../context.ts";
import { startTestHub, type TestHub } from "../test-hub.ts";

let hub: TestHub;
let siteId: string;
let collectorId: string;
beforeAll(async () => {
  hub = await startTestHub();
  const [site] = await hub.hub.db.insert(sites).values({ name: "harbor", title: "Harbor" }).returning();
  siteId = site?.id ?? "";
  const certificate = { certificateSerial: "1", certificateNotAfter: new Date() };
  const [collector] = await hub.hub.db
    .insert(collectors)
    .values({ siteId, name: "harbor-1", ...certificate })
    .returning();
  collectorId = collector?.id ?? "";
  const names = ["core-sw1", "dist-sw1", "dist-sw2"];
  await hub.hub.db.insert(devices).values(names.map((name) => ({ name, siteId, collectorId, ipAddress: "127.1.0.1" })));
});
afterAll(() => hub.close());

interface Item {
  id: string;
  name: string;
  kind: string;
  summary: string;
}

/** What these tests read of answers; which of it is there depends on the route. */
interface Answer {
  id: string;
  code: string;
  status: string;
  detail: string;
  by: string;
  decision: string;
  token: string;
  least: string;
  nextCursor: string | null;
  errors: { in: string; field: string; expected: string }[];
  approval: { id: string; bindingHash: string };
  devices: Item[];
  users: Item[];
  events: Item[];
  timeline: Item[];
  entries: unknown[];
  sites: unknown[];
  collectors: unknown[];
  executions: unknown[];
  deviceGroups: unknown[];
}

type Call = Omit<RequestInit, "headers"> & { as?: Role; headers?: Record<string, string> };
const eventTime = (i: number) => new Date(1_800_000_000_000 + Math.floor(i / 2));

async function call(path: string, init: Call = {}) {
  const { as = "admin", headers, ...rest } = init;
  const response = await fetch(hub.url + path, { ...rest, headers: { ...hub.bearer[as], ...headers } });
  const text = await response.text();
  const isJson = (response.headers.get("content-type") ?? "").includes("json");
  return { status: response.status, headers: response.headers, text, json: (isJson ? JSON.parse(text) : {}) as Answer };
}

const post = (path: string, body: unknown, as: Role = "admin") =>
  call(path, { as, method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } });

async function plantIncident(fingerprint: string): Promise<string> {
  const values = { siteId, alertName: "core-sw1 down", severity: "error", priority: "P1", fingerprint };
  const [incident] = await hub.hub.db.insert(incidents).values(values).returning();
  return incident?.id ?? "";
}

test("health needs no credentials and tells strangers no addresses", async () => {
  const alive = await fetch(`${hub.url}/healthz`);
  expect([alive.status, await alive.json()]).toEqual([200, { status: "ok" }]);
  const ready = await fetch(`${hub.url}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([
    200,
    {
      ready: true,
      checks: [
        { name: "postgres", state: "ok" },
        { name: "metrics-store", state: "off" },
      ],
    },
  ]);
  const metrics = await call("/metrics", { as: "viewer" });
  expect(metrics.headers.get("content-type")).toContain("text/plain");
  expect(metrics.text).toContain("process_resident_memory_bytes");
});

test("lists come in pages and end", async () => {
  const first = await call("/api/v1/devices?limit=2&site=harbor", { as: "viewer" });
  expect(first.json.devices.map((device) => device.name)).toEqual(["core-sw1", "dist-sw1"]);
  const second = await call(`/api/v1/devices?limit=2&cursor=${first.json.nextCursor}`);
  expect([second.json.devices.length, second.json.nextCursor]).toEqual([1, null]);
  expect(second.json.devices[0]).toMatchObject({ name: "dist-sw2", ipAddress: "127.1.0.1", site: "harbor" });
  const sitesOf = await call("/api/v1/sites", { as: "viewer" });
  expect(sitesOf.json.sites).toMatchObject([{ name: "harbor", devices: 3 }]);
});

test.each([
  ["/api/v1/devices?limit=0", "query", "limit"],
  ["/api/v1/devices?limit=201", "query", "limit"],
  ["/api/v1/devices?state=sideways", "query", "state"],
  ["/api/v1/executions/not-a-uuid", "param", "id"],
])("%s is refused with the field and what it expects", async (path, where, field) => {
  const { status, headers, json } = await call(path);
  expect([status, headers.get("content-type")]).toEqual([400, "application/problem+json; charset=utf-8"]);
  expect(json).toMatchObject({ code: "bad-request", errors: [{ in: where, field }] });
  expect(json.errors[0]?.expected.length).toBeGreaterThan(5);
});

test("a foreign cursor is refused, not taken for the first page", async () => {
  for (const list of ["devices", "events", "incidents", "approvals", "executions", "audit"]) {
    const { status, json } = await call(`/api/v1/${list}?cursor=bogus`);
    expect([list, status, json.code]).toEqual([list, 400, "bad-request"]);
  }
});

test("a body that is not JSON, or of another type, is told what is expected", async () => {
  const headers = { "content-type": "application/json" };
  const broken = await call("/api/automation/execute", { method: "POST", body: "{oops", headers });
  expect([broken.status, broken.json.code]).toEqual([400, "bad-request"]);
  expect(broken.json.detail).toContain("JSON");
  const form = await call("/api/automation/execute", { method: "POST", body: new URLSearchParams({ a: "1" }) });
  expect([form.status, form.json.code]).toEqual([415, "unsupported-media-type"]);
  const none = await call("/api/automation/execute", { method: "POST", headers });
  expect(none.status).toBe(400);
  const unknown = await post("/api/automation/execute", { script_id: "x", initiated_by: "", surprise: 1 });
  expect(unknown.json.errors.map((error) => error.field)).toEqual(["script_id", "initiated_by", ""]);
  const large = await call("/api/automation/execute", { method: "POST", body: "x".repeat(1_100_000), headers });
  expect([large.status, large.json.code]).toEqual([413, "too-large"]);
});

test("who may not, is told which role it takes", async () => {
  const refused = await post("/api/v1/enrollment-tokens", { site: "harbor" }, "operator");
  expect(refused.status).toBe(403);
  expect(refused.json).toMatchObject({ code: "forbidden", least: "admin" });
  const made = await post("/api/v1/enrollment-tokens", { site: "harbor" });
  expect([made.status, made.json.token.startsWith("wp1.")]).toEqual([201, true]);
});

test("the second to acknowledge an incident gets 409 and the name of the first", async () => {
  const id = await plantIncident("device-down/core-sw1");
  const first = await post(`/api/v1/incidents/${id}/acknowledge`, {}, "operator");
  expect([first.status, first.json.status]).toEqual([200, "acknowledged"]);
  const second = await post(`/api/v1/incidents/${id}/acknowledge`, {});
  expect(second.status).toBe(409);
  expect(second.json).toMatchObject({ code: "conflict", by: "operator", incident: { status: "acknowledged" } });
});

test("an incident is worked on from start to reopening, each step on its timeline", async () => {
  const id = await plantIncident("device-down/dist-sw1");
  const { json } = await call("/api/v1/users", { as: "viewer" });
  const operator = json.users.find((user) => user.name === "operator");
  const steps: [string, unknown][] = [
    ["acknowledge", {}],
    ["assign", { user_id: operator?.id }],
    ["start", {}],
    ["comment", { text: "<b>cable</b>" }],
    ["resolve", { reason: "cable" }],
    ["reopen", {}],
    ["silence", { reason: "maintenance" }],
  ];
  for (const [step, body] of steps)
    expect([step, (await post(`/api/v1/incidents/${id}/${step}`, body)).status]).toEqual([step, 200]);
  const whole = await call(`/api/v1/incidents/${id}`, { as: "viewer" });
  expect(whole.json.timeline.map((entry) => entry.kind)).toEqual([
    "acknowledged",
    "assigned",
    "started",
    "comment",
    "resolved",
    "reopened",
    "silenced",
  ]);
  const stale = await post(`/api/v1/incidents/${id}/resolve`, { revision: 1 });
  expect([stale.status, stale.json.code]).toEqual([409, "conflict"]);
  const audit = await call(`/api/v1/audit?entity=incident&entityId=${id}`);
  expect(audit.json.entries.length).toBe(7);
});

test("a webhook becomes an incident, and one that is not JSON is refused with what came", async () => {
  const sent = await post(
    "/api/v1/webhooks/generic",
    { title: "Door open", site: "harbor", device: "core-sw1" },
    "operator",
  );
  expect(sent.status).toBe(202);
  const list = await call("/api/v1/events?kind=webhook", { as: "viewer" });
  expect(list.json.events).toMatchObject([{ summary: "Door open", kind: "webhook" }]);
  const broken = await call("/api/v1/webhooks/grafana", { method: "POST", body: "<xml>" });
  expect([broken.status, broken.json.code]).toEqual([400, "bad-request"]);
  expect(broken.json.detail).toContain("grafana webhook is not JSON");
  const unknown = await post("/api/v1/webhooks/nagios", {});
  expect(unknown.json.errors).toMatchObject([{ in: "param", field: "source" }]);
  expect((await post("/api/v1/webhooks/generic", {}, "viewer")).status).toBe(403);
});

test("events are listed newest first, page by page, without a gap", async () => {
  const rows = Array.from({ length: 7 }, (_, i) => ({
    siteId,
    device: "core-sw1",
    kind: "syslog",
    state: "moment",
    severity: "info",
    fingerprint: `syslog/core-sw1/${i}`,
    summary: `line ${i}`,
    receivedAt: eventTime(i),
    observedAt: eventTime(i),
  }));
  await hub.hub.db.insert(events).values(rows);
  const seen: string[] = [];
  let cursor = "";
  for (let page = 0; page < 5; page += 1) {
    const { json } = await call(`/api/v1/events?device=core-sw1&kind=syslog&limit=2${cursor}`, { as: "viewer" });
    seen.push(...json.events.map((event) => event.summary));
    if (json.nextCursor === null) break;
    cursor = `&cursor=${json.nextCursor}`;
  }
  expect(seen.toSorted()).toEqual(rows.map((row) => row.summary));
  expect(seen[0]).toBe("line 6");
});

test("a script is stored, asked for, approved and cancelled over REST", async () => {
  const script = await post("/api/v1/scripts", { name: "show", argv: ["echo", "{{target.address}}"] });
  expect(script.status).toBe(201);
  const again = await post("/api/v1/scripts", { name: "show", argv: ["echo"] });
  expect([again.status, again.json.code]).toEqual([409, "conflict"]);
  const request = { script_id: script.json.id, target_resources: ["core-sw1"], initiated_by: "test" };
  const dry = await post("/api/automation/execute", { ...request, dry_run: true }, "operator");
  expect(dry.json).toMatchObject({ dryRun: true, plan: { argv: ["echo", "127.1.0.1"], site: "harbor" } });
  const asked = await post("/api/automation/execute", request, "operator");
  expect(asked.status).toBe(202);
  const { id, bindingHash } = asked.json.approval;
  const denied = await post(`/api/v1/approvals/${id}/approve`, {}, "viewer");
  expect(denied.status).toBe(403);
  const approved = await post(`/api/v1/approvals/${id}/approve`, { bindingHash }, "operator");
  expect([approved.status, approved.json.status]).toEqual([200, "queued"]);
  const twice = await post(`/api/v1/approvals/${id}/reject`, {});
  expect([twice.status, twice.json.by, twice.json.decision]).toEqual([409, "operator", "approved"]);
  const cancelled = await post(`/api/v1/executions/${approved.json.id}/cancel`, {});
  expect([cancelled.status, cancelled.json as unknown]).toEqual([202, { kind: "cancelled" }]);
  const list = await call("/api/v1/executions?status=cancelled", { as: "viewer" });
  expect(list.json.executions).toMatchObject([{ targets: ["core-sw1"], script: { name: "show", version: 1 } }]);
});

test("a configuration is stored for a collector that is away, and a broken one is refused", async () => {
  const sent = await post(`/api/v1/collectors/${collectorId}/config`, { yaml: "devices: []\n" });
  expect([sent.status, sent.json as unknown]).toEqual([202, { version: 1, sent: false }]);
  const broken = await post(`/api/v1/collectors/${collectorId}/config`, { yaml: "a: [" });
  expect([broken.status, broken.json.code]).toEqual([422, "unprocessable"]);
  const revoked = await post(`/api/v1/collectors/${collectorId}/revoke`, {});
  expect(revoked.status).toBe(204);
  const list = await call("/api/v1/collectors", { as: "viewer" });
  expect(list.json.collectors).toMatchObject([{ name: "harbor-1", status: "revoked" }]);
});

test("devices are put into a group by PATCH", async () => {
  const { json } = await call("/api/v1/devices", { as: "viewer" });
  const device_ids = json.devices.map((device) => device.id);
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ device_ids, group: "core" });
  const patched = await call("/api/devices/groups", { as: "operator", method: "PATCH", body, headers });
  expect([patched.status, patched.json as unknown]).toEqual([200, { changed: 3 }]);
  const groups = await call("/api/v1/device-groups", { as: "viewer" });
  expect(groups.json.deviceGroups).toMatchObject([{ name: "core", devices: 3 }]);
  const device = await call(`/api/v1/devices/${device_ids[0]}`, { as: "viewer" });
  expect(device.json).toMatchObject({ group: "core", interfaces: [], links: [] });
});

test("what does not exist is a 404 problem, and an analysis without an assistant says why", async () => {
  for (const path of ["devices", "incidents", "scripts", "approvals", "executions", "evidence", "sessions"]) {
    const { status, json } = await call(`/api/v1/${path}/${Bun.randomUUIDv7()}`);
    expect([path, status, json.code]).toEqual([path, 404, "not-found"]);
  }
  const analysis = await post("/analyze", { site: "harbor", device: "core-sw1" }, "operator");
  expect([analysis.status, analysis.json.code]).toEqual([503, "not-available"]);
});
