import { create } from "@bufbuild/protobuf";
import type { Transaction } from "@watchpost/db";
import { collectorConfigs, collectors } from "@watchpost/db/schema";
import { type ConfigPush, ConfigPushSchema, type ConfigResult, DownlinkSchema } from "@watchpost/proto";
import { and, desc, eq, gt, inArray, max, ne } from "drizzle-orm";
import { isMap, parseDocument } from "yaml";
import { recordAudit } from "../audit/index.ts";
import { boundedText } from "../bounded-text.ts";
import { publish } from "../bus/index.ts";
import { type Context, userIdOf } from "../context.ts";
import { HubError } from "../error.ts";
import type { Hub } from "../hub.ts";
import { requirePermission } from "../identity/index.ts";
import type { LinkSource } from "./handlers.ts";
import type { LinkRegistry } from "./registry.ts";

const YAML_BYTES_MAX = 1_048_576;
const REASON_LENGTH_MAX = 2_000;

export interface PushConfig {
  collectorId: string;
  /** The pushed part of the collector's configuration, whole. */
  yaml: string;
}

export interface PushedConfig {
  version: number;
  /** False when the collector is away: it gets the version when it comes back. */
  sent: boolean;
}

/** Stores a new configuration for a collector and sends it; the collector answers whether it took it. */
export async function pushConfig(ctx: Context, links: LinkRegistry, input: PushConfig): Promise<PushedConfig> {
  const version = await ctx.db.transaction((tx) => storeConfig(tx, ctx, input));
  return { version, sent: sendConfig(links, input, version) };
}

/** The first half, in a transaction with what the configuration is for. Send it when that is committed. */
export async function storeConfig(tx: Transaction, ctx: Context, { collectorId, yaml }: PushConfig): Promise<number> {
  requirePermission(ctx, "collector:configure");
  requireYaml(yaml);
  const [collector] = await tx.select().from(collectors).where(eq(collectors.id, collectorId)).for("update");
  if (!collector) throw new HubError("not-found", `there is no collector ${collectorId}.`);
  const [newest] = await tx
    .select({ version: max(collectorConfigs.version) })
    .from(collectorConfigs)
    .where(eq(collectorConfigs.collectorId, collectorId));
  // Also above what the collector runs: a restored database must not hand out a number twice.
  const version = Math.max(newest?.version ?? 0, collector.configVersion) + 1;
  await tx.insert(collectorConfigs).values({
    collectorId,
    version,
    yaml,
    createdBy: userIdOf(ctx.actor),
    createdAt: new Date(ctx.clock.nowMs()),
  });
  await recordAudit(tx, ctx, {
    action: "collector.config-pushed",
    entity: "collector",
    entityId: collectorId,
    details: { version, bytes: Buffer.byteLength(yaml) },
  });
  await publish(tx, { topic: "collector", key: collectorId, payload: { config: version, state: "pushed" } });
  return version;
}

/** False when the collector is away: it gets the version when it comes back. */
export function sendConfig(links: LinkRegistry, { collectorId, yaml }: PushConfig, version: number): boolean {
  const value = create(ConfigPushSchema, { version, yaml });
  return links.send(collectorId, create(DownlinkSchema, { message: { case: "config", value } }));
}

function requireYaml(yaml: string): void {
  const bytes = Buffer.byteLength(yaml);
  if (bytes > YAML_BYTES_MAX) {
    throw new HubError("too-large", `the configuration has ${bytes} bytes; ${YAML_BYTES_MAX} is the limit.`);
  }
  // Whether keys are unique the collector says: the library compares each with each, for half a minute where there are 45,000.
  const document = parseDocument(yaml, { stringKeys: true, uniqueKeys: false });
  const [error] = document.errors;
  if (error) throw new HubError("unprocessable", `the configuration is not YAML: ${error.message}`);
  if (!isMap(document.contents)) {
    throw new HubError("unprocessable", "the configuration is not a YAML map with the keys poll, devices and rules.");
  }
}

/** Of these collectors the ones that have not answered to a configuration. */
export async function collectorsWithConfigs(hub: Hub, collectorIds: string[]): Promise<string[]> {
  const rows = await hub.db
    .selectDistinct({ id: collectorConfigs.collectorId })
    .from(collectorConfigs)
    .where(and(inArray(collectorConfigs.collectorId, collectorIds), eq(collectorConfigs.state, "pushed")));
  return rows.map(({ id }) => id);
}

/** The newest configuration the collector has neither applied nor refused, when it is newer than `inForce`. */
export async function pendingConfig(hub: Hub, collectorId: string, inForce: number): Promise<ConfigPush | undefined> {
  const [newest] = await hub.db
    .select()
    .from(collectorConfigs)
    .where(and(eq(collectorConfigs.collectorId, collectorId), gt(collectorConfigs.version, inForce)))
    .orderBy(desc(collectorConfigs.version))
    .limit(1);
  if (!newest || newest.state === "refused") return undefined;
  return create(ConfigPushSchema, { version: newest.version, yaml: newest.yaml });
}

/** Stores the collector's answer, and says so on the bus. */
export async function recordConfigResult(hub: Hub, source: LinkSource, result: ConfigResult): Promise<void> {
  const state = result.applied ? "applied" : "refused";
  const reason = boundedText(result.reason, REASON_LENGTH_MAX);
  await hub.db.transaction(async (tx) => {
    const [changed] = await tx
      .update(collectorConfigs)
      .set({ state, reason })
      .where(
        and(
          eq(collectorConfigs.collectorId, source.collectorId),
          eq(collectorConfigs.version, result.version),
          ne(collectorConfigs.state, state),
        ),
      )
      .returning({ version: collectorConfigs.version });
    if (!changed) return;
    if (result.applied) {
      await tx.update(collectors).set({ configVersion: result.version }).where(eq(collectors.id, source.collectorId));
    }
    await publish(tx, {
      topic: "collector",
      key: source.collectorId,
      payload: { site: source.site, config: result.version, state, reason },
    });
  });
}
