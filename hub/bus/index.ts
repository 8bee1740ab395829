export { type Bus, openBus, type Published, type Subscriber } from "./bus.ts";
export { type Message, publish, type Topic } from "./publish.ts";
