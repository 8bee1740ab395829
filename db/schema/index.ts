export * from "./control-plane.ts";
export * from "./discovery.ts";
export * from "./shared.ts";
export * from "./sre-assistant.ts";
