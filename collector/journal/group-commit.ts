interface Waiting<T> {
  item: T;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** What one bucket wrote: `sync` makes it last, `settle` names the items that did not make it, and why. Only syncs may throw. */
export interface Staged<T> {
  sync(): Promise<void>;
  syncNow(): void;
  settle(syncError: unknown): Map<T, unknown>;
}

/**
 * Gathers items for a short while, so that one sync serves many callers. The sync is not waited for by the event loop;
 * the next bucket fills meanwhile.
 */
export class GroupCommit<T> {
  private readonly options: { bucketMs: number; weightMax: number; stage: (items: T[]) => Staged<T> };
  private waiting: Waiting<T>[] = [];
  private weight = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isWriting = false;

  constructor(options: { bucketMs: number; weightMax: number; stage: (items: T[]) => Staged<T> }) {
    this.options = options;
  }

  add(item: T, weight: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      this.weight += weight;
      this.plan();
    });
  }

  /** Everything that waits, now. */
  flushNow(): void {
    const bucket = this.take();
    if (bucket.length === 0) return;
    const staged = this.options.stage(bucket.map(({ item }) => item));
    try {
      staged.syncNow();
    } catch (error) {
      settle(bucket, staged, error);
      return;
    }
    settle(bucket, staged, undefined);
  }

  private plan(): void {
    if (this.isWriting || this.waiting.length === 0) return;
    if (this.weight >= this.options.weightMax) void this.flush();
    else this.timer ??= setTimeout(() => void this.flush(), this.options.bucketMs);
  }

  private async flush(): Promise<void> {
    const bucket = this.take();
    if (bucket.length === 0) return;
    this.isWriting = true;
    const staged = this.options.stage(bucket.map(({ item }) => item));
    let failure: unknown;
    try {
      await staged.sync();
    } catch (error) {
      failure = error;
    }
    this.isWriting = false;
    settle(bucket, staged, failure);
    this.plan();
  }

  private take(): Waiting<T>[] {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.weight = 0;
    return this.waiting.splice(0);
  }
}

/** The items are decided on by now, whatever else goes wrong: every waiter goes on. */
function settle<T>(bucket: Waiting<T>[], staged: Staged<T>, failure: unknown): void {
  const failed = staged.settle(failure);
  for (const { item, resolve, reject } of bucket) {
    if (failed.has(item)) reject(failed.get(item));
    else resolve();
  }
}
