export { Uplink, UPLINK_NAMES, type UplinkName, type UplinkPorts, type UplinkTargets } from "./uplink.ts";
