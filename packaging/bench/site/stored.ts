import { COLUMNS, isTrue, secondOf } from "../snmp/switch.ts";

const LATE_MS_MIN = 2_000;
/** How long each poll read after its time, as either side stores it itself. */
const DURATIONS = ["device_poll_duration_seconds", "scrape_duration_seconds"];

export interface Stored {
  values: number;
  wrong: number;
  /** Values that other ports or columns have of the same poll. */
  missing: number;
  /** Polls of all devices in the span. */
  polls: number;
}

interface Exported {
  metric: Record<string, string>;
  values: number[];
  timestamps: number[];
}

/** Looks at every value that the store has of a switch between the two times. */
export async function checkSwitch(of: {
  storeUrl: string;
  device: number;
  ports: number;
  fromMs: number;
  toMs: number;
}): Promise<Stored> {
  const { storeUrl, device, ports, fromMs, toMs } = of;
  const stored: Stored = { values: 0, wrong: 0, missing: 0, polls: 0 };
  const times = new Set<number>();
  const durations = await durationsOf({ storeUrl, device, fromMs, toMs });
  for (const [column, { metric }] of COLUMNS.entries()) {
    for (const series of await exported(storeUrl, { metric, device: `switch-${device}`, fromMs, toMs })) {
      const name = series.metric["interface"] ?? series.metric["ifName"] ?? "";
      const port = Number(name.slice(name.lastIndexOf("/") + 1));
      for (const [i, timeMs] of series.timestamps.entries()) {
        times.add(timeMs);
        const value = series.values[i] ?? Number.NaN;
        // A scraper may stamp the time that was planned instead of the one it began at.
        const lateMs = Math.max(LATE_MS_MIN, (durations.get(timeMs) ?? 0) * 1_000);
        const span = { fromS: secondOf(timeMs), toS: secondOf(timeMs + lateMs) };
        stored.values += 1;
        if (!isTrue({ device, port, column, value }, span)) stored.wrong += 1;
      }
    }
  }
  stored.polls = times.size;
  stored.missing = times.size * ports * COLUMNS.length - stored.values;
  return stored;
}

async function durationsOf(of: {
  storeUrl: string;
  device: number;
  fromMs: number;
  toMs: number;
}): Promise<Map<number, number>> {
  const { storeUrl, fromMs, toMs } = of;
  const lists = await Promise.all(
    DURATIONS.map((metric) => exported(storeUrl, { metric, device: `switch-${of.device}`, fromMs, toMs })),
  );
  return new Map(
    lists.flat().flatMap(({ timestamps, values }) => timestamps.map((atMs, i) => [atMs, values[i] ?? 0] as const)),
  );
}

async function exported(
  storeUrl: string,
  of: { metric: string; device: string; fromMs: number; toMs: number },
): Promise<Exported[]> {
  const query = new URLSearchParams({
    "match[]": `${of.metric}{device="${of.device}"}`,
    start: String(of.fromMs / 1_000),
    end: String(of.toMs / 1_000),
  });
  const answer = await fetch(`${storeUrl}/api/v1/export?${query}`);
  if (!answer.ok) throw new Error(`${storeUrl} answered ${answer.status} to an export: ${await answer.text()}`);
  const lines = (await answer.text()).split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as Exported);
}
