export { LabClient, LabControlError } from "./client.ts";
export { ControlServer, knownFaults, type KnownFault } from "./server.ts";
