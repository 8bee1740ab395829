export { type UnheardCollector, unheardCollectors } from "./unheard.ts";
export { startPresence } from "./watch.ts";
