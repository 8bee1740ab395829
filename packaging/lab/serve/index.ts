export { type Served, type ServedRecording, serveRecordings } from "./serve.ts";
