import type { Keep } from "./rules.ts";
import { type Retained, runRetention } from "./run.ts";

const FIRST_AFTER_MS = 60_000;
const INTERVAL_MS = 600_000;

/** Prunes every ten minutes, and a minute after the start. */
export function startRetention(hub: Retained, keep: Keep): { stop(): Promise<void> } {
  let stopped = false;
  let running: Promise<void> | undefined;
  const run = () => {
    running ??= runOnce(hub, keep, () => stopped).finally(() => {
      running = undefined;
    });
  };
  const first = setTimeout(run, FIRST_AFTER_MS);
  const timer = setInterval(run, INTERVAL_MS);
  for (const one of [first, timer]) one.unref();
  return {
    async stop() {
      stopped = true;
      clearTimeout(first);
      clearInterval(timer);
      await running;
    },
  };
}

async function runOnce(hub: Retained, keep: Keep, stopped: () => boolean): Promise<void> {
  const pruned = await runRetention(hub, keep, stopped);
  const { partitionsMade, partitionsDropped, rows } = pruned;
  const changed = partitionsMade.length + partitionsDropped.length + Object.keys(rows).length;
  if (changed > 0) hub.log.info(pruned, "retention: pruned");
}
