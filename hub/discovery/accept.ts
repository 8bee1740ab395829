import type { Transaction } from "@watchpost/db";
import { collectorConfigs, collectors, deviceProposals, devices, users } from "@watchpost/db/schema";
import { and, eq, inArray, sql } from "drizzle-orm";
import { recordAudit } from "../audit/index.ts";
import { publish } from "../bus/index.ts";
import { type Context, userIdOf } from "../context.ts";
import { HubError } from "../error.ts";
import { requirePermission } from "../identity/index.ts";
import { type LinkRegistry, sendConfig, storeConfig } from "../link/index.ts";
import { SiteYaml } from "./add-device.ts";
import { baseConfig } from "./base-config.ts";
import { proposalsById } from "./list-proposals.ts";
import { NAME } from "./parse-report.ts";
import { freeName } from "./suggested-name.ts";
import type { Proposal } from "./view.ts";

const ACCEPTED_MAX = 100;

export interface AcceptProposal {
  proposalId: string;
  /** What the device says, made fit, when not given. */
  name?: string | undefined;
  role?: string | undefined;
}

export type Accepted =
  | { kind: "accepted"; proposals: Proposal[]; version: number; sent: boolean }
  | { kind: "already-decided"; proposalId: string; status: string; by: string };

type Row = typeof deviceProposals.$inferSelect & { host: string };

/** Adds found devices to what their collector polls: one new configuration for all of them, or nothing. */
export async function acceptProposals(
  ctx: Context,
  links: LinkRegistry,
  { proposals: wanted }: { proposals: readonly AcceptProposal[] },
): Promise<Accepted> {
  requirePermission(ctx, "discovery:decide");
  const ids = [...new Set(wanted.map(({ proposalId }) => proposalId))];
  if (ids.length === 0 || ids.length !== wanted.length || ids.length > ACCEPTED_MAX)
    throw new HubError("bad-request", `give 1 to ${ACCEPTED_MAX} proposals, each once; ${wanted.length} were given.`);
  const stored = await ctx.db.transaction(async (tx) => {
    const collectorId = await lockCollector(tx, ids);
    const rows = await lockProposals(tx, ids);
    const decided = await findDecided(tx, rows);
    if (decided) return decided;
    const site = new SiteYaml(await baseConfig(tx, collectorId));
    const taken = await namesAtSite(tx, collectorId);
    const named = wanted.map((one) => {
      const row = rows.get(one.proposalId);
      if (!row) throw new HubError("not-found", `There is no proposal ${one.proposalId}.`);
      return { row, name: addTo(site, taken, { row, wanted: one }) };
    });
    const yaml = site.toString();
    const version = await storeConfig(tx, ctx, { collectorId, yaml });
    for (const { row, name } of named) await recordAccepted(tx, ctx, { row, name, version });
    const payload = { proposals: ids, status: "accepted", config: version };
    await publish(tx, { topic: "collector", key: collectorId, payload });
    return { kind: "stored", collectorId, yaml, version } as const;
  });
  if (stored.kind !== "stored") return stored;
  const sent = sendConfig(links, stored, stored.version);
  return { kind: "accepted", proposals: await proposalsById(ctx, ids), version: stored.version, sent };
}

/** Locked before the proposals: whoever adds to its configuration waits here. */
async function lockCollector(tx: Transaction, ids: string[]): Promise<string> {
  const owners = await tx
    .selectDistinct({ collectorId: deviceProposals.collectorId })
    .from(deviceProposals)
    .where(inArray(deviceProposals.id, ids));
  const [owner, another] = owners;
  if (!owner) throw new HubError("not-found", `There is no proposal ${ids[0]}.`);
  if (another)
    throw new HubError(
      "unprocessable",
      "These proposals are of several collectors. Accept those of each by themselves.",
    );
  await tx.select().from(collectors).where(eq(collectors.id, owner.collectorId)).for("update");
  return owner.collectorId;
}

