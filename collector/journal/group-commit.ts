import type { Database } from "bun:sqlite";

interface Waiting<T> {
  item: T;
  resolve: () => void;
  reject: (error: unknown) => void;
}

export interface GroupCommit<T> {
  /** Resolves once the item is on disk; rejects when its transaction failed and nothing of it is stored. */
  add(item: T, weight: number): Promise<void>;
  /** Commits what waits, now. Throws nothing: each waiter learns its own outcome. */
  flush(): void;
}

/**
 * Gathers items for a short while and writes them in one transaction, so that one fsync serves many callers.
 * `write` runs inside the transaction and must be synchronous.
 */
export function createGroupCommit<T>(options: {
  db: Database;
  bucketMs: number;
  /** Sum of weights at which the bucket is committed without waiting for its time. */
  weightMax: number;
  write: (items: T[]) => void;
  /** After the transaction, before the waiters go on. */
  committed?: (items: T[]) => void;
  failed?: (items: T[], error: unknown) => void;
}): GroupCommit<T> {
  let waiting: Waiting<T>[] = [];
  let weightSum = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const transaction = options.db.transaction((items: T[]) => options.write(items));

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0) return;
    const bucket = waiting;
    waiting = [];
    weightSum = 0;
    const items = bucket.map((entry) => entry.item);
    try {
      transaction.immediate(items);
    } catch (error) {
      options.failed?.(items, error);
      for (const entry of bucket) entry.reject(error);
      return;
    }
    try {
      options.committed?.(items);
    } finally {
      // The items are on disk, whatever else went wrong.
      for (const entry of bucket) entry.resolve();
    }
  }

  return {
    add(item, weight) {
      return new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        weightSum += weight;
        if (weightSum >= options.weightMax) flush();
        else timer ??= setTimeout(flush, options.bucketMs);
      });
    },
    flush,
  };
}
