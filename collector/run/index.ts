export { type RunningCollector, startCollector } from "./start-collector.ts";
export { openStores, type Stores } from "./stores.ts";
export { watchUncaught } from "./uncaught.ts";
export { armWatchdog } from "./watchdog.ts";
