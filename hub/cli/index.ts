export { runHub } from "./program.ts";
