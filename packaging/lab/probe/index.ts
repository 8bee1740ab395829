export { answersWithin, ask, askAt } from "./ask.ts";
