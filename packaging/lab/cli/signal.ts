/** Resolves at the first SIGINT or SIGTERM, or, when asked for, once stdin has ended. */
export function untilAskedToStop(options: { withStdin?: boolean } = {}): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
    if (!options.withStdin) return;
    process.stdin.once("end", () => resolve());
    process.stdin.once("close", () => resolve());
    process.stdin.resume();
  });
}
