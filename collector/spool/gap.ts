import type { Database } from "bun:sqlite";
import type { Logger } from "pino";

const FIRST_REPORT_MS = 1_000;
const REPORT_INTERVAL_MS = 60_000;
const OPEN_ROWS_MAX = 100;

/** Samples that this collector took and could not keep or deliver. */
export interface Gap {
  /** Ascending; a gap that is told twice has the same id. */
  id: number;
  /** "full": oldest given up. "rejected": the store refused them. "damaged": bytes on disk changed. "unwritable": the disk refused them. */
  reason: "full" | "rejected" | "damaged" | "unwritable";
  /** For a person. */
  detail: string;
  fromMs: number;
  toMs: number;
  samples: number;
}

export interface GapLedger {
  /** Inside the transaction that loses the samples. Losses of one reason grow one gap until it is told. */
  record(gap: Omit<Gap, "id">): void;
  /** After that transaction: tells soon, then at most once a minute. */
  schedule(): void;
  close(): void;
}

export function openGapLedger(options: {
  db: Database;
  onGap: (gap: Gap) => Promise<void>;
  log: Logger;
  firstReportMs?: number;
}): GapLedger {
  const { db, onGap, log } = options;
  const grow = db.query(
    `update gap set samples = samples + $samples, from_ms = min(from_ms, $fromMs), to_ms = max(to_ms, $toMs),
     detail = $detail where reason = $reason and telling = 0`,
  );
  const begin = db.query(
    `insert into gap (reason, detail, from_ms, to_ms, samples, telling)
     values ($reason, $detail, $fromMs, $toMs, $samples, 0)`,
  );
  const freeze = db.query("update gap set telling = 1");
  const read = db.query<Gap, [number]>(
    `select id, reason, detail, from_ms as fromMs, to_ms as toMs, samples from gap
     where telling = 1 order by id limit ?`,
  );
  const any = db.query<{ id: number }, []>("select id from gap limit 1");
  const forget = db.query("delete from gap where id = ?");
  let timer: ReturnType<typeof setTimeout> | undefined;
  let delayMs = options.firstReportMs ?? FIRST_REPORT_MS;
  let closed = false;

  async function tell(): Promise<void> {
    freeze.run();
    for (const gap of read.all(OPEN_ROWS_MAX)) {
      await onGap(gap);
      if (closed) return;
      forget.run(gap.id);
    }
  }

  function schedule(): void {
    if (closed || timer) return;
    timer = setTimeout(() => {
      delayMs = REPORT_INTERVAL_MS;
      tell()
        .catch((error: unknown) =>
          log.warn({ err: error }, "a sample gap could not be reported; it is kept and told again"),
        )
        .finally(() => {
          timer = undefined;
          if (!closed && any.get() !== null) schedule();
        });
    }, delayMs);
    timer.unref();
  }

  return {
    record({ reason, detail, fromMs, toMs, samples }) {
      const row = { reason, detail, fromMs, toMs, samples };
      if (grow.run(row).changes === 0) begin.run(row);
    },
    schedule,
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
