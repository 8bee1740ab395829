/** The index covers everything but the data, so that counting and ordering never touch a blob. */
export const SPOOL_SCHEMA = `
create table if not exists series (
  id integer primary key,
  name text not null,
  labels text not null,
  crc integer not null
);
create table if not exists block (
  id integer primary key autoincrement,
  state integer not null,
  samples integer not null,
  bytes integer not null,
  first_ms integer not null,
  last_ms integer not null,
  sent_at_ms integer,
  reason text,
  data blob not null
);
create index if not exists block_order on block (state, id, samples, bytes, first_ms, last_ms, sent_at_ms);
create table if not exists lost (
  block_id integer primary key
);
create table if not exists gap (
  id integer primary key autoincrement,
  reason text not null,
  detail text not null,
  from_ms integer not null,
  to_ms integer not null,
  samples integer not null,
  telling integer not null
);
`;

/** Values of block.state. */
export const PENDING = 0;
export const SENT = 1;
export const QUARANTINED = 2;
