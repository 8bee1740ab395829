export { scratchDir, type TestDatabase, testDatabase, testVictoriaMetrics } from "./databases.ts";
