export { permit } from "./permit.ts";
export { type Progress, scan, type ScanResult } from "./scan.ts";
export { createDiscovery, type Discovery } from "./service.ts";
