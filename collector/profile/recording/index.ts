export { readRecording } from "./read.ts";
export { serveRecording } from "./serve.ts";
