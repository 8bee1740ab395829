import { NavCount, type ShellCounts } from "@watchpost/ui";
import { listApprovals } from "../../automation/index.ts";
import { listIncidents } from "../../incident/index.ts";
import { type Region, region } from "./region.tsx";
import type { Source } from "./source.ts";

const COUNTED_MAX = 100;

/** What waits for people, for the sidebar. */
export async function loadShellCounts(source: Source): Promise<ShellCounts> {
  const [open, pending] = await Promise.all([
    listIncidents(source.ctx, { status: "new", limit: COUNTED_MAX }),
    listApprovals(source.ctx, { status: "pending", limit: COUNTED_MAX }),
  ]);
  const waiting = pending.items.filter((approval) => approval.status === "pending");
  return { openIncidents: open.incidents.length, pendingApprovals: waiting.length };
}

export async function shellRegions(source: Source): Promise<Region[]> {
  const counts = await loadShellCounts(source);
  return Promise.all([
    region("count-incidents", <NavCount section="incidents" counts={counts} />),
    region("count-approvals", <NavCount section="approvals" counts={counts} />),
  ]);
}
