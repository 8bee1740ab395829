export { RuleEngine, type RuleEngineOptions } from "./engine.ts";
export type { Numbers } from "./finding.ts";
export { fingerprintOf, KIND_NAMES } from "./kind.ts";
export type { Firing } from "./memory.ts";
export { SEVERITY_NAMES } from "./severity.ts";
export { type MemoryStore, openMemoryStore } from "./store.ts";
export { formatDuration, formatNumber, tame } from "./text.ts";
