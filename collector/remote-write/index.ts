export { createShipper, type Shipper, type ShipperStatus } from "./shipper.ts";
export { directTarget, gatewayTarget, type RemoteWriteTarget } from "./target.ts";
