export { streamRoutes } from "./routes.ts";
export { createLiveStreams, sseChunk, type StreamClient } from "./streams.ts";
