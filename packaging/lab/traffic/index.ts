export { Flow } from "./flow.ts";
export { Level } from "./level.ts";
export { Ramp } from "./ramp.ts";
