import type { Database } from "bun:sqlite";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Device, DeviceSchema } from "@watchpost/proto";
import { openJournal } from "../journal/index.ts";

const isWhole = (db: Database): boolean => db.query("select * from device").all().length >= 0;
const SCHEMA = "create table if not exists device (name text primary key, message blob not null) without rowid";

/** What is known of the devices on disk: a device that is down when the collector starts keeps its interfaces. */
export interface DeviceStore {
  all(): Map<string, Device>;
  put(device: Device): void;
  remove(name: string): void;
  close(): void;
}

export interface StoreOptions {
  path: string;
  nowMs: number;
  /** Told what could not be read or written: what is on disk is then older than what is known. */
  onTrouble: (message: string) => void;
}

/** Everything here is read from the devices again, so a commit need not survive a power loss. */
export function openDeviceStore(options: StoreOptions): DeviceStore {
  const { path, nowMs, onTrouble } = options;
  const { db, setAside } = openJournal({ path, schema: SCHEMA, probe: isWhole, nowMs });
  if (setAside !== undefined) onTrouble(`${path} was no readable database; it is set aside as ${setAside}`);
  db.run("pragma synchronous = normal");
  const put = db.query("insert or replace into device (name, message) values (?, ?)");
  const remove = db.query("delete from device where name = ?");
  /** A full disk must not keep a reading from being judged. */
  function attempt(write: () => void): void {
    try {
      write();
    } catch (error) {
      onTrouble(`${path} could not be written: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  return {
    all() {
      const rows = db.query<{ message: Uint8Array }, []>("select message from device").all();
      const devices = rows.map((row) => fromBinary(DeviceSchema, row.message));
      return new Map(devices.map((device) => [device.name, device]));
    },
    put: (device) => attempt(() => put.run(device.name, toBinary(DeviceSchema, device))),
    remove: (name) => attempt(() => remove.run(name)),
    close: () => db.close(),
  };
}
