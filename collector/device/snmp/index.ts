export { Tag } from "./ber.ts";
export { Cells, joinRows } from "./cells.ts";
export type { AuthProtocol, PrivProtocol, SnmpCredential, Target } from "./credential.ts";
export { createSnmpEngine, type SnmpEngine } from "./engine.ts";
export { type Oid, oid } from "./oid.ts";
export type { Failure } from "./outcome.ts";
export type { Walk, Walked, WalkOutcome } from "./walk.ts";
