import {
  ProposalList,
  type ProposalListView,
  type ProposalView,
  ScanList,
  type ScanFormView,
  type ScanListView,
} from "@watchpost/ui";
import { listCollectors } from "../../device/index.ts";
import { listProposals, listScans, PROPOSAL_STATUSES } from "../../discovery/index.ts";
import { may } from "../../identity/index.ts";
import { type Region, region } from "./region.tsx";
import type { Source } from "./source.ts";

const SCANS_SHOWN_MAX = 5;
const PROPOSALS_SHOWN_MAX = 100;
const SEARCH_LENGTH_MAX = 100;
const NOTE_LENGTH_MAX = 200;

export interface DiscoveryFilter {
  status: (typeof PROPOSAL_STATUSES)[number];
  search: string;
}

export function discoveryFilter(query: Record<string, string>): DiscoveryFilter {
  return {
    status: PROPOSAL_STATUSES.find((known) => known === query["status"]) ?? "pending",
    search: (query["search"] ?? "").slice(0, SEARCH_LENGTH_MAX),
  };
}

export function discoveryQuery({ status, search }: DiscoveryFilter): string {
  return new URLSearchParams({ status, ...(search === "" ? {} : { search }) }).toString();
}

/** What the form to order a scan begins with. */
export async function loadScanForm({ ctx }: Source): Promise<ScanFormView> {
  const collectors = (await listCollectors(ctx)).filter(({ status }) => status !== "revoked");
  const connected = collectors.find(({ status }) => status === "streaming");
  return {
    collectors: collectors.map(({ id, name, site, status }) => ({
      id,
      label: `${site}/${name}`,
      isConnected: status === "streaming",
    })),
    ranges: "",
    collectorId: connected?.id ?? "",
  };
}

export async function loadScans({ ctx, role, nowMs }: Source): Promise<ScanListView> {
  const { items } = await listScans(ctx, { limit: SCANS_SHOWN_MAX });
  return {
    scans: items.map((scan) => {
      const { id, ranges, status, reason, addressesDone, addressesTotal, isCancelling, createdAt } = scan;
      return {
        id,
        collector: `${scan.site}/${scan.collector.name}`,
        ranges,
        status,
        reason,
        addressesDone,
        addressesTotal,
        answered: scan.devicesFound,
        isCancelling,
        createdAt,
        ...(scan.requestedBy === null ? {} : { requestedBy: scan.requestedBy }),
      };
    }),
    mayScan: may(role, "discovery:scan"),
    nowMs,
  };
}

type Found = Awaited<ReturnType<typeof listProposals>>["items"][number];

export async function loadProposals(source: Source, filter: DiscoveryFilter): Promise<ProposalListView> {
  const { ctx, role } = source;
  const [{ items, nextCursor }, scans] = await Promise.all([
    listProposals(ctx, {
      status: filter.status,
      limit: PROPOSALS_SHOWN_MAX,
      ...(filter.search === "" ? {} : { search: filter.search }),
    }),
    listScans(ctx, { limit: 1 }),
  ]);
  const fitting = items.filter(({ status, credential }) => status === "pending" && credential !== "");
  const collectors = new Set(fitting.map(({ collector }) => collector.id));
  return {
    status: filter.status,
    rows: items.map(rowOf),
    hasMore: nextCursor !== null,
    acceptable: collectors.size === 1 ? fitting.map(({ id }) => id) : [],
    mayDecide: may(role, "discovery:decide"),
    hasScans: scans.items.length > 0,
  };
}

function rowOf(found: Found): ProposalView {
  const { id, status, suggestedName, deviceName, address, port, serial, site, credential, lastSeenAt } = found;
  const product = [found.vendor, found.model].filter((part) => part !== "").join(" ");
  return {
    id,
    status,
    name: deviceName || suggestedName,
    address: port === 161 ? address : `${address}:${port}`,
    others: found.answeredAt.filter((other) => other !== address),
    merged: found.merge.reasons.join("; "),
    product: product || found.sysDescr.slice(0, NOTE_LENGTH_MAX),
    serial,
    site,
    credential,
    lastSeenAt,
    note: noteOf(found).slice(0, NOTE_LENGTH_MAX),
  };
}

function noteOf({ status, config, decidedBy, reason }: Found): string {
  const by = decidedBy === null ? "" : `by ${decidedBy}`;
  if (status === "accepted" && config?.state === "refused") return `its collector refused it: ${config.reason}`;
  if (status === "accepted" && config?.state === "pushed") return `${by}, on its way to the collector`;
  return [by, reason].filter((part) => part !== "").join(": ");
}

export async function discoveryRegions(source: Source, filter: DiscoveryFilter): Promise<Region[]> {
  const [scans, proposals] = await Promise.all([loadScans(source), loadProposals(source, filter)]);
  return Promise.all([
    region("scan-list", <ScanList view={scans} />),
    region("proposal-list", <ProposalList view={proposals} />),
  ]);
}
