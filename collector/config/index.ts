export { configJsonSchema } from "./json-schema.ts";
export { type Loaded, loadConfig } from "./load.ts";
export { parseConfig, parseText } from "./parse.ts";
export { type ConfigProblem, formatProblem } from "./problem.ts";
export { openPushedConfig, type Push, type PushedSite } from "./pushed.ts";
export {
  type CollectorConfig,
  type Credential,
  configSchema,
  type DeviceConfig,
  type RuleConfig,
  type ScrapeConfig,
  type SitePart,
  sitePartSchema,
} from "./schema.ts";
export type { Environment } from "./secret.ts";
