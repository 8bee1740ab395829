import { collectors, deviceProposals, discoveryLinks, discoveryScans, sites, users } from "@watchpost/db/schema";
import { and, desc, eq, lt } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { type ListInput, limitOf, type Page, pageOf, uuidCursor } from "../automation/paging.ts";
import type { Context } from "../context.ts";
import { HubError } from "../error.ts";
import { requirePermission } from "../identity/index.ts";
import { OPEN_STATUSES } from "./open-scan.ts";
import type { Confidence, Scan, ScanDetail, ScanLink, ScanStatus } from "./view.ts";

const LINKS_MAX = 5_000;

export interface ListScans extends ListInput {
  collectorId?: string | undefined;
}

/** Scans with their progress, newest first. */
export async function listScans(ctx: Context, input: ListScans = {}): Promise<Page<Scan>> {
  requirePermission(ctx, "discovery:read");
  const limit = limitOf(input);
  const cursor = uuidCursor(input);
  const rows = await select(ctx)
    .where(
      and(
        input.collectorId === undefined ? undefined : eq(discoveryScans.collectorId, input.collectorId),
        cursor === undefined ? undefined : lt(discoveryScans.id, cursor),
      ),
    )
    .orderBy(desc(discoveryScans.id))
    .limit(limit + 1);
  return pageOf(
    rows.map((row) => scanOf(ctx, row)),
    limit,
    (scan) => scan.id,
  );
}

/** One scan with the links it found. */
export async function getScan(ctx: Context, { scanId }: { scanId: string }): Promise<ScanDetail> {
  requirePermission(ctx, "discovery:read");
  const [row] = await select(ctx).where(eq(discoveryScans.id, scanId));
  if (!row) throw new HubError("not-found", `There is no scan ${scanId}.`);
  return { ...scanOf(ctx, row), links: await linksOf(ctx, row.scan) };
}

function select(ctx: Context) {
  return ctx.db
    .select({
      scan: discoveryScans,
      site: sites.name,
      collector: { id: collectors.id, name: collectors.name },
      requestedBy: users.name,
    })
    .from(discoveryScans)
    .innerJoin(collectors, eq(collectors.id, discoveryScans.collectorId))
    .innerJoin(sites, eq(sites.id, discoveryScans.siteId))
    .leftJoin(users, eq(users.id, discoveryScans.requestedBy));
}

function scanOf(ctx: Context, row: Awaited<ReturnType<typeof select>>[number]): Scan {
  const { id, ranges, reason, createdAt, finishedAt, cancelAskedAt, expiresAt, ...scan } = row.scan;
  const isOpen = OPEN_STATUSES.includes(scan.status);
  const isExpired = isOpen && expiresAt.getTime() <= ctx.clock.nowMs();
  return {
    id,
    site: row.site,
    collector: row.collector,
    ranges,
    status: isExpired ? "expired" : (scan.status as ScanStatus),
    reason: isExpired ? "Its collector has not been heard of for an hour. Start it again." : reason,
    addressesTotal: scan.addressesTotal,
    addressesDone: scan.addressesDone,
    devicesFound: scan.devicesFound,
    packetsSent: scan.packetsSent,
    isCancelling: isOpen && cancelAskedAt !== null,
    requestedBy: row.requestedBy,
    createdAt,
    finishedAt,
  };
}

const proposalA = alias(deviceProposals, "proposal_a");
const proposalB = alias(deviceProposals, "proposal_b");

async function linksOf(ctx: Context, scan: typeof discoveryScans.$inferSelect): Promise<ScanLink[]> {
  const rows = await ctx.db
    .select({ link: discoveryLinks, a: proposalA.id, b: proposalB.id })
    .from(discoveryLinks)
    .leftJoin(
      proposalA,
      and(eq(proposalA.collectorId, scan.collectorId), eq(proposalA.identity, discoveryLinks.aIdentity)),
    )
    .leftJoin(
      proposalB,
      and(eq(proposalB.collectorId, scan.collectorId), eq(proposalB.identity, discoveryLinks.bIdentity)),
    )
    .where(eq(discoveryLinks.scanId, scan.id))
    .orderBy(discoveryLinks.part, discoveryLinks.number)
    .limit(LINKS_MAX);
  return rows.map(({ link, a, b }) => ({
    a: { proposalId: a ?? undefined, system: link.aSystem, port: link.aPort },
    b: { proposalId: b ?? undefined, system: link.bSystem, port: link.bPort },
    confidence: link.confidence as Confidence,
    protocols: link.protocols,
    reason: link.reason,
  }));
}
