export { type RunningCollector, startCollector } from "./start-collector.ts";
export { openStores, type Stores } from "./stores.ts";
export { armWatchdog } from "./watchdog.ts";
