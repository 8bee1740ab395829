export { type ActiveFault, FaultBoard } from "./board.ts";
export { FAULTS } from "./catalogue.ts";
export { FAULT_NAMES, type FaultName } from "./kind.ts";
export { type FaultErrorCode, type FaultRequest, FaultRequestError } from "./target.ts";
