import { create } from "@bufbuild/protobuf";
import { collectorConfigs, collectors, devices, interfaces, links, sites } from "@watchpost/db/schema";
import { approveRequest, createScript, recordScriptOutput, requestExecution } from "@watchpost/hub/automation/index.ts";
import { contextFor, type Hub } from "@watchpost/hub/hub.ts";
import { ingestEvents } from "@watchpost/hub/incident/index.ts";
import { automationPorts, type WebDependencies } from "@watchpost/hub/web/dependencies.ts";
import { EventKind, EventSchema, EventState, OutputStream, ScriptOutputSchema, Severity } from "@watchpost/proto";

/** What a hostile device would call itself: it must show as these very characters, everywhere. */
export const HOSTILE = `"><script>alert(1)</script>`;

export interface SeededSite {
  name: string;
  siteId: string;
  collectorId: string;
  deviceIds: ReadonlyMap<string, string>;
}

const FLEET: readonly {
  name: string;
  role: string;
  vendor: string;
  model: string;
  state: "up" | "down" | "unknown";
}[] = [
  { name: "rtr1", role: "router", vendor: "Northgate", model: "R2100", state: "up" },
  { name: "fw1", role: "firewall", vendor: "Northgate", model: "F400", state: "up" },
  { name: "core-sw1", role: "core switch", vendor: "Lumen", model: "C9300-48T", state: "up" },
  { name: "dist-sw1", role: "distribution switch", vendor: "Lumen", model: "C3850-24S", state: "up" },
  { name: "dist-sw2", role: "distribution switch", vendor: "Lumen", model: "C3850-24S", state: "up" },
  { name: "acc-sw1", role: "access switch", vendor: "Lumen", model: "C2960X-48P", state: "down" },
  { name: "acc-sw2", role: "access switch", vendor: "Lumen", model: "C2960X-48P", state: "up" },
  { name: "ups1", role: "ups", vendor: "Steadfast", model: "SU3000", state: "unknown" },
  { name: HOSTILE, role: "access point", vendor: HOSTILE, model: HOSTILE, state: "up" },
];

/** A site with a connected collector, devices that are up, down and not polled yet, interfaces and cables. */
export async function seedSite(hub: Hub, site: string): Promise<SeededSite> {
  const [{ id: siteId } = missing("site")] = await hub.db
    .insert(sites)
    .values({ name: site, title: "Harbor" })
    .returning();
  const now = new Date();
  const [{ id: collectorId } = missing("collector")] = await hub.db
    .insert(collectors)
    .values({
      siteId,
      name: "harbor-1",
      version: "0.1.0",
      status: "streaming",
      certificateSerial: "01",
      certificateNotAfter: new Date(now.getTime() + 30 * 86_400_000),
      lastSeenAt: now,
      clockOffsetMs: -42,
      samplesPending: 0,
      eventsPending: 0,
      allowedScripts: ["show-interfaces"],
    })
    .returning();
  await hub.db.insert(collectorConfigs).values({
    collectorId,
    version: 2,
    yaml: "poll: {}",
    state: "refused",
    reason: `poll.interval: expected a duration such as 30s, found ${HOSTILE}`,
  });
  const rows = await hub.db
    .insert(devices)
    .values(
      FLEET.map(({ name, role, vendor, model, state }, index) => ({
        siteId,
        collectorId,
        name,
        role,
        vendor,
        model,
        state,
        ipAddress: `10.20.0.${index + 1}`,
        sysDescr: `${vendor} ${model}, software 7.4.2`,
        osVersion: "7.4.2",
        serial: `SN${1000 + index}`,
        stateSince: new Date(now.getTime() - 7_200_000),
        lastPolledAt: state === "unknown" ? null : new Date(now.getTime() - 8_000),
      })),
    )
    .returning();
  const deviceIds = new Map(rows.map(({ name, id }) => [name, id]));
  await hub.db.insert(interfaces).values(portsOf(deviceIds));
  await hub.db.insert(links).values(cablesOf(siteId, deviceIds));
  return { name: site, siteId, collectorId, deviceIds };
}

function portsOf(deviceIds: ReadonlyMap<string, string>): (typeof interfaces.$inferInsert)[] {
  const deviceId = deviceIds.get("core-sw1") ?? missing("core-sw1");
  const uplink = { deviceId, ifIndex: 49, name: "Te1/1", alias: "uplink to fw1", speedBps: 10_000_000_000 };
  const access = Array.from({ length: 24 }, (_, index) => ({
    deviceId,
    ifIndex: index + 1,
    name: `Gi1/${index + 1}`,
    alias: index === 3 ? HOSTILE : `desk ${index + 1}`,
    speedBps: 1_000_000_000,
    adminStatus: index === 20 ? 2 : 1,
    operStatus: index < 18 ? 1 : 2,
  }));
  return [{ ...uplink, adminStatus: 1, operStatus: 2 }, ...access];
}

