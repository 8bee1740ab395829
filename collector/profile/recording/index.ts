export { readRecording, type Recording } from "./read.ts";
export { serveRecording, type ServedRecording } from "./serve.ts";
