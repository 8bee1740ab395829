/** Data is a serialized Event without its number; rank orders who is given up first. */
export const OUTBOX_SCHEMA = `
create table if not exists event (
  seq integer primary key,
  rank integer not null,
  bytes integer not null,
  crc integer not null,
  data blob not null
);
create index if not exists event_rank on event (rank, seq, bytes);
create table if not exists meta (
  key text primary key,
  value text not null
) without rowid;
`;
