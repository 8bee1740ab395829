export type { Spool, SpoolOptions, StoredBatch, TakenBlock } from "./api.ts";
export type { Gap } from "./gap.ts";
export { openSpool } from "./spool.ts";
