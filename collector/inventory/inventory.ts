import { create, toBinary } from "@bufbuild/protobuf";
import { type Device, DeviceSchema, DeviceState } from "@watchpost/proto";
import type { DeviceConfig } from "../config/index.ts";
import type { Answered, Reading } from "../poll/reading.ts";
import { describeDevice } from "./describe.ts";

/** What did not change is told again this often, so that the hub's "last polled" stays true. */
const REPEAT_MS = 60_000;

/** What the collector knows of its devices now, and what of it the hub has not heard yet. */
export interface Inventory {
  /** Gives a message when there is something to tell. */
  take(device: DeviceConfig, reading: Reading, isUnreadable: boolean): Device | undefined;
  forget(device: string): void;
}

interface Known {
  answered: Answered | undefined;
  state: DeviceState;
  sinceMs: number;
  told: Uint8Array;
  toldMs: number;
}

export function createInventory(): Inventory {
  const devices = new Map<string, Known>();
  return {
    take(config, reading, isUnreadable) {
      const before = devices.get(config.name);
      const answered = reading.kind === "answered" ? reading : before?.answered;
      const state = stateAfter(before?.state, reading, isUnreadable);
      const sinceMs = before?.state === state ? before.sinceMs : reading.takenAtMs;
      const message = create(DeviceSchema, {
        ...describeDevice(config, answered),
        state,
        stateSinceMs: BigInt(Math.round(sinceMs)),
      });
      const told = toBinary(DeviceSchema, message);
      const isNews =
        !before || Buffer.compare(before.told, told) !== 0 || reading.takenAtMs - before.toldMs >= REPEAT_MS;
      const toldMs = isNews ? reading.takenAtMs : before.toldMs;
      devices.set(config.name, { answered, state, sinceMs, told, toldMs });
      message.polledAtMs = BigInt(Math.round(reading.takenAtMs));
      return isNews ? message : undefined;
    },
    forget: (device) => void devices.delete(device),
  };
}

/** One lost poll is no state of its own: the device stays what it was until an event says otherwise. */
function stateAfter(before: DeviceState | undefined, reading: Reading, isUnreadable: boolean): DeviceState {
  if (reading.kind === "answered") return DeviceState.UP;
  return isUnreadable ? DeviceState.DOWN : (before ?? DeviceState.UNSPECIFIED);
}
