export { LabClient } from "./control/index.ts";
export { type ActiveFault, FAULT_NAMES, FaultRequestError } from "./fault/index.ts";
export { type Lab, startLab } from "./lab.ts";
export { type ServedRecording, serveRecordings } from "./serve/index.ts";
