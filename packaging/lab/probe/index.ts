export { ask, askAt } from "./ask.ts";
