export type { Poller } from "./api.ts";
export { pollDevice } from "./poll-device.ts";
export { newDeviceState } from "./state.ts";
export type { Answered, Reading } from "./reading.ts";
export { createPoller } from "./poller.ts";
