export { type Served, type ServedRecording, type ServeOptions, serveRecordings } from "./serve.ts";
