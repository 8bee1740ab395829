export { type Bus, openBus, type Published } from "./bus.ts";
export { type Message, publish } from "./publish.ts";
