export type { Poller, PollerOptions, PollerStats } from "./api.ts";
export { type Cancelled, pollDevice, type PollInput } from "./poll-device.ts";
export { type DeviceState, newDeviceState } from "./state.ts";
export type {
  Answered,
  InterfaceReading,
  Reading,
  SensorReading,
  StorageReading,
  SystemReading,
  Unanswered,
} from "./reading.ts";
export { createPoller } from "./poller.ts";
