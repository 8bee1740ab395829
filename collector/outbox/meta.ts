import type { Database } from "bun:sqlite";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { EventSchema } from "@watchpost/proto";

const EPOCH_BYTES = 16;

export interface OutboxMeta {
  epoch: string;
  nextSeq: bigint;
}

/** What the file says; a new file gets its name here. */
export function readMeta(db: Database): OutboxMeta {
  const rows = db.query<{ key: string; value: string }, []>("select key, value from meta").all();
  const values = new Map(rows.map((row) => [row.key, row.value]));
  const epoch = values.get("epoch");
  const nextSeq = values.get("next_seq");
  if (epoch !== undefined && nextSeq !== undefined) return { epoch, nextSeq: BigInt(nextSeq) };
  const fresh = { epoch: randomEpoch(), nextSeq: 1n };
  db.transaction(() => writeMeta(db, fresh)).immediate();
  return fresh;
}

export function writeMeta(db: Database, meta: OutboxMeta): void {
  const put = db.query(
    "insert into meta (key, value) values (?, ?) on conflict (key) do update set value = excluded.value",
  );
  put.run("epoch", meta.epoch);
  put.run("next_seq", String(meta.nextSeq));
}

/** A new epoch in which what is pending counts from 1. A reference to an event of the old epoch is dropped. */
export function renumber(db: Database): OutboxMeta {
  const rows = db
    .query<{ seq: number; crc: number; data: Uint8Array }, []>("select seq, crc, data from event order by seq")
    .all();
  const place = new Map(rows.map((row, index) => [BigInt(row.seq), BigInt(index + 1)]));
  const move = db.query("update event set seq = ?, crc = ?, data = ? where seq = ?");
  for (const row of rows) {
    const seq = place.get(BigInt(row.seq)) ?? 0n;
    if (Bun.hash.crc32(row.data) !== row.crc) {
      move.run(seq, row.crc, row.data, row.seq);
      continue;
    }
    const event = fromBinary(EventSchema, row.data);
    event.refersToSeq = place.get(event.refersToSeq) ?? 0n;
    const data = toBinary(EventSchema, event);
    move.run(seq, Bun.hash.crc32(data), data, row.seq);
  }
  const meta = { epoch: randomEpoch(), nextSeq: BigInt(rows.length + 1) };
  writeMeta(db, meta);
  return meta;
}

function randomEpoch(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(EPOCH_BYTES))).toString("hex");
}
