export { type TestDatabase, testDatabase, testVictoriaMetrics } from "./databases.ts";
export type { Engine } from "./engine/index.ts";
export { ownEngine, testEngine } from "./engines.ts";
export { scratchDir } from "./shared.ts";
export { startVmagent } from "./vmagent.ts";
