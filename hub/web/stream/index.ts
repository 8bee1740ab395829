export { streamRoutes } from "./routes.ts";
export { createLiveStreams, type LiveStreams, sseChunk, type StreamClient } from "./streams.ts";
