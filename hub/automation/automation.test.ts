import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { create, fromBinary } from "@bufbuild/protobuf";
import { approvals, auditLog, collectors, devices, incidents, incidentTimeline, sites } from "@watchpost/db/schema";
import {
  type Downlink,
  OutputStream,
  ScriptOrderSchema,
  ScriptOutcome,
  ScriptOutputSchema,
  ScriptResultSchema,
} from "@watchpost/proto";
import { eq } from "drizzle-orm";
import { pino } from "pino";
import { scratchDir, type TestDatabase, testDatabase } from "../../packaging/parts/index.ts";
import { type Bus, openBus, type Published } from "../bus/index.ts";
import type { Context, Role } from "../context.ts";
import { contextFor, type Hub } from "../hub.ts";
import { createUser, openKeys } from "../identity/index.ts";
import { LinkRegistry } from "../link/registry.ts";
import * as automation from "./index.ts";
import type { AutomationPorts, RequestExecution } from "./index.ts";

let database: TestDatabase;
let bus: Bus;
let hub: Hub;
let ports: AutomationPorts & { links: LinkRegistry };
let nowMs = Date.now();
let collectorId: string;
let siteId: string;
let scriptId: string;
let sent: Downlink[];
let published: Published[];
const as: Partial<Record<Role, Context>> = {};
const person = (role: Role): Context => as[role] ?? expect.unreachable();

beforeAll(async () => {
  database = await testDatabase();
  const log = pino({ level: "silent" });
  bus = await openBus(database.sql, (error) => log.error(error));
  hub = { db: database.db, sql: database.sql, bus, clock: { nowMs: () => nowMs }, log, metrics: undefined };
  bus.subscribe((message) => published.push(message));
  const keys = await openKeys(scratchDir("keys"), hub.clock);
  ports = { signing: keys.signing, links: new LinkRegistry() };
  for (const role of ["viewer", "operator", "admin"] as const) {
    const system = contextFor(hub, { kind: "system" });
    const user = await createUser(system, { email: `${role}@example.net`, name: role, role });
    as[role] = contextFor(hub, { kind: "person", userId: user.id, name: role, email: user.email, role });
  }
  await plant();
});
afterAll(async () => {
  await bus.close();
  await database.close();
});
beforeEach(() => {
  [sent, published] = [[], []];
});

async function plant(): Promise<void> {
  const rows = await hub.db
    .insert(sites)
    .values([
      { name: "harbor", title: "Harbor" },
      { name: "airport", title: "A" },
    ])
    .returning();
  siteId = rows[0]?.id ?? "";
  const certificate = { certificateSerial: "1", certificateNotAfter: new Date(nowMs) };
  const placed = rows.map((site) => ({
    siteId: site.id,
    name: `${site.name}-1`,
    allowedScripts: ["show"],
    ...certificate,
  }));
  const [one, two] = await hub.db.insert(collectors).values(placed).returning();
  collectorId = one?.id ?? "";
  const device = (name: string, collector: typeof one) => {
    return { name, siteId: collector?.siteId ?? "", collectorId: collector?.id ?? "", ipAddress: "127.1.0.1" };
  };
  await hub.db.insert(devices).values([device("core-sw1", one), device("core-sw2", one), device("core-sw1", two)]);
  const schema = {
    type: "object",
    additionalProperties: false,
    required: ["count"],
    properties: { count: { type: "integer", minimum: 1, maximum: 10 } },
  };
  const script = await automation.createScript(person("admin"), {
    name: "show",
    description: "",
    ...automation.scriptDraftSchema.parse({
      argv: ["ping", "-c", "{{count}}", "{{target.address}}"],
      parameter_schema: schema,
    }),
  });
  scriptId = script.id;
}

function connect(): () => void {
  const stream = { collectorId, send: (message: Downlink) => sent.push(message) > 0, end: () => undefined };
  ports.links.add(stream);
  return () => ports.links.remove(stream);
}

const ask = (more: Partial<RequestExecution> = {}) =>
  automation.requestExecution(person("operator"), {
    scriptId,
    parameters: { count: 3 },
    targets: ["harbor/core-sw1"],
    dryRun: false,
    initiatedBy: "test",
    ...more,
  });

