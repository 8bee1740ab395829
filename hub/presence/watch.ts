import type { Clock } from "../context.ts";
import { contextFor, type Hub } from "../hub.ts";
import { sweepPresence } from "./sweep.ts";

const INTERVAL_MS = 5_000;
/** A longer pause between two looks means that this hub slept, or had no database to hear with. */
const PAUSE_MAX_MS = 3 * INTERVAL_MS;

/** Since when looks have followed each other without a long pause. */
export function watchOf(clock: Clock): { looked(): void; sinceMs(): number } {
  let sinceMs = clock.nowMs();
  let lastMs = sinceMs;
  return {
    looked() {
      const nowMs = clock.nowMs();
      if (Math.abs(nowMs - lastMs) > PAUSE_MAX_MS) sinceMs = nowMs;
      lastMs = nowMs;
    },
    sinceMs: () => sinceMs,
  };
}

/** Looks every 5 s which collectors have fallen silent or are back. Several hubs may do so: each site's lock orders them. */
export function startPresence(hub: Hub, options: { silentAfterMs: number }): { stop(): Promise<void> } {
  const watch = watchOf(hub.clock);
  const ctx = contextFor(hub, { kind: "system" });
  let sweeping: Promise<void> | undefined;
  const look = async () => {
    // A look that fails does not count: hearing begins anew when the database is back.
    await hub.sql`select 1`;
    watch.looked();
    const told = await sweepPresence(ctx, { ...options, watchingSinceMs: watch.sinceMs() });
    if (told.lost + told.back > 0) hub.log.warn(told, "presence: collectors lost or back");
  };
  const timer = setInterval(() => {
    sweeping ??= look()
      .catch((error: unknown) => hub.log.error({ err: error }, "presence: this look failed; the next tries again"))
      .finally(() => {
        sweeping = undefined;
      });
  }, INTERVAL_MS);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await sweeping;
    },
  };
}
