export { type Disk, type DiskFile, type Space, systemDisk } from "./disk.ts";
export { GroupCommit, type Staged } from "./group-commit.ts";
export { type KeptTable, type KeptTableOptions, openKeptTable } from "./kept-table.ts";
export { openJournal } from "./open.ts";
export {
  decodeRecord,
  encodeRecord,
  type Found,
  HEADER_BYTES,
  payloadCrcOf,
  type Place,
  readPayload,
  type RecordMeta,
  RecordRoom,
  type Scan,
  scanRecords,
} from "./record.ts";
