export {
  COLLECTOR_PLACE,
  type CredentialName,
  type ModelName,
  PLANNED_DEVICES,
  PLANNED_LINKS,
  type PlannedDevice,
  type Role,
} from "./plan.ts";
export { between, type Random, randomFor, shuffled } from "./random.ts";
export { reachableFrom } from "./reach.ts";
