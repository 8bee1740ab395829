export { type ActiveFault, FaultBoard } from "./board.ts";
export { FAULTS } from "./catalogue.ts";
export { FAULT_NAMES } from "./kind.ts";
export { type FaultRequest, FaultRequestError } from "./target.ts";