const cancel = (executionId: string) => automation.cancelExecution(person("operator"), ports, { executionId });

async function askAndApprove(more: Partial<RequestExecution> = {}) {
  const asked = await ask(more);
  if (asked.kind !== "awaiting-approval") return expect.unreachable();
  const approved = await automation.approveRequest(person("operator"), ports, { approvalId: asked.approval.id });
  if (approved.kind !== "approved") return expect.unreachable();
  return { approval: asked.approval, execution: approved.execution };
}

const source = () => ({ collectorId, siteId, site: "harbor" });

async function auditOf(entityId: string): Promise<string[]> {
  const rows = await hub.db.select().from(auditLog).where(eq(auditLog.entityId, entityId)).orderBy(auditLog.id);
  return rows.map((row) => `${row.actor} ${row.action}`);
}

test("a dry run shows the very argv and creates nothing", async () => {
  const before = await hub.db.$count(approvals);
  const dry = await ask({ dryRun: true });
  expect(dry).toMatchObject({ kind: "dry-run", plan: { argv: ["ping", "-c", "3", "127.1.0.1"], site: "harbor" } });
  expect(await hub.db.$count(approvals)).toBe(before);
});

test("a request shows the approver what would run, and warns of what the site will refuse", async () => {
  const asked = await ask();
  expect(asked).toMatchObject({
    kind: "awaiting-approval",
    approval: {
      status: "pending",
      argv: ["ping", "-c", "3", "127.1.0.1"],
      targets: ["core-sw1"],
      requestedBy: { name: "operator" },
    },
  });
  expect(asked.kind === "awaiting-approval" && asked.approval.warnings[0]).toContain("is disconnected");
});

test.each<[Partial<RequestExecution>, RegExp]>([
  [{ parameters: { count: 11 } }, /count must be <= 10/],
  [{ parameters: {} }, /count must have required property/],
  [{ targets: ["nowhere"] }, /no device "nowhere"/],
  [{ targets: ["core-sw1"] }, /at several sites/],
  [{ targets: ["harbor/core-sw1", "airport/core-sw1"] }, /One run goes to one collector/],
  [{ targets: ["harbor/core-sw1", "harbor/core-sw2"] }, /exactly one target device/],
  [{ targets: [] }, /Name the target devices/],
  [{ version: 7 }, /no version 7/],
  [{ incidentId: Bun.randomUUIDv7() }, /no incident/],
])("a request that cannot be carried out is refused: %j", async (more, message) => {
  expect(ask(more)).rejects.toThrow(message);
});

test("approval signs what was asked and sends it to the collector of the target", async () => {
  const leave = connect();
  const { execution, approval } = await askAndApprove();
  leave();
  expect(execution.status).toBe("sent");
  const [message] = sent;
  if (message?.message.case !== "runScript") return expect.unreachable();
  const order = fromBinary(ScriptOrderSchema, message.message.value.order);
  expect(order).toMatchObject({
    executionId: execution.id,
    approvalId: approval.id,
    site: "harbor",
    collectorId,
    parametersJson: '{"count":3}',
    targets: ["core-sw1"],
    expiresAtMs: BigInt(approval.expiresAt.getTime()),
    script: { name: "show", version: 1, argv: ["ping", "-c", "{{count}}", "{{target.address}}"] },
  });
  expect(order.nonce.length).toBe(16);
  expect(await auditOf(approval.id)).toEqual([
    "person:operator@example.net automation.requested",
    "person:operator@example.net approval.approved",
  ]);
});

test("an order waits for a collector that is away, and goes out when it returns", async () => {
  const { execution } = await askAndApprove();
  expect(execution.status).toBe("queued");
  const leave = connect();
  await automation.sendWaitingOrders(hub, ports.links, collectorId);
  leave();
  expect(sent.length).toBeGreaterThan(0);
  expect((await automation.getExecution(person("viewer"), { executionId: execution.id })).status).toBe("sent");
});

test("the second to decide learns who was first", async () => {
  const asked = await ask();
  const approvalId = asked.kind === "awaiting-approval" ? asked.approval.id : "";
  const both = await Promise.all([
    automation.approveRequest(person("operator"), ports, { approvalId }),
    automation.rejectRequest(person("admin"), { approvalId, reason: "no" }),
  ]);
  const kinds = both.map((result) => result.kind).toSorted();
  expect(kinds[0]).toBe("already-decided");
  expect(both.find((result) => result.kind === "already-decided")).toMatchObject({
    by: expect.stringMatching(/operator|admin/),
  });
});

