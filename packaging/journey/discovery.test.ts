import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { pino } from "pino";
import { configSchema } from "../../collector/config/index.ts";
import { type RunningCollector, startCollector } from "../../collector/run/index.ts";
import { loadConfig } from "../../hub/config/index.ts";
import { systemClock } from "../../hub/context.ts";
import { contextFor } from "../../hub/hub.ts";
import { createApiToken, FIRST_ADMIN_EMAIL } from "../../hub/identity/index.ts";
import { type RunningHub, startHub } from "../../hub/run/index.ts";
import { type Lab, startLab } from "../lab/index.ts";
import { scratchDir, testDatabase, testVictoriaMetrics } from "../parts/index.ts";
import { until } from "./stack.ts";

const log = pino({ level: "silent" });
const undo = new AsyncDisposableStack();

let lab: Lab;
let hub: RunningHub;
let collector: RunningCollector;
let token: string;

beforeAll(async () => {
  const dir = scratchDir("discovery");
  lab = await startLab({ dir: join(dir, "lab"), seed: 5 });
  undo.defer(() => lab.stop());
  const database = await testDatabase();
  undo.defer(() => database.close());
  const free = { httpPort: "0", grpcPort: "0", linkPort: "0", gatewayPort: "0" };
  const vmUrl = await testVictoriaMetrics();
  const loaded = loadConfig({}, { dataDir: join(dir, "hub"), databaseUrl: database.url, vmUrl, ...free });
  if (loaded.kind === "invalid") throw new Error(loaded.problems.join("\n"));
  hub = await startHub({ config: loaded.config, log, clock: systemClock });
  undo.defer(() => hub.stop());
  const { credentials, devices } = lab.siteConfig();
  const config = configSchema.parse({
    name: "edge1",
    dataDir: join(dir, "collector"),
    status: { port: 0 },
    poll: { intervalMs: 1_000, timeoutMs: 500, retries: 1 },
    credentials,
    devices: devices.slice(0, 1),
    discover: {
      allow: ["127.1.0.0/27"],
      snmpPorts: [devices[0]?.port],
      tcpPorts: [],
      packetsPerSecond: 2_000,
      timeoutMs: 400,
    },
  });
  collector = await startCollector({ config, env: { WATCHPOST_TOKEN: await hub.createToken("harbor") }, log });
  undo.defer(() => collector.stop());
  const ctx = contextFor(hub.hub, { kind: "system" });
  ({ token } = await createApiToken(ctx, { name: "journey", userEmail: FIRST_ADMIN_EMAIL, role: "admin" }));
}, 60_000);
afterAll(() => undo.disposeAsync(), 30_000);

interface Found {
  id: string;
  status: string;
  sysName: string;
  credential: string;
  config: { state: string } | null;
}

interface Answer {
  id: string;
  status: string;
  reason: string;
  collectors: { id: string; status: string }[];
  devices: { name: string; state: string }[];
  proposals: Found[];
  links: { confidence: string }[];
  devicesFound: number;
}

async function api(path: string, body?: unknown): Promise<Answer> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const init = body === undefined ? { headers } : { headers, method: "POST", body: JSON.stringify(body) };
  const response = await fetch(`${hub.url}/api/v1/${path}`, init);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}

test("what a scan ordered at the hub finds is polled once a person accepts it, and what the site forbids is not scanned", async () => {
  const collectorId = await until("the collector's stream", 10_000, async () => {
    const { collectors } = await api("collectors");
    return collectors.find((one) => one.status === "streaming")?.id;
  });
  const scanned = async (range: string) => {
    const { id } = await api("discovery/scans", { collector_id: collectorId, ranges: [range] });
    return until("the end of the scan", 20_000, async () => {
      const scan = await api(`discovery/scans/${id}`);
      return scan.status === "requested" || scan.status === "running" ? undefined : scan;
    });
  };
  expect(await scanned("127.1.0.0/26")).toMatchObject({
    status: "refused",
    devicesFound: 0,
    reason: expect.stringContaining("127.1.0.0/27"),
  });

  const scan = await scanned("127.1.0.0/27");
  expect(scan).toMatchObject({ status: "finished", devicesFound: 26 });
  expect(scan.links.filter(({ confidence }) => confidence === "high")).toHaveLength(scan.links.length);
  const { proposals } = await api("discovery/proposals?limit=200");
  expect(proposals).toHaveLength(26);
  expect(proposals.filter(({ status }) => status === "known").map(({ sysName }) => sysName)).toEqual(["core-sw1"]);

  const server = proposals.find(({ sysName }) => sysName === "srv1");
  expect(server).toMatchObject({ status: "pending", credential: "lab-v2c" });
  await api(`discovery/proposals/${server?.id}/accept`, { role: "server" });
  await until("the accepted device up, beside the one of the local file", 10_000, async () => {
    const { devices } = await api("devices?state=up");
    return devices
      .map(({ name }) => name)
      .toSorted()
      .join() === "core-sw1,srv1"
      ? true
      : undefined;
  });
  await until("the collector's word that it took the configuration", 15_000, async () => {
    const accepted = (await api("discovery/proposals?status=accepted")).proposals;
    return accepted[0]?.config?.state === "applied" ? true : undefined;
  });
}, 60_000);
