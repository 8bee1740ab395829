export type { Spool, SpoolOptions, TakenBlock } from "./api.ts";
export type { StoredBatch } from "./block.ts";
export type { Gap } from "./gap.ts";
export { openSpool } from "./spool.ts";
