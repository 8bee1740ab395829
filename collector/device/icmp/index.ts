export { isLoopback } from "./address.ts";
export { createPinger, type Pinger } from "./pinger.ts";
export { openIcmpSocket } from "./socket.ts";
