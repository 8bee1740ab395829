import type { Clock } from "../clock.ts";

/** A device that just spoke of a fault is looked at after it had time to settle, and not for each line it says. */
const SETTLE_MS = 500;
const GAP_MS = 2_000;
const PENDING_MAX = 1_000;

/** Asks for polls beside the schedule: the last thing heard of a device is always followed by a look at it. */
export function createPollRequests(options: {
  clock: Pick<Clock, "monotonicMs">;
  after: (delayMs: number, work: () => void) => void;
  poll: (device: string) => void;
}): (device: string) => void {
  const pending = new Set<string>();
  const polledMs = new Map<string, number>();
  return (device) => {
    if (pending.has(device) || pending.size >= PENDING_MAX) return;
    const nowMs = options.clock.monotonicMs();
    const gapEndsMs = (polledMs.get(device) ?? Number.NEGATIVE_INFINITY) + GAP_MS;
    pending.add(device);
    options.after(Math.max(SETTLE_MS, gapEndsMs - nowMs), () => {
      pending.delete(device);
      polledMs.set(device, options.clock.monotonicMs());
      options.poll(device);
    });
  };
}
