import type { Hello } from "@watchpost/proto";
import { type SQL, sql } from "drizzle-orm";
import { boundedText } from "../bounded-text.ts";
import type { Hub } from "../hub.ts";
import type { LinkSource } from "./handlers.ts";

const EPOCH = /^[A-Za-z0-9._-]{1,64}$/;
const VERSION_LENGTH_MAX = 100;
const SCRIPTS_MAX = 500;
const SCRIPT_NAME_LENGTH_MAX = 63;
const CONFIG_VERSION_MAX = 2_147_483_647;

export type Greeted =
  /** `configWaits`: a configuration newer than the one in force was pushed. */
  { kind: "greeted"; ackedSeq: number; configWaits: boolean } | { kind: "refused"; reason: string };

/** Takes note of what a collector says of itself, and finds how far its outbox is committed here. */
export async function greet(hub: Hub, source: LinkSource, hello: Hello): Promise<Greeted> {
  if (!EPOCH.test(hello.outboxEpoch)) {
    return { kind: "refused", reason: "outbox_epoch must be 1 to 64 letters, digits, dots, dashes or underscores" };
  }
  const [greeted] = await hub.db.execute<{ ackedSeq: string; configWaits: boolean }>(greeting(hub, source, hello));
  if (!greeted) throw new Error(`no cursor for outbox ${hello.outboxEpoch} of collector ${source.collectorId}`);
  return { kind: "greeted", ackedSeq: Number(greeted.ackedSeq), configWaits: greeted.configWaits };
}

/** One statement for all of it: a thousand collectors may say hello in one moment. */
function greeting(hub: Hub, { collectorId }: LinkSource, hello: Hello): SQL {
  const configVersion = Math.min(hello.configVersion, CONFIG_VERSION_MAX);
  const scripts = hello.allowedScripts.slice(0, SCRIPTS_MAX).map((name) => boundedText(name, SCRIPT_NAME_LENGTH_MAX));
  return sql`
    with cursor as (
      insert into control_plane.collector_streams as s (collector_id, outbox_epoch)
      values (${collectorId}, ${hello.outboxEpoch})
      on conflict (collector_id, outbox_epoch) do update set acked_seq = s.acked_seq returning s.acked_seq
    ), seen as (
      update control_plane.collectors set version = ${boundedText(hello.collectorVersion, VERSION_LENGTH_MAX)},
        allowed_scripts = ${JSON.stringify(scripts)}::text::jsonb, config_version = ${configVersion},
        last_seen_at = ${new Date(hub.clock.nowMs()).toISOString()}::timestamptz
      where id = ${collectorId}
    )
    select acked_seq as "ackedSeq", exists (
      select from control_plane.collector_configs where collector_id = ${collectorId} and version > ${configVersion}
    ) as "configWaits" from cursor`;
}
