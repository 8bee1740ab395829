export { Uplink, type UplinkPorts, type UplinkTargets } from "./uplink.ts";
