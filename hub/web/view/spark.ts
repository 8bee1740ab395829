import type { Hub } from "../../hub.ts";
import type { Incident } from "../../incident/index.ts";
import { selector } from "../../metrics/index.ts";

const WINDOW_MS = 3_600_000;
const STEP_S = 120;
const KEPT_MS = 30_000;
const KEPT_MAX = 500;
const QUERIES_AT_ONCE_MAX = 12;

export interface Spark {
  values: (number | null)[];
  label: string;
}

/** The last hour of the number that matters for each incident, by incident id; missing where there is none. */
export interface Sparks {
  of(incidents: readonly Incident[]): Promise<ReadonlyMap<string, Spark>>;
}

/** Read from the metrics store at most once in 30 s an incident; a store that does not answer costs no page. */
export function openSparks(hub: Hub): Sparks {
  const kept = new Map<string, { atMs: number; spark: Spark | undefined }>();

  async function refresh(incident: Incident, nowMs: number): Promise<void> {
    const question = questionOf(incident);
    const spark = question && (await ask(hub, question, nowMs));
    kept.delete(incident.id);
    kept.set(incident.id, { atMs: nowMs, spark });
    const oldest = kept.size > KEPT_MAX ? kept.keys().next() : undefined;
    if (oldest && !oldest.done) kept.delete(oldest.value);
  }

  return {
    async of(incidents) {
      const nowMs = hub.clock.nowMs();
      const stale = incidents.filter(({ id }) => nowMs - (kept.get(id)?.atMs ?? 0) > KEPT_MS);
      try {
        await Promise.all(stale.slice(0, QUERIES_AT_ONCE_MAX).map((incident) => refresh(incident, nowMs)));
      } catch (error) {
        hub.log.warn({ err: error }, "sparklines could not be read; incident lists go without");
      }
      return new Map(
        incidents.flatMap(({ id }) => {
          const spark = kept.get(id)?.spark;
          return spark ? [[id, spark] as const] : [];
        }),
      );
    },
  };
}

interface Question {
  query: string;
  label: string;
}

/** Which number tells the story, by the kind of the first problem: kind/device/object/rule. */
export function questionOf(incident: Pick<Incident, "fingerprint" | "device">): Question | undefined {
  const { fingerprint, device } = incident;
  const kind = fingerprint.split("/", 1)[0] ?? "";
  if (device === null || !fingerprint.startsWith(`${kind}/${device}`)) return undefined;
  const object = fingerprint.slice(kind.length + device.length + 2);
  if (kind.startsWith("interface-") && object !== "") {
    const octets = selector("if_in_octets_total", { device, interface: object });
    return { query: `rate(${octets}[3m]) * 8`, label: `Traffic in, last hour` };
  }
  if (kind === "threshold" && object.startsWith("cpu")) {
    return { query: `avg(${selector("cpu_usage_ratio", { device })})`, label: "CPU, last hour" };
  }
  if (kind === "threshold" && object.startsWith("memory")) {
    return { query: `max(${selector("memory_usage_ratio", { device })})`, label: "Memory, last hour" };
  }
  return { query: `max(${selector("device_up", { device })})`, label: "Reachable, last hour" };
}

async function ask(hub: Hub, question: Question, nowMs: number): Promise<Spark | undefined> {
  if (!hub.metrics) return undefined;
  const endMs = Math.floor(nowMs / (STEP_S * 1000)) * STEP_S * 1000;
  const startMs = endMs - WINDOW_MS;
  const [series] = await hub.metrics.range({ query: question.query, startMs, endMs, stepS: STEP_S });
  if (!series) return undefined;
  return { values: onGrid(series, { startMs, endMs, stepS: STEP_S }), label: question.label };
}

/** Values at each step; null where the store has none, so that a gap stays a gap. */
export function onGrid(
  series: { timestamps: readonly number[]; values: readonly number[] },
  grid: { startMs: number; endMs: number; stepS: number },
): (number | null)[] {
  const { startMs, endMs, stepS } = grid;
  const values: (number | null)[] = Array.from(
    { length: Math.floor((endMs - startMs) / 1000 / stepS) + 1 },
    () => null,
  );
  for (const [index, timestamp] of series.timestamps.entries()) {
    const slot = Math.round((timestamp - startMs / 1000) / stepS);
    const value = series.values[index];
    if (slot >= 0 && slot < values.length && value !== undefined && Number.isFinite(value)) values[slot] = value;
  }
  return values;
}
