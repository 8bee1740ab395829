export { createScriptRunner, type OrderDecision, type ScriptRunner, type ScriptRunnerOptions } from "./runner.ts";
export type { RefusalCode } from "./verify.ts";
