export type { ConfigOutcome, Link, LinkOptions, LinkState } from "./api.ts";
export { createLink } from "./link.ts";
export type { OpenStream, Stream, StreamEvents } from "./stream.ts";
