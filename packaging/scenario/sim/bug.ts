/** Mistakes that can be planted, to see that the simulation notices them. */
export type Bug =
  /** An event counts as kept when it is handed in, not when it is on disk. */
  | "ack-before-fsync"
  /** The disk under the spool says that it synced, and did not. */
  | "fsync-that-lies"
  /** The last sample of a stored block is not read back. */
  | "off-by-one-at-block-end"
  /** One event more than the hub acknowledged is forgotten. */
  | "off-by-one-at-batch-end"
  /** Samples whose request had no answer are given up as if nobody had sent them. */
  | "unanswered-given-up"
  /** A store that was started anew is taken for the one that it was. */
  | "store-start-unseen"
  /** The hub's cursor is not moved together with the events. */
  | "duplicate-after-restart";
