export { Device } from "./device.ts";
export { type Direction, Port } from "./port.ts";
export { Site, type SiteEvent } from "./site.ts";
