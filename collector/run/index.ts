export { type RunningCollector, type StartOptions, startCollector } from "./start-collector.ts";
