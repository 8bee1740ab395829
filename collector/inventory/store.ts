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

/** Everything here is read from the devices again, so a commit need not survive a power loss. */
export function openDeviceStore(options: { path: string; nowMs: number }): DeviceStore {
  const { db } = openJournal({ path: options.path, schema: SCHEMA, probe: isWhole, nowMs: options.nowMs });
  db.run("pragma synchronous = normal");
  const put = db.query("insert or replace into device (name, message) values (?, ?)");
  const remove = db.query("delete from device where name = ?");
  return {
    all() {
      const rows = db.query<{ message: Uint8Array }, []>("select message from device").all();
      const devices = rows.map((row) => fromBinary(DeviceSchema, row.message));
      return new Map(devices.map((device) => [device.name, device]));
    },
    put: (device) => void put.run(device.name, toBinary(DeviceSchema, device)),
    remove: (name) => void remove.run(name),
    close: () => db.close(),
  };
}
