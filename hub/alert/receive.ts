import { boundedLines, boundedText } from "../bounded-text.ts";
import { type Context, nameOf } from "../context.ts";
import { requirePermission } from "../identity/permission.ts";
import {
  type EventRow,
  FINGERPRINT_CHARACTERS_MAX,
  type IngestResult,
  ingestRows,
  lockSite,
  NAME_CHARACTERS_MAX,
  plausibleTime,
  SUMMARY_CHARACTERS_MAX,
} from "../incident/index.ts";
import { parseWebhook, type WebhookSource } from "./parse.ts";
import { type Place, placesOf } from "./place.ts";
import type { ReceivedAlert } from "./received.ts";

export interface ReceiveWebhook {
  source: WebhookSource;
  /** As it came: at most 1 MiB of JSON. */
  body: string;
}

export interface ReceivedWebhook extends IngestResult {
  /** Alerts in the webhook. */
  alerts: number;
  /** Of those, without a site of ours. */
  withoutSite: number;
}

/** Takes a webhook whole or not at all: its alerts become events and go the way of every other event. */
export async function receiveWebhook(ctx: Context, { source, body }: ReceiveWebhook): Promise<ReceivedWebhook> {
  requirePermission(ctx, "webhook:send");
  const alerts = parseWebhook(source, body);
  const nowMs = ctx.clock.nowMs();
  return ctx.db.transaction(async (tx) => {
    const places = await placesOf(tx, alerts);
    const rows = alerts.map((alert, i) =>
      rowOf({ source, alert, place: places[i] ?? NOWHERE, sender: nameOf(ctx.actor), nowMs }),
    );
    const bySite = Map.groupBy(rows, (row) => row.siteId);
    // Every site before the first word on the bus, and always in one order: two webhooks cannot wait for each other.
    const siteIds = [...bySite.keys()].toSorted((a, b) => (a ?? "").localeCompare(b ?? ""));
    for (const siteId of siteIds) await lockSite(tx, siteId);
    const total: ReceivedWebhook = {
      alerts: alerts.length,
      withoutSite: 0,
      stored: 0,
      opened: [],
      reopened: [],
      merged: [],
      resolved: [],
    };
    for (const siteId of siteIds) {
      const ofSite = bySite.get(siteId) ?? [];
      const site = places.find((place) => place.siteId === siteId)?.site ?? "";
      const result = await ingestRows(tx, {
        source: { siteId, site, collectorId: null, outboxEpoch: "" },
        nowMs,
        rows: ofSite,
      });
      if (siteId === null) total.withoutSite += ofSite.length;
      total.stored += result.stored;
      for (const change of ["opened", "reopened", "merged", "resolved"] as const) total[change].push(...result[change]);
    }
    return total;
  });
}

const NOWHERE: Place = { siteId: null, site: "", device: "" };

interface RowInput {
  source: WebhookSource;
  alert: ReceivedAlert;
  place: Place;
  sender: string;
  nowMs: number;
}

function rowOf({ source, alert, place, sender, nowMs }: RowInput): EventRow {
  const attributes = Object.entries({ ...alert.attributes, source, sender });
  return {
    id: Bun.randomUUIDv7(),
    receivedAt: new Date(nowMs),
    observedAt: plausibleTime(alert.atMs ?? nowMs, nowMs),
    siteId: place.siteId,
    collectorId: null,
    outboxEpoch: "",
    seq: null,
    deviceId: null,
    device: boundedText(place.device, NAME_CHARACTERS_MAX),
    object: boundedText(alert.object, NAME_CHARACTERS_MAX),
    kind: "webhook",
    state: alert.firing ? "firing" : "cleared",
    severity: alert.severity,
    fingerprint: boundedText(`webhook/${source}/${alert.key}`, FINGERPRINT_CHARACTERS_MAX),
    summary: boundedText(alert.summary, SUMMARY_CHARACTERS_MAX),
    attributes: Object.fromEntries(
      attributes.map(([name, value]) => [boundedText(name, 100), boundedLines(value, SUMMARY_CHARACTERS_MAX)]),
    ),
    verdict: null,
    explainedBy: "",
    effectiveSeverity: alert.severity,
    refersToSeq: 0,
  };
}
