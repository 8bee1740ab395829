export { type RunningCollector, startCollector } from "./start-collector.ts";
