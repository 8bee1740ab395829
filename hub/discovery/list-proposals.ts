import { collectorConfigs, collectors, deviceProposals, sites, users } from "@watchpost/db/schema";
import { and, desc, eq, ilike, inArray, lt, or, sql } from "drizzle-orm";
import { type ListInput, limitOf, type Page, pageOf, uuidCursor } from "../automation/paging.ts";
import type { Context } from "../context.ts";
import { requirePermission } from "../identity/index.ts";
import { suggestedName } from "./suggested-name.ts";
import type { Proposal, ProposalStatus } from "./view.ts";

const SEARCH_LENGTH_MAX = 100;

export interface ListProposals extends ListInput {
  status?: ProposalStatus | undefined;
  collectorId?: string | undefined;
  /** Those that this scan saw last. */
  scanId?: string | undefined;
  /** Part of the name, address, vendor, model or serial number. */
  search?: string | undefined;
}

/** What scans found, newest first. */
export async function listProposals(ctx: Context, input: ListProposals = {}): Promise<Page<Proposal>> {
  requirePermission(ctx, "discovery:read");
  const limit = limitOf(input);
  const cursor = uuidCursor(input);
  const rows = await select(ctx)
    .where(
      and(
        input.status && eq(deviceProposals.status, input.status),
        input.collectorId === undefined ? undefined : eq(deviceProposals.collectorId, input.collectorId),
        input.scanId === undefined ? undefined : eq(deviceProposals.scanId, input.scanId),
        input.search === undefined ? undefined : matches(input.search),
        cursor === undefined ? undefined : lt(deviceProposals.id, cursor),
      ),
    )
    .orderBy(desc(deviceProposals.id))
    .limit(limit + 1);
  return pageOf(rows.map(proposalOf), limit, (proposal) => proposal.id);
}

export async function proposalsById(ctx: Context, ids: readonly string[]): Promise<Proposal[]> {
  const rows = await select(ctx).where(inArray(deviceProposals.id, [...ids]));
  const found = new Map(rows.map((row) => [row.proposal.id, proposalOf(row)]));
  return ids.flatMap((id) => found.get(id) ?? []);
}

function matches(search: string) {
  const literal = search.slice(0, SEARCH_LENGTH_MAX).replaceAll(/[\\%_]/g, (c) => `\\${c}`);
  const pattern = `%${literal}%`;
  const fact = (name: string) => ilike(sql`${deviceProposals.facts} ->> ${name}`, pattern);
  return or(
    sql`host(${deviceProposals.address}) like ${pattern}`,
    ...["sysName", "vendor", "model", "serial"].map((name) => fact(name)),
  );
}

function select(ctx: Context) {
  return ctx.db
    .select({
      proposal: deviceProposals,
      address: sql<string>`host(${deviceProposals.address})`,
      site: sites.name,
      collector: { id: collectors.id, name: collectors.name },
      decidedBy: users.name,
      config: { version: collectorConfigs.version, state: collectorConfigs.state, reason: collectorConfigs.reason },
    })
    .from(deviceProposals)
    .innerJoin(collectors, eq(collectors.id, deviceProposals.collectorId))
    .innerJoin(sites, eq(sites.id, deviceProposals.siteId))
    .leftJoin(users, eq(users.id, deviceProposals.decidedBy))
    .leftJoin(
      collectorConfigs,
      and(
        eq(collectorConfigs.collectorId, deviceProposals.collectorId),
        eq(collectorConfigs.version, deviceProposals.configVersion),
      ),
    );
}

function proposalOf(row: Awaited<ReturnType<typeof select>>[number]): Proposal {
  const { facts, ...proposal } = row.proposal;
  const { id, scanId, port, credential, deviceName, decidedAt, reason, firstSeenAt, lastSeenAt } = proposal;
  return {
    id,
    site: row.site,
    collector: row.collector,
    scanId,
    status: proposal.status as ProposalStatus,
    address: row.address,
    port,
    credential,
    suggestedName: suggestedName({ sysName: facts.sysName, address: row.address }),
    deviceName,
    ...facts,
    config: row.config && { ...row.config, state: row.config.state as "pushed" | "applied" | "refused" },
    decidedBy: row.decidedBy,
    decidedAt,
    reason,
    firstSeenAt,
    lastSeenAt,
  };
}
