export { LabClient, LabControlError } from "./control/index.ts";
export { type ActiveFault, FAULT_NAMES, type FaultName, type FaultRequest, FaultRequestError } from "./fault/index.ts";
export { type Lab, type LabOptions, startLab } from "./lab.ts";
export { type ServedRecording, serveRecordings } from "./serve/index.ts";
export type { LabDevice, LabSiteConfig } from "./site-config.ts";
export { Uplink } from "./uplink/index.ts";
