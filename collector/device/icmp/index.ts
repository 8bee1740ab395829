export { createPinger, type Pinger, type PingResult } from "./pinger.ts";
export { openIcmpSocket } from "./socket.ts";
