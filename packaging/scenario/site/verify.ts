import postgres from "postgres";
import type { Kept } from "./kept.ts";

const STORE_DEADLINE_MS = 30_000;

export interface Verdict {
  violations: string[];
  eventsStored: number;
  samplesStored: number;
  samplesCounted: number;
  samplesMissing: number;
}

interface EventRow {
  seq: string;
  epoch: string;
  device: string;
  kind: string;
  attributes: Record<string, string>;
}

/** Compares what the collector said it keeps with what the hub's database and the store have. */
export async function verify(site: { databaseUrl: string; vmUrl: string; kept: Kept }): Promise<Verdict> {
  const events = await storedEvents(site.databaseUrl);
  const counted = countedSamples(events);
  let stored = new Map<string, number>();
  let missing = 0;
  // The store shows what it has taken after a moment.
  for (const from = performance.now(); performance.now() - from < STORE_DEADLINE_MS; await Bun.sleep(1_000)) {
    stored = await storedSamples(site.vmUrl);
    missing = [...site.kept.samples].reduce(
      (sum, [key, count]) => sum + Math.max(0, count - (stored.get(key) ?? 0)),
      0,
    );
    if (missing <= counted) break;
  }
  const violations = eventViolations(events, site.kept);
  if (missing > counted)
    violations.push(`${missing} acknowledged samples neither arrived nor are counted (${counted} are)`);
  return {
    violations,
    eventsStored: events.length,
    samplesStored: [...stored.values()].reduce((sum, count) => sum + count, 0),
    samplesCounted: counted,
    samplesMissing: missing,
  };
}

async function storedEvents(databaseUrl: string): Promise<EventRow[]> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  try {
    return await sql<EventRow[]>`
      select e.seq::text, outbox_epoch as epoch, device, kind, attributes from shared.events e
      where collector_id is not null and e.seq is not null order by outbox_epoch, e.seq`;
  } finally {
    await sql.end();
  }
}

function eventViolations(events: EventRow[], kept: Kept): string[] {
  const load = events.filter((event) => /^e\d+-\d+$/.test(event.device));
  const arrived = new Set(load.map((event) => event.device));
  const lost = [...kept.events].filter((id) => !arrived.has(id));
  const violations: string[] = [];
  if (lost.length > 0) violations.push(`${lost.length} acknowledged events are not stored: ${lost.slice(0, 5)}`);
  if (arrived.size < load.length) violations.push(`${load.length - arrived.size} events are stored twice`);
  let before = { epoch: "", seq: 0, at: [0, 0] as [number, number] };
  for (const event of events) {
    const seq = Number(event.seq);
    if (event.epoch !== before.epoch) before = { epoch: event.epoch, seq: 0, at: [0, 0] };
    if (seq !== before.seq + 1) violations.push(`event ${seq} follows ${before.seq} in the database`);
    const [, life, number] = /^e(\d+)-(\d+)$/.exec(event.device) ?? [];
    const at: [number, number] = life === undefined ? before.at : [Number(life), Number(number)];
    if (at[0] < before.at[0] || (at[0] === before.at[0] && at[1] < before.at[1])) {
      violations.push(`${event.device} is stored after e${before.at.join("-")}`);
    }
    before = { epoch: event.epoch, seq, at };
  }
  return violations.slice(0, 10);
}

function countedSamples(events: EventRow[]): number {
  const gaps = new Map<string, number>();
  for (const { kind, epoch, attributes } of events) {
    const { gap_id: id, samples } = attributes;
    if (kind === "gap" && samples !== undefined) gaps.set(`${epoch}/${id}`, Number(samples));
  }
  return [...gaps.values()].reduce((sum, samples) => sum + samples, 0);
}

/** "device takenAtMs" -> how many series have a sample then. */
async function storedSamples(vmUrl: string): Promise<Map<string, number>> {
  const window = "start=0&end=4102444800";
  const match = encodeURIComponent('{site!=""}');
  const response = await fetch(`${vmUrl}/api/v1/export?match[]=${match}&${window}`);
  if (!response.ok || !response.body) throw new Error(`the store's export answered ${response.status}`);
  const stored = new Map<string, number>();
  const take = (line: string): void => {
    if (line === "") return;
    const { metric, timestamps } = JSON.parse(line) as { metric: { device: string }; timestamps: number[] };
    for (const at of new Set(timestamps)) {
      const key = `${metric.device} ${at}`;
      stored.set(key, (stored.get(key) ?? 0) + 1);
    }
  };
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body) {
    const lines = (text + decoder.decode(chunk, { stream: true })).split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) take(line);
  }
  take(text);
  return stored;
}
