import type { Answered, InterfaceReading } from "../poll/reading.ts";
import type { BatchBuilder } from "./batch.ts";
import type { SampleState } from "./samples.ts";
import type { Scope, SeriesTable } from "./series-table.ts";

const SPEED_SLACK = 2;
/** Agents answer from what they read some seconds ago. */
const READ_SLACK_MS = 5_000;
const FRAME_BYTES_MIN = 64;

interface Span {
  reading: Answered;
  elapsedMs: number;
}

/** Status, speed and exact counters of every interface. */
export function addInterfaces(batch: BatchBuilder, span: Span, table: SeriesTable, state: SampleState): void {
  const { device, interfaces } = span.reading;
  for (const port of interfaces) {
    const scope = table.scope(device, { interface: port.name });
    batch.add(scope, "if_admin_status", port.adminStatus);
    batch.add(scope, "if_oper_status", port.operStatus);
    batch.add(scope, "if_speed_bits_per_second", port.speedBps);
    addCounters(batch, { ...span, port, scope, state });
  }
}

function addCounters(
  batch: BatchBuilder,
  options: Span & { port: InterfaceReading; scope: Scope; state: SampleState },
): void {
  const { reading, elapsedMs, port, scope, state } = options;
  const before = state.discontinuities.get(scope) ?? port.discontinuityTicks;
  state.discontinuities.set(scope, port.discontinuityTicks);
  const startsAnew = reading.discontinuity === "reboot" || before !== port.discontinuityTicks;
  for (const { metric, raw, bits } of port.counters) {
    const series = batch.claim(scope, metric);
    if (!series) continue;
    const deltaMax = deltaMaxOf(metric, port.speedBps, elapsedMs);
    batch.put(series, state.counters.next(series.id, { raw, bits, startsAnew, deltaMax }));
  }
}

/** What the line can carry in the time; without bound where the speed is not told. */
function deltaMaxOf(metric: string, speedBps: number, elapsedMs: number): number {
  if (speedBps <= 0) return Number.POSITIVE_INFINITY;
  const bytes = (speedBps / 8) * ((elapsedMs + READ_SLACK_MS) / 1_000) * SPEED_SLACK;
  return metric.includes("octets") ? bytes : bytes / FRAME_BYTES_MIN;
}