function cablesOf(siteId: string, deviceIds: ReadonlyMap<string, string>): (typeof links.$inferInsert)[] {
  const cables: [string, string, string, string][] = [
    ["core-sw1", "Te1/1", "fw1", "ge-0/0/1"],
    ["fw1", "ge-0/0/0", "rtr1", "Gi0/1"],
    ["core-sw1", "Gi1/1", "dist-sw1", "Te1/1"],
    ["core-sw1", "Gi1/2", "dist-sw2", "Te1/1"],
    ["dist-sw1", "Gi1/1", "acc-sw1", "Gi0/48"],
    ["dist-sw2", "Gi1/1", "acc-sw2", "Gi0/48"],
  ];
  const end = (from: string, fromPort: string, to: string, toPort: string) => ({
    siteId,
    deviceId: deviceIds.get(from) ?? missing(from),
    localPort: fromPort,
    remoteDeviceId: deviceIds.get(to) ?? null,
    remoteSystem: to,
    remotePort: toPort,
    protocol: "lldp",
  });
  return cables.flatMap(([a, aPort, b, bPort]) => [end(a, aPort, b, bPort), end(b, bPort, a, aPort)]);
}

let seq = 0;

export interface Problem {
  kind: EventKind;
  severity: Severity;
  device: string;
  object?: string;
  fingerprint: string;
  summary: string;
  /** Cleared instead of firing. */
  over?: boolean;
}

/** One event of the site's collector, through the hub's own door for events. Gives the incident it opened. */
export async function report(hub: Hub, site: SeededSite, problem: Problem): Promise<string | undefined> {
  const { siteId, collectorId } = site;
  seq += 1;
  const { over, ...rest } = problem;
  const state = over ? EventState.CLEARED : EventState.FIRING;
  const event = create(EventSchema, { ...rest, seq: BigInt(seq), state, observedAtMs: BigInt(Date.now()) });
  const source = { siteId, site: site.name, collectorId, outboxEpoch: "seed" };
  const ctx = contextFor(hub, { kind: "collector", collectorId, siteId, site: site.name });
  const result = await hub.db.transaction((tx) => ingestEvents(tx, ctx, source, [event]));
  return result.opened[0];
}

export const UPLINK_DOWN: Problem = {
  kind: EventKind.INTERFACE_DOWN,
  severity: Severity.CRITICAL,
  device: "core-sw1",
  object: "Te1/1",
  fingerprint: "interface-down/core-sw1/Te1/1",
  summary: "core-sw1 Te1/1 (uplink to fw1) is down",
};

export const CPU_HIGH: Problem = {
  kind: EventKind.THRESHOLD,
  severity: Severity.WARNING,
  device: "dist-sw1",
  object: "cpu",
  fingerprint: "threshold/dist-sw1/cpu/cpu-high",
  summary: "dist-sw1 CPU at 93 %, above 85 % for 5 min",
};

export const HOSTILE_DOWN: Problem = {
  kind: EventKind.DEVICE_DOWN,
  severity: Severity.ERROR,
  device: HOSTILE,
  fingerprint: `device-down/${HOSTILE}`,
  summary: `${HOSTILE} does not answer`,
};

/** A name as long as a device may have, without a place to break it. */
const LONG = "W".repeat(240);

export const LONG_DOWN: Problem = {
  kind: EventKind.DEVICE_DOWN,
  severity: Severity.WARNING,
  device: LONG,
  fingerprint: `device-down/${LONG}`,
  summary: `${LONG} does not answer`,
};

/** Polls go on while the tests run: a rate taken minutes later still has its samples. */
const AHEAD_MS = 600_000;
const SHOWN_TRIES = 60;
const SHOWN_WAIT_MS = 500;

