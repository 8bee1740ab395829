export { loadConfig } from "./load.ts";
export { configSchema, type HubConfig, type Setting, VARIABLES } from "./schema.ts";
