import type { Hello } from "@watchpost/proto";
import { sql } from "drizzle-orm";
import { boundedText } from "../bounded-text.ts";
import type { Hub } from "../hub.ts";
import { Gather } from "../gather.ts";
import type { LinkSource } from "./handlers.ts";

const EPOCH = /^[A-Za-z0-9._-]{1,64}$/;
const VERSION_LENGTH_MAX = 100;
const SCRIPTS_MAX = 500;
const SCRIPT_NAME_LENGTH_MAX = 63;
const COLLECTORS_A_ROUND_MAX = 100;
const CONFIG_VERSION_MAX = 2_147_483_647;

export type Greeted =
  /** `configWaits`: a configuration newer than the one in force was pushed. */
  { kind: "greeted"; ackedSeq: number; configWaits: boolean } | { kind: "refused"; reason: string };

export type Greeter = (source: LinkSource, hello: Hello) => Promise<Greeted>;

/** Takes note of what collectors say of themselves, and finds how far their outboxes are committed here. */
export function greeter(hub: Hub): Greeter {
  const gather = new Gather<Said, Known>(COLLECTORS_A_ROUND_MAX, (said) => greetAll(hub, [...said.values()]));
  return async (source, hello) => {
    if (!EPOCH.test(hello.outboxEpoch)) {
      return { kind: "refused", reason: "outbox_epoch must be 1 to 64 letters, digits, dots, dashes or underscores" };
    }
    const said = saidBy(source, hello);
    const known = await gather.add(keyOf(said), said);
    if (!known) throw new Error(`no cursor for outbox ${said.epoch} of collector ${said.id}`);
    return { kind: "greeted", ackedSeq: Number(known.ackedSeq), configWaits: known.configWaits };
  };
}

interface Said {
  id: string;
  epoch: string;
  version: string;
  scripts: string[];
  config: number;
}

type Known = Pick<Said, "id" | "epoch"> & { ackedSeq: string; configWaits: boolean };

const keyOf = ({ id, epoch }: Pick<Said, "id" | "epoch">) => `${id}/${epoch}`;

function saidBy({ collectorId }: LinkSource, hello: Hello): Said {
  return {
    id: collectorId,
    epoch: hello.outboxEpoch,
    version: boundedText(hello.collectorVersion, VERSION_LENGTH_MAX),
    scripts: hello.allowedScripts.slice(0, SCRIPTS_MAX).map((name) => boundedText(name, SCRIPT_NAME_LENGTH_MAX)),
    config: Math.min(hello.configVersion, CONFIG_VERSION_MAX),
  };
}

/** Rows are locked in the order of their ids, as in collector-status.ts: no two rounds wait for each other. */
async function greetAll(hub: Hub, said: readonly Said[]): Promise<ReadonlyMap<string, Known>> {
  const seenAt = new Date(hub.clock.nowMs()).toISOString();
  const rows = await hub.db.execute<Known & Record<string, unknown>>(sql`
    with said as (
      select * from json_to_recordset(${JSON.stringify(said)}::text::json)
        as row (id uuid, epoch text, version text, scripts jsonb, config integer)
    ), held as (
      select id from control_plane.collectors where id in (select id from said) order by id for update
    ), seen as (
      update control_plane.collectors c set version = said.version, allowed_scripts = said.scripts,
        config_version = said.config, last_seen_at = ${seenAt}::timestamptz
      from said join held using (id) where c.id = held.id
    ), cursor as (
      insert into control_plane.collector_streams as s (collector_id, outbox_epoch) select id, epoch from said order by 1, 2
      on conflict (collector_id, outbox_epoch) do update set acked_seq = s.acked_seq returning *
    )
    select said.id, said.epoch, cursor.acked_seq as "ackedSeq", exists (
      select from control_plane.collector_configs c where c.collector_id = said.id and c.version > said.config
    ) as "configWaits" from said join cursor on cursor.collector_id = said.id and cursor.outbox_epoch = said.epoch`);
  return new Map(rows.map((row) => [keyOf(row), row]));
}