/** Traffic of the uplink for an hour with a hole of ten minutes, CPU, and who answers; as the collector would write it. */
export async function seedMetrics(vmUrl: string, site: string): Promise<void> {
  const endMs = Date.now();
  const lines: string[] = [];
  for (let atMs = endMs - 3_600_000; atMs <= endMs + AHEAD_MS; atMs += 15_000) {
    const minute = (atMs - endMs) / 60_000;
    if (minute > -40 && minute < -30) continue;
    const seconds = (atMs - endMs) / 1_000 + 7_200;
    const labels = `site="${site}",device="core-sw1"`;
    const octets = Math.round(seconds * 40_000_000 + Math.sin(minute / 4) * 900_000_000);
    lines.push(`if_in_octets_total{${labels},interface="Te1/1"} ${octets} ${atMs}`);
    lines.push(`if_out_octets_total{${labels},interface="Te1/1"} ${Math.round(octets / 3)} ${atMs}`);
    lines.push(`if_oper_status{${labels},interface="Te1/1"} ${minute > -2 ? 2 : 1} ${atMs}`);
    lines.push(`if_in_octets_total{${labels},interface="Gi1/1"} ${Math.round(seconds * 2_000_000)} ${atMs}`);
    lines.push(`if_out_octets_total{${labels},interface="Gi1/1"} ${Math.round(seconds * 900_000)} ${atMs}`);
    lines.push(`if_in_errors_total{${labels},interface="Gi1/1"} ${Math.round(seconds / 2)} ${atMs}`);
    lines.push(`if_out_errors_total{${labels},interface="Gi1/1"} 0 ${atMs}`);
    lines.push(`device_up{${labels}} 1 ${atMs}`);
    const cpu = minute > -20 ? 0.9 + Math.sin(minute) / 30 : 0.3 + Math.sin(minute / 3) / 10;
    lines.push(`cpu_usage_ratio{site="${site}",device="dist-sw1",processor="0"} ${cpu.toFixed(3)} ${atMs}`);
  }
  const response = await fetch(`${vmUrl}/api/v1/import/prometheus`, { method: "POST", body: lines.join("\n") });
  // VictoriaMetrics shows new samples a second later, unless it is asked to hurry.
  await fetch(`${vmUrl}/internal/force_flush`);
  if (!response.ok) throw new Error(`import of ${lines.length} samples: ${response.status} ${await response.text()}`);
  await untilShown(vmUrl, `rate(if_in_octets_total{site="${site}",interface="Gi1/1"}[1m])`);
}

/** VictoriaMetrics remembers for some seconds that a series was not there; a page must not be the one to learn it. */
async function untilShown(vmUrl: string, query: string): Promise<void> {
  for (let tries = 0; tries < SHOWN_TRIES; tries += 1) {
    const response = await fetch(`${vmUrl}/api/v1/query?query=${encodeURIComponent(query)}`);
    const body = (await response.json()) as { data: { result: unknown[] } };
    if (body.data.result.length > 0) return;
    await Bun.sleep(SHOWN_WAIT_MS);
  }
  throw new Error(`${query} shows nothing after ${SHOWN_TRIES * SHOWN_WAIT_MS} ms`);
}

/** A script, a run of it that has written something, and a request that waits for a decision. */
export async function seedAutomation(deps: WebDependencies, site: SeededSite, incidentId: string | undefined) {
  const ctx = contextFor(deps.hub, { kind: "system" });
  const { id: scriptId } = await createScript(ctx, {
    name: "show-interfaces",
    description: "Shows the state of every interface of a device, as the device itself tells it.",
    argv: ["/usr/local/bin/show-interfaces", "--device", "{{target.name}}", "--level", "{{level}}"],
    body: "",
    parameter_schema: {
      type: "object",
      additionalProperties: false,
      required: ["level"],
      properties: {
        level: { type: "string", enum: ["brief", "full"], default: "brief", description: "How much to show." },
        pause_s: { type: "integer", minimum: 0, maximum: 60, description: "Wait before asking again, seconds." },
        counters: { type: "boolean", title: "With counters", default: false },
      },
    },
    timeout_ms: 30_000,
    output_bytes_max: 65_536,
  });
  const ask = async (targets: string[]) => {
    const input = { scriptId, parameters: { level: "full" }, targets, collectorId: site.collectorId, incidentId };
    const requested = await requestExecution(ctx, { ...input, dryRun: false, initiatedBy: "assistant" });
    return requested.kind === "awaiting-approval" ? requested.approval.id : missing("approval");
  };
  const approved = await approveRequest(ctx, automationPorts(deps), { approvalId: await ask(["core-sw1"]) });
  const executionId = approved.kind === "approved" ? approved.execution.id : missing("execution");
  const approvalId = await ask(["core-sw1"]);
  return { scriptId, executionId, approvalId };
}

export async function writeOutput(
  hub: Hub,
  site: SeededSite,
  output: { executionId: string; index: number; text: string },
) {
  const chunk = new TextEncoder().encode(output.text);
  const message = create(ScriptOutputSchema, { ...output, chunk, stream: OutputStream.STDOUT });
  await recordScriptOutput(hub, { collectorId: site.collectorId }, message);
}

function missing(what: string): never {
  throw new Error(`seeding gave no ${what}`);
}