test("what was changed after the request is not signed", async () => {
  const asked = await ask();
  const approvalId = asked.kind === "awaiting-approval" ? asked.approval.id : "";
  await hub.db
    .update(approvals)
    .set({ parameters: { count: 9 } })
    .where(eq(approvals.id, approvalId));
  expect(automation.approveRequest(person("operator"), ports, { approvalId })).rejects.toThrow(/Nothing was signed/);
  await hub.db
    .update(approvals)
    .set({ parameters: { count: 3 } })
    .where(eq(approvals.id, approvalId));
  const seen = automation.approveRequest(person("operator"), ports, { approvalId, bindingHash: "0".repeat(64) });
  expect(seen).rejects.toThrow(/Nothing was signed/);
  expect(await automation.approveRequest(person("operator"), ports, { approvalId })).toMatchObject({
    kind: "approved",
  });
});

test("nothing is approved after ten minutes, and the sweep says so", async () => {
  const asked = await ask();
  const approvalId = asked.kind === "awaiting-approval" ? asked.approval.id : "";
  const { execution } = await askAndApprove();
  nowMs += 600_000;
  expect(await automation.approveRequest(person("operator"), ports, { approvalId })).toMatchObject({ kind: "expired" });
  await automation.expireOverdue(hub);
  expect(await automation.getApproval(person("viewer"), { approvalId })).toMatchObject({ status: "expired" });
  expect(await automation.getExecution(person("viewer"), { executionId: execution.id })).toMatchObject({
    status: "refused",
    reasonCode: "expired",
  });
  expect(await automation.ordersToSend(hub, collectorId)).toEqual([]);
});

test("output and result of a run are kept once, shown live, on the timeline and in the audit log", async () => {
  const values = { siteId, alertName: "core-sw1 down", severity: "error", priority: "P1", fingerprint: "f" };
  const [incident] = await hub.db.insert(incidents).values(values).returning();
  const incidentId = incident?.id ?? "";
  const { execution } = await askAndApprove({ incidentId });
  const executionId = execution.id;
  const chunk = create(ScriptOutputSchema, {
    executionId,
    index: 0,
    stream: OutputStream.STDERR,
    chunk: new TextEncoder().encode("a\0<b>\n"),
  });
  expect(await automation.recordScriptOutput(hub, source(), chunk)).toEqual({ kind: "stored" });
  expect(await automation.recordScriptOutput(hub, source(), chunk)).toEqual({ kind: "repeated" });
  const result = create(ScriptResultSchema, {
    executionId,
    outcome: ScriptOutcome.FINISHED,
    exitCode: 2,
    durationMs: 1_200,
  });
  expect(await automation.recordScriptResult(hub, source(), result)).toEqual({ kind: "recorded", status: "finished" });
  expect(await automation.recordScriptResult(hub, source(), { ...result, exitCode: 0 })).toEqual({ kind: "known" });

  expect(await automation.getExecution(person("viewer"), { executionId })).toMatchObject({
    status: "finished",
    exitCode: 2,
    output: [{ index: 0, stream: "stderr", text: "a\uFFFD<b>\n" }],
    outputIsWhole: true,
  });
  for (let i = 0; i < 100 && published.filter((m) => m.key === executionId).length < 4; i += 1) await Bun.sleep(10);
  const live = published.filter((message) => message.key === executionId).map((message) => message.payload);
  expect(live).toMatchObject([
    { kind: "status", status: "queued" },
    { kind: "status", status: "running" },
    { kind: "output", index: 0, text: "a\uFFFD<b>\n" },
    { kind: "status", status: "finished", exitCode: 2 },
  ]);
  const timeline = await hub.db.select().from(incidentTimeline).where(eq(incidentTimeline.incidentId, incidentId));
  expect(timeline.map((entry) => entry.text).at(-1)).toBe("show v1 on core-sw1 finished with exit code 2 after 1.2 s");
  expect(await auditOf(executionId)).toEqual([
    "person:operator@example.net execution.signed",
    `collector:${collectorId} execution.finished`,
  ]);
});

