export { pushConfig, sendConfig, storeConfig } from "./config.ts";

export type { LinkHandlers, LinkMeters, LinkSource } from "./handlers.ts";
export { startPublicServer } from "./public-server.ts";
export { LinkRegistry } from "./registry.ts";
export { startLinkServer } from "./server.ts";
export { createAdmission } from "./turns.ts";
