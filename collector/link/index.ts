export type { ConfigOutcome, Link, LinkHandlers, LinkOptions, LinkState, LinkStatus } from "./api.ts";
export { createLink } from "./link.ts";
