import { collectorSiteConfigs } from "@watchpost/db/schema";
import type { SiteConfig } from "@watchpost/proto";
import type { Hub } from "../hub.ts";
import type { LinkSource } from "../link/index.ts";

const YAML_BYTES_MAX = 1_048_576;
const VERSION_MAX = 2_147_483_647;

/** Keeps what a collector runs now: what an accepted device will be added to. */
export async function recordSiteConfig(hub: Hub, source: LinkSource, { version, yaml }: SiteConfig): Promise<void> {
  if (Buffer.byteLength(yaml) > YAML_BYTES_MAX || version > VERSION_MAX || yaml.includes("\0")) {
    hub.log.warn({ ...source, version, bytes: Buffer.byteLength(yaml) }, "discovery: configuration in force not kept");
    return;
  }
  const row = { version, yaml: yaml.toWellFormed(), receivedAt: new Date(hub.clock.nowMs()) };
  await hub.db
    .insert(collectorSiteConfigs)
    .values({ collectorId: source.collectorId, ...row })
    .onConflictDoUpdate({ target: collectorSiteConfigs.collectorId, set: row });
}
