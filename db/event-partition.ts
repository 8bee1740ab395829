import type postgres from "postgres";

const MONTHS_AHEAD = 3;
/** Partitions that one call drops; the next call goes on. */
const DROPPED_MAX = 24;

/** Makes the partitions of this month and the next three. Returns the new ones' names. */
export async function makeEventPartitions(tx: postgres.TransactionSql, nowMs: number): Promise<string[]> {
  const made: string[] = [];
  for (let ahead = 0; ahead <= MONTHS_AHEAD; ahead += 1) {
    const from = monthStart(nowMs, ahead);
    const name = `events_${from.toISOString().slice(0, 7).replace("-", "_")}`;
    const [known] = await tx`select to_regclass(${`shared.${name}`}) is not null as there`;
    if (known?.["there"] === true) continue;
    await makePartition(tx, { name, from, to: monthStart(nowMs, ahead + 1) });
    made.push(name);
  }
  return made;
}

interface Partition {
  name: string;
  from: Date;
  to: Date;
}

/** A wrong clock may have put events of this month into the default partition: a new one cannot stand beside them. */
async function makePartition(tx: postgres.TransactionSql, { name, from, to }: Partition): Promise<void> {
  // Identifiers and bounds are made of digits here; DDL takes no parameters.
  const [lower, upper] = [`'${from.toISOString()}'`, `'${to.toISOString()}'`];
  await tx.unsafe(`
    lock table shared.events_default in access exclusive mode;
    create table shared.${name} (like shared.events including defaults including constraints);
    with moved as (
      delete from shared.events_default where received_at >= ${lower} and received_at < ${upper} returning *
    ) insert into shared.${name} select * from moved;
    alter table shared.events attach partition shared.${name} for values from (${lower}) to (${upper})`);
}

/** Drops the partitions of months that ended `monthsKept` months ago or earlier. Returns their names, oldest first. */
export async function dropEventPartitions(
  tx: postgres.TransactionSql,
  { nowMs, monthsKept }: { nowMs: number; monthsKept: number },
): Promise<string[]> {
  const oldestKept = monthStart(nowMs, -monthsKept).toISOString().slice(0, 7);
  const rows = await tx<{ name: string }[]>`
    select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'shared.events'::regclass and c.relname ~ '^events_[0-9]{4}_[0-9]{2}$' order by 1`;
  const old = rows
    .map(({ name }) => name)
    .filter((name) => name.slice("events_".length).replace("_", "-") < oldestKept)
    .slice(0, DROPPED_MAX);
  for (const name of old) await tx.unsafe(`drop table shared.${name}`);
  return old;
}

function monthStart(nowMs: number, ahead: number): Date {
  const now = new Date(nowMs);
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1));
}
