import type { Clock } from "../clock.ts";
import type { Reading } from "../poll/index.ts";

/** A device that just spoke of a fault is looked at after it had time to settle, and not for each line it says. */
const SETTLE_MS = 500;
const GAP_MS = 2_000;
const PENDING_MAX = 1_000;

export interface PollRequestsOptions {
  clock: Pick<Clock, "monotonicMs" | "nowMs">;
  after: (delayMs: number, work: () => void) => void;
  /** Polls, or joins the poll under way. Never rejects. */
  poll: (device: string) => Promise<Pick<Reading, "takenAtMs"> | undefined>;
}

/** Asks for polls beside the schedule: the last thing heard of a device is always followed by a look at it. */
export function createPollRequests({ clock, after, poll }: PollRequestsOptions): (device: string) => void {
  const pending = new Set<string>();
  const polledMs = new Map<string, number>();

  async function look(device: string): Promise<void> {
    const askedAtMs = clock.nowMs();
    const reading = await poll(device);
    // One that was under way may have read what the device spoke of before it happened.
    if (reading && reading.takenAtMs < askedAtMs) await poll(device);
  }

  return (device) => {
    if (pending.has(device) || pending.size >= PENDING_MAX) return;
    const nowMs = clock.monotonicMs();
    const gapEndsMs = (polledMs.get(device) ?? Number.NEGATIVE_INFINITY) + GAP_MS;
    pending.add(device);
    after(Math.max(SETTLE_MS, gapEndsMs - nowMs), () => {
      pending.delete(device);
      polledMs.set(device, clock.monotonicMs());
      void look(device);
    });
  };
}
