export { type PushConfig, type PushedConfig, pushConfig } from "./config.ts";
export { type CollectorAddresses } from "./enrollment-service.ts";
export type { GrpcServer } from "./grpc-server.ts";
export type { EventSource, LinkHandlers, LinkMeters, LinkSource } from "./handlers.ts";
export { type PublicServerOptions, startPublicServer } from "./public-server.ts";
export { LinkRegistry } from "./registry.ts";
export { type LinkServerOptions, startLinkServer } from "./server.ts";
