export { LabClient, LabControlError } from "./client.ts";
export { ControlServer } from "./server.ts";
