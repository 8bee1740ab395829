export type { Standing } from "./reach.ts";
export { type FactStore, openFactStore } from "./store.ts";
export { createTopology, type Topology } from "./topology.ts";
