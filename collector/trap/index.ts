export { startTrapReceiver, type TrapReceiver } from "./receiver.ts";
