export const RUNNING_MAX = 4;
export const WAITING_MAX = 32;
export const TARGETS_MAX = 20;
export const CHUNK_BYTES_MAX = 16_384;
/** Small writes are held back this long to travel together. */
export const CHUNK_WAIT_MS = 50;
export const OUTPUT_BYTES_MAX = 1_048_576;
export const TIMEOUT_MS_MAX = 600_000;
export const KILL_GRACE_MS = 2_000;
/** Results that the hub has not acknowledged; beyond it no new order is taken. */
export const RESULTS_PENDING_MAX = 1_000;
/** Refusals are kept in memory only: an order that was never accepted must not fill the disk. */
export const REFUSALS_PENDING_MAX = 200;
/** Nonces outlive their order by this much, in case a clock is set back. */
export const NONCE_KEPT_MS = 86_400_000;
