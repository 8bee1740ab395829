import type { Logger } from "pino";
import type { Gap } from "./gap.ts";
import type { Ledger } from "./ledger.ts";

const FIRST_TELL_MS = 1_000;
const TELL_INTERVAL_MS = 60_000;

export interface GapTeller {
  /** Tells what there is soon, then at most once a minute. */
  schedule(): void;
  close(): void;
}

/** A gap is on disk, as it will be told at every try, before it is told. */
export function createGapTeller(options: {
  ledger: Ledger;
  onGap: (gap: Gap) => Promise<void>;
  log: Logger;
}): GapTeller {
  const { ledger, onGap, log } = options;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let delayMs = FIRST_TELL_MS;
  let isClosed = false;

  async function tell(): Promise<void> {
    const gaps = ledger.gapsToTell();
    await ledger.commit()?.sync();
    for (const gap of gaps) {
      if (isClosed) return;
      await onGap(gap);
      if (isClosed) return;
      ledger.add({ t: "told", id: gap.id });
    }
    ledger.commit();
  }

  function schedule(): void {
    if (isClosed || timer || !ledger.hasGaps()) return;
    timer = setTimeout(() => {
      delayMs = TELL_INTERVAL_MS;
      tell()
        .catch((error: unknown) =>
          log.warn({ err: error }, "a sample gap could not be reported; it is kept and told again"),
        )
        .finally(() => {
          timer = undefined;
          schedule();
        });
    }, delayMs);
    timer.unref();
  }

  return {
    schedule,
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
