export { createMeters, type Meters } from "./meters.ts";
export { checkReady } from "./ready.ts";
