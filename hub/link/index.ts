export { pushConfig } from "./config.ts";

export type { LinkMeters } from "./handlers.ts";
export { startPublicServer } from "./public-server.ts";
export { LinkRegistry } from "./registry.ts";
export { startLinkServer } from "./server.ts";
