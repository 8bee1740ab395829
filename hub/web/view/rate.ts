import type { Range } from "@watchpost/ui";
import { type MetricsStore, selector } from "../../metrics/index.ts";
import { onGrid } from "./spark.ts";

interface RangePlan {
  lengthMs: number;
  stepS: number;
}

const PLANS: Record<Range, RangePlan> = {
  "1h": { lengthMs: 3_600_000, stepS: 15 },
  "6h": { lengthMs: 6 * 3_600_000, stepS: 60 },
  "24h": { lengthMs: 86_400_000, stepS: 240 },
  "7d": { lengthMs: 7 * 86_400_000, stepS: 1_800 },
};

/** The steps of a range that ends now. */
export function gridOf(range: Range, nowMs: number): { startMs: number; endMs: number; stepS: number } {
  const { lengthMs, stepS } = PLANS[range];
  const endMs = Math.floor(nowMs / (stepS * 1000)) * stepS * 1000;
  return { startMs: endMs - lengthMs, endMs, stepS };
}

export interface Traffic {
  /** Unix seconds. */
  timestamps: number[];
  /** Bits per second; null is a gap. */
  in: (number | null)[];
  out: (number | null)[];
}

export interface InterfaceOf {
  device: string;
  site: string;
  interface: string;
}

export async function readTraffic(
  metrics: MetricsStore,
  { range, nowMs, windowS, ...labels }: InterfaceOf & { range: Range; nowMs: number; windowS: number },
): Promise<Traffic> {
  const grid = gridOf(range, nowMs);
  const { startMs, endMs, stepS } = grid;
  const window = `${Math.max(windowS, stepS)}s`;
  const one = async (metric: string) => {
    const samples = `${selector(metric, labels)}[${window}]`;
    // One sample makes no rate; a store may answer 0 for it, which would draw the edge of a gap as a fall to nothing.
    const query = `max(rate(${samples}) and count_over_time(${samples}) > 1) * 8`;
    const [series] = await metrics.range({ query, ...grid });
    return series ? onGrid(series, grid) : undefined;
  };
  const [into, out] = await Promise.all([one("if_in_octets_total"), one("if_out_octets_total")]);
  if (!into && !out) return { timestamps: [], in: [], out: [] };
  const timestamps = Array.from({ length: (endMs - startMs) / 1000 / stepS + 1 }, (_, i) => startMs / 1000 + i * stepS);
  const empty = timestamps.map(() => null);
  return { timestamps, in: into ?? empty, out: out ?? empty };
}

export interface InterfaceRates {
  inBps?: number;
  outBps?: number;
  errorsPerS?: number;
}

/** What each interface of a device carries now, by name. Three queries, whatever the number of ports. */
export async function readRates(
  metrics: MetricsStore,
  { windowS, ...device }: { device: string; site: string; windowS: number },
): Promise<ReadonlyMap<string, InterfaceRates>> {
  const rate = (metric: string) => `rate(${selector(metric, device)}[${windowS}s])`;
  const [into, out, errors] = await Promise.all([
    metrics.instant(`max by (interface) (${rate("if_in_octets_total")}) * 8`),
    metrics.instant(`max by (interface) (${rate("if_out_octets_total")}) * 8`),
    metrics.instant(
      `max by (interface) (${rate("if_in_errors_total")}) + max by (interface) (${rate("if_out_errors_total")})`,
    ),
  ]);
  const rates = new Map<string, InterfaceRates>();
  const put = (key: keyof InterfaceRates, series: typeof into) => {
    for (const { labels, value } of series) {
      const name = labels["interface"] ?? "";
      if (Number.isFinite(value)) rates.set(name, { ...rates.get(name), [key]: value });
    }
  };
  put("inBps", into);
  put("outBps", out);
  put("errorsPerS", errors);
  return rates;
}
