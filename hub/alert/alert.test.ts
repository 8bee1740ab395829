import { afterAll, beforeAll, expect, test } from "bun:test";
import { events } from "@watchpost/db/schema";
import { eq } from "drizzle-orm";
import { type TestDatabase, testDatabase } from "../../packaging/parts/index.ts";
import { HubError } from "../error.ts";
import { listIncidents } from "../incident/index.ts";
import { makeScene, type Scene } from "../incident/scene.fixture.ts";
import { ALERTS_MAX, BODY_BYTES_MAX, receiveWebhook, type WebhookSource } from "./index.ts";

let database: TestDatabase;
let scene: Scene;
beforeAll(async () => {
  database = await testDatabase();
  scene = await makeScene(database.db, "harbor");
});
afterAll(() => database.close());

const receive = (source: WebhookSource, body: unknown) =>
  receiveWebhook(scene.system, { source, body: typeof body === "string" ? body : JSON.stringify(body) });
const openTitles = async () =>
  (await listIncidents(scene.system, { status: "open" })).incidents.map((i) => i.title).toSorted();
const refusal = async (source: WebhookSource, body: unknown) => {
  const error = await receive(source, body).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(HubError);
  return error as HubError;
};

/** As Alertmanager 0.27 sends it. */
const alertmanager = (status: "firing" | "resolved") => ({
  version: "4",
  groupKey: '{}:{alertname="BgpSessionDown"}',
  truncatedAlerts: 0,
  status,
  receiver: "watchpost",
  groupLabels: { alertname: "BgpSessionDown" },
  commonLabels: { alertname: "BgpSessionDown", severity: "critical", site: "harbor" },
  commonAnnotations: {},
  externalURL: "http://alertmanager:9093",
  alerts: [
    {
      status,
      labels: {
        alertname: "BgpSessionDown",
        instance: "127.1.0.1:9116",
        severity: "critical",
        site: "harbor",
        peer: "192.0.2.1",
      },
      annotations: { summary: "BGP session to 192.0.2.1 is down", description: "since 3 minutes" },
      startsAt: new Date().toISOString(),
      endsAt: status === "firing" ? "0001-01-01T00:00:00Z" : new Date().toISOString(),
      generatorURL: "http://prometheus:9090/graph?g0.expr=bgp",
      fingerprint: "c1f2a3b4d5e6f708",
    },
  ],
});

/** As Grafana 11 sends it. */
const grafana = {
  receiver: "watchpost",
  status: "firing",
  orgId: 1,
  alerts: [
    {
      status: "firing",
      labels: { alertname: "High temperature", grafana_folder: "Rooms", device: "dist-sw2", severity: "high" },
      annotations: { summary: "Inlet above 40 degrees" },
      startsAt: "2026-11-23T01:00:00.123456789+01:00",
      endsAt: "0001-01-01T00:00:00Z",
      generatorURL: "http://grafana:3000/alerting/grafana/a/view",
      fingerprint: "57c6d9296de2ad39",
      silenceURL: "http://grafana:3000/alerting/silence/new",
      dashboardURL: "",
      panelURL: "",
      values: { A: 41.5 },
      valueString: "[ var='A' labels={} value=41.5 ]",
    },
  ],
  groupLabels: {},
  commonLabels: {},
  commonAnnotations: {},
  externalURL: "http://grafana:3000/",
  version: "1",
  groupKey: "{}",
  truncatedAlerts: 0,
  title: "[FIRING:1] High temperature",
  state: "alerting",
  message: "x",
};

test("an Alertmanager alert opens an incident of the device at that address, repeats count, resolved ends it", async () => {
  expect(await receive("alertmanager", alertmanager("firing"))).toMatchObject({ alerts: 1, stored: 1, withoutSite: 0 });
  await receive("alertmanager", alertmanager("firing"));
  const { incidents } = await listIncidents(scene.system, { status: "open" });
  expect(incidents).toHaveLength(1);
  expect(incidents[0]).toMatchObject({
    title: "rtr1 BGP session to 192.0.2.1 is down",
    site: "harbor",
    device: "rtr1",
    severity: "critical",
    eventCount: 2,
  });
  expect((await receive("alertmanager", alertmanager("resolved"))).resolved).toEqual([incidents[0]!.id]);
  expect(await openTitles()).toEqual([]);
});

test("a Grafana alert finds its device by name alone and keeps value, links and sender as attributes", async () => {
  await receive("grafana", grafana);
  expect(await openTitles()).toEqual(["dist-sw2 Inlet above 40 degrees"]);
  const [row] = await database.db
    .select()
    .from(events)
    .where(eq(events.fingerprint, "webhook/grafana/57c6d9296de2ad39"));
  expect(row).toMatchObject({ kind: "webhook", severity: "error", siteId: scene.source.siteId, collectorId: null });
  expect(row?.attributes).toMatchObject({
    source: "grafana",
    sender: "system",
    value: "[ var='A' labels={} value=41.5 ]",
  });
  await receive("grafana", { ...grafana, alerts: [{ ...grafana.alerts[0], status: "resolved" }] });
});

test("the generic format takes one alert or several; one for no site of ours still becomes an incident", async () => {
  await receive("generic", { title: "Generator runs", severity: "error", site: "nowhere", device: "gen-1" });
  expect(await receive("generic", { alerts: [{ title: "Door open", site: "harbor" }] })).toMatchObject({
    withoutSite: 0,
  });
  expect(await openTitles()).toEqual(["Door open", "gen-1 Generator runs"]);
  await receive("generic", {
    alerts: [
      { title: "Generator runs", status: "resolved", site: "nowhere", device: "gen-1" },
      { title: "Door open", status: "resolved", site: "harbor" },
    ],
  });
  expect(await openTitles()).toEqual([]);
});

test("two webhooks over the same sites at once both go through", async () => {
  await makeScene(database.db, "pier");
  const webhooks = Array.from({ length: 6 }, (_, n) => ({
    alerts: ["harbor", "pier", ""].map((site) => ({ title: `Flood ${n}`, site, status: "firing" })),
  }));
  await Promise.all(webhooks.map((webhook) => receive("generic", webhook)));
  expect((await openTitles()).filter((title) => title.startsWith("Flood"))).toHaveLength(18);
});

test("what is not JSON, not of that source, or too much is refused with the place and the reason", async () => {
  const notJson = await refusal("alertmanager", "alerts=1");
  expect(notJson.code).toBe("bad-request");
  expect(notJson.message).toMatch(/^the alertmanager webhook is not JSON \(.*\); it begins with "alerts=1"$/);
  const wrong = await refusal("alertmanager", { ...alertmanager("firing"), alerts: [{ status: "on" }] });
  expect(wrong.code).toBe("unprocessable");
  expect(wrong.message).toContain("alerts.0.status");
  expect((await refusal("alertmanager", grafana)).message).toContain("version");
  expect((await refusal("grafana", alertmanager("firing"))).message).toContain("orgId");
  expect((await refusal("generic", { title: "x", sight: "harbor" })).code).toBe("unprocessable");
  expect(
    (await refusal("generic", { alerts: Array.from({ length: ALERTS_MAX + 1 }, () => ({ title: "x" })) })).code,
  ).toBe("unprocessable");
  expect((await refusal("generic", `"${"x".repeat(BODY_BYTES_MAX)}"`)).code).toBe("too-large");
  const viewer = await scene.person("Vic", "viewer");
  const denied = await receiveWebhook(viewer, { source: "generic", body: "{}" }).catch((error: unknown) => error);
  expect(denied).toMatchObject({ code: "forbidden" });
});
