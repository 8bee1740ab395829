/** 0 done, 1 failed, 2 called wrongly. */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const;

/** Called wrongly: the message says how to call it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