test("a collector can say nothing about a run of another", async () => {
  const { execution } = await askAndApprove();
  const other = { ...source(), collectorId: Bun.randomUUIDv7() };
  const result = create(ScriptResultSchema, { executionId: execution.id, outcome: ScriptOutcome.FINISHED });
  const output = create(ScriptOutputSchema, { executionId: execution.id, chunk: new Uint8Array(3) });
  expect(await automation.recordScriptResult(hub, other, result)).toEqual({ kind: "unknown" });
  expect(await automation.recordScriptOutput(hub, other, output)).toMatchObject({ kind: "ignored" });
  expect(await automation.recordScriptResult(hub, other, { ...result, executionId: "' or 1=1" })).toEqual({
    kind: "unknown",
  });
});

test("a day of silence closes a run, and the collector's own word still replaces that", async () => {
  const leave = connect();
  const { execution } = await askAndApprove();
  leave();
  nowMs += 90_000_000;
  await automation.expireOverdue(hub);
  const executionId = execution.id;
  expect(await automation.getExecution(person("viewer"), { executionId })).toMatchObject({ reasonCode: "no-answer" });
  const result = create(ScriptResultSchema, { executionId, outcome: ScriptOutcome.FINISHED, exitCode: 0 });
  expect(await automation.recordScriptResult(hub, source(), result)).toEqual({ kind: "recorded", status: "finished" });
});

test("cancel takes back what was not sent, and asks the collector about what was", async () => {
  const { execution } = await askAndApprove();
  expect(await cancel(execution.id)).toEqual({ kind: "cancelled" });
  expect(await cancel(execution.id)).toEqual({ kind: "already-ended", status: "cancelled" });
  const leave = connect();
  const second = await askAndApprove();
  expect(await cancel(second.execution.id)).toEqual({ kind: "asked" });
  expect(sent.at(-1)?.message).toMatchObject({ case: "cancelScript", value: { executionId: second.execution.id } });
  leave();
  expect(cancel(second.execution.id)).rejects.toThrow(/not connected/);
});

test.each<[Record<string, unknown>, RegExp]>([
  [{ argv: ["{{x}}"] }, /the program/],
  [{ argv: ["ping", "{{host}}"] }, /schema must require/],
  [{ argv: ["sh", "{{body}}"] }, /body is empty/],
  [{ argv: ["ping"], parameter_schema: {} }, /"type" must be "object"/],
])("a script that could not run is not stored: %j", async (draft, message) => {
  const input = { name: "broken", description: "", ...automation.scriptDraftSchema.parse(draft) };
  expect(automation.createScript(person("admin"), input)).rejects.toThrow(message);
});

test("a script changes only by a new version, and who may not, cannot", async () => {
  const draft = automation.scriptDraftSchema.parse({ argv: ["true"] });
  const created = await automation.createScript(person("admin"), { name: "noop", description: "", ...draft });
  expect(await automation.addScriptVersion(person("admin"), { scriptId: created.id, ...draft })).toMatchObject({
    version: 2,
  });
  const script = await automation.getScript(person("viewer"), { scriptId: created.id });
  expect(script.versions.map((version) => version.version)).toEqual([2, 1]);
  expect(automation.createScript(person("admin"), { name: "noop", description: "", ...draft })).rejects.toThrow(
    /exists/,
  );
  expect(automation.createScript(person("operator"), { name: "x", description: "", ...draft })).rejects.toThrow(
    /admin/,
  );
  expect(
    automation.requestExecution(person("viewer"), {
      scriptId,
      parameters: {},
      targets: [],
      dryRun: true,
      initiatedBy: "",
    }),
  ).rejects.toThrow(/operator/);
});

test("lists come in pages, newest first", async () => {
  const first = await automation.listApprovals(person("viewer"), { limit: 2 });
  expect(first.items.length).toBe(2);
  const second = await automation.listApprovals(person("viewer"), { limit: 2, cursor: first.nextCursor ?? "" });
  expect(second.items[0]?.id).not.toBe(first.items[1]?.id);
  expect(automation.listExecutions(person("viewer"), { cursor: "x" })).rejects.toThrow(/cursor/);
});
