export type { Sent } from "./send.ts";
export { createShipper, createShipperOver, type Shipper } from "./shipper.ts";
export { directTarget, gatewayTarget, type RemoteWriteTarget } from "./target.ts";
export type { Way } from "./way.ts";
