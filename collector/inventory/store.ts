import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Device, DeviceSchema } from "@watchpost/proto";
import { type KeptTable, type KeptTableOptions, openKeptTable } from "../journal/index.ts";

/** What is known of the devices, by name: a device that is down when the collector starts keeps its interfaces. */
export type DeviceStore = KeptTable<Device>;

export function openDeviceStore(options: KeptTableOptions): DeviceStore {
  return openKeptTable(options, {
    encode: (device) => toBinary(DeviceSchema, device),
    decode: (bytes) => fromBinary(DeviceSchema, bytes),
  });
}
