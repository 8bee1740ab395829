export { createScriptRunner, type ScriptRunner, type ScriptRunnerOptions } from "./runner.ts";
