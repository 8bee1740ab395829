export { createMeters, type Meters } from "./meters.ts";
export { type Check, checkReady, type Readiness } from "./ready.ts";
