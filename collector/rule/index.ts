export { RuleEngine } from "./engine.ts";
export type { Numbers } from "./finding.ts";
export { fingerprintOf } from "./kind.ts";
export { SEVERITY_NAMES, SEVERITY_OF } from "./severity.ts";
export { type MemoryStore, openMemoryStore } from "./store.ts";
export { formatDuration, formatNumber, tame } from "./text.ts";
