import type { CollectorConfigView, CollectorRowView, DeviceCounts, SiteRowView } from "@watchpost/ui";
import type { CollectorSummary, SiteSummary } from "../../device/index.ts";
import type { Incident } from "../../incident/index.ts";

export function siteRows(parts: {
  sites: readonly SiteSummary[];
  collectors: readonly CollectorSummary[];
  open: readonly Incident[];
}): SiteRowView[] {
  return parts.sites.map((site) => ({
    id: site.id,
    name: site.name,
    title: site.title,
    devices: countsOf(site),
    openIncidents: parts.open.filter((incident) => incident.siteId === site.id).length,
    collectors: parts.collectors
      .filter((collector) => collector.siteId === site.id && collector.status !== "revoked")
      .map(({ status, lastSeenAt }) => ({ status, ...(lastSeenAt ? { lastSeenAt } : {}) })),
  }));
}

function countsOf({ devices, devicesUp, devicesDown }: SiteSummary): DeviceCounts {
  return { up: devicesUp, down: devicesDown, unknown: devices - devicesUp - devicesDown };
}

export function totalOf(sites: readonly SiteSummary[]): DeviceCounts {
  const sum = (pick: (counts: DeviceCounts) => number) =>
    sites.reduce((total, site) => total + pick(countsOf(site)), 0);
  return { up: sum((c) => c.up), down: sum((c) => c.down), unknown: sum((c) => c.unknown) };
}

function configOf({ configVersion, pushedConfig }: CollectorSummary): CollectorConfigView {
  const inForce = configVersion === 0 ? "its own file" : `version ${configVersion}`;
  if (pushedConfig === undefined || pushedConfig.version <= configVersion) return { inForce };
  const { version, state, reason } = pushedConfig;
  if (state === "refused") return { inForce, refused: { version, reason } };
  return { inForce, waiting: version };
}

export function collectorRows(collectors: readonly CollectorSummary[]): CollectorRowView[] {
  return collectors.map((collector) => ({
    id: collector.id,
    name: collector.name,
    site: collector.site,
    status: collector.status,
    version: collector.version,
    certificateNotAfter: collector.certificateNotAfter,
    config: configOf(collector),
    allowedScripts: collector.allowedScripts,
    devices: collector.devices,
    ...(collector.lastSeenAt ? { lastSeenAt: collector.lastSeenAt } : {}),
    ...(collector.clockOffsetMs === undefined ? {} : { clockOffsetMs: collector.clockOffsetMs }),
    ...(collector.samplesPending === undefined ? {} : { samplesPending: collector.samplesPending }),
    ...(collector.eventsPending === undefined ? {} : { eventsPending: collector.eventsPending }),
  }));
}
