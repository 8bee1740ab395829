export { streamRoutes } from "./routes.ts";
export { createLiveStreams, type LiveStreams, sseChunk, type StreamClient, type StreamSource } from "./streams.ts";
