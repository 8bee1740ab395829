export type { TrapCounters } from "./api.ts";
export { startTrapReceiver, type TrapReceiver } from "./receiver.ts";