async function lockProposals(tx: Transaction, ids: string[]): Promise<Map<string, Row>> {
  const rows = await tx
    .select({ row: deviceProposals, host: sql<string>`host(${deviceProposals.address})` })
    .from(deviceProposals)
    .where(inArray(deviceProposals.id, ids))
    .orderBy(deviceProposals.identity)
    .for("update");
  return new Map(rows.map(({ row, host }) => [row.id, { ...row, host }]));
}

/** An acceptance whose configuration the collector refused may be tried again; a rejection may be thought over. */
async function findDecided(tx: Transaction, rows: ReadonlyMap<string, Row>) {
  for (const row of rows.values()) {
    if (row.status === "pending" || row.status === "rejected") continue;
    if (row.status === "accepted" && (await wasRefused(tx, row))) continue;
    const by = row.decidedBy === null ? undefined : await tx.select().from(users).where(eq(users.id, row.decidedBy));
    return {
      kind: "already-decided",
      proposalId: row.id,
      status: row.status,
      by: by?.[0]?.name ?? "its collector's configuration",
    } as const;
  }
  return undefined;
}

async function wasRefused(tx: Transaction, { collectorId, configVersion }: Row): Promise<boolean> {
  if (configVersion === null) return false;
  const [config] = await tx
    .select()
    .from(collectorConfigs)
    .where(and(eq(collectorConfigs.collectorId, collectorId), eq(collectorConfigs.version, configVersion)));
  return config?.state === "refused";
}

/** A site's devices are known by name, whichever of its collectors polls them. */
async function namesAtSite(tx: Transaction, collectorId: string): Promise<Set<string>> {
  const rows = await tx
    .select({ name: devices.name })
    .from(devices)
    .innerJoin(collectors, eq(collectors.siteId, devices.siteId))
    .where(and(eq(collectors.id, collectorId), eq(devices.configured, true)));
  return new Set(rows.map(({ name }) => name));
}

function addTo(site: SiteYaml, taken: ReadonlySet<string>, one: { row: Row; wanted: AcceptProposal }): string {
  const { row, wanted } = one;
  const { host: address, port, credential, facts } = row;
  const where = `${address}:${port}`;
  if (credential === "")
    throw new HubError(
      "unprocessable",
      `No credential of the site fits ${address}, so it cannot be polled. Add one to credentials in collector.yaml, then scan again.`,
    );
  const there = site.at({ address, port });
  if (there !== undefined) throw new HubError("conflict", `The collector polls ${where} already, as ${there}.`);
  const all = new Set([...taken, ...site.names]);
  const name = wanted.name ?? freeName({ sysName: facts.sysName, address }, all);
  if (name === undefined) throw new HubError("conflict", `Give ${where} a name: those it suggests are taken.`);
  if (!NAME.test(name))
    throw new HubError(
      "bad-request",
      `"${name.slice(0, 80)}" cannot name a device: use 1 to 63 letters, digits, . _ -.`,
    );
  if (all.has(name)) throw new HubError("conflict", `The site has a device ${name} already. Choose another name.`);
  site.add({ name, address, port, credential, role: wanted.role ?? "" });
  return name;
}

async function recordAccepted(
  tx: Transaction,
  ctx: Context,
  { row, name, version }: { row: Row; name: string; version: number },
): Promise<void> {
  await tx
    .update(deviceProposals)
    .set({
      status: "accepted",
      deviceName: name,
      configVersion: version,
      decidedBy: userIdOf(ctx.actor),
      decidedAt: new Date(ctx.clock.nowMs()),
      reason: "",
    })
    .where(eq(deviceProposals.id, row.id));
  const { collectorId, host: address, port, credential } = row;
  const details = { name, address, port, credential, collectorId, config: version };
  await recordAudit(tx, ctx, { action: "discovery.accepted", entity: "proposal", entityId: row.id, details });
}
