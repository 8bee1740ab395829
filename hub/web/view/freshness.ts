import type { Freshness } from "@watchpost/ui";
import { type DeviceSummary, listCollectors } from "../../device/index.ts";
import { placeKey } from "./sample-time.ts";
import type { Source } from "./source.ts";

/** How new what is shown of each device is: one question to the metrics store and one to the database, whatever their number. */
export async function freshnessOf(
  source: Source,
  devices: readonly DeviceSummary[],
): Promise<(device: DeviceSummary) => Freshness> {
  const [times, collectors] = await Promise.all([source.sampleTimes.of(devices), listCollectors(source.ctx)]);
  const byId = new Map(collectors.map((collector) => [collector.id, collector]));
  return (device) => {
    const sampleMs = times.get(placeKey(device));
    const inventoryMs = device.lastPolledAt?.getTime() ?? 0;
    const bySample = sampleMs !== undefined && sampleMs >= inventoryMs;
    const heardMs = bySample ? sampleMs : inventoryMs;
    const collector = device.collectorId === undefined ? undefined : byId.get(device.collectorId);
    const isAway = collector !== undefined && collector.status !== "streaming";
    const asOfMs = Math.max(heardMs, collector?.lastSeenAt?.getTime() ?? 0);
    return {
      bySample,
      ...(heardMs > 0 ? { lastHeardAt: new Date(heardMs) } : {}),
      ...(isAway && asOfMs > 0 ? { asOf: new Date(asOfMs) } : {}),
    };
  };
}
