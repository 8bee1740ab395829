export { createShipper, type Shipper } from "./shipper.ts";
export { directTarget, gatewayTarget, type RemoteWriteTarget } from "./target.ts";
