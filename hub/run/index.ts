export { type RunningHub, signInUrl, startHub } from "./start-hub.ts";
export { readRunningFile, removeRunningFile, type RunningFile, writeRunningFile } from "./running-file.ts";
