import { join } from "node:path";
import { backoffTurns } from "@watchpost/collector/poll/timing.ts";
import type { Row } from "../report.ts";
import { startSimulator } from "./simulator.ts";
import { LineProcess } from "./subject.ts";

export interface ScheduleOptions {
  devices: number;
  ports: number;
  intervalMs: number;
  /** Turns of each device that are measured. */
  turns: number;
}

export interface ScheduleResult {
  /** Of healthy devices. */
  latenessMs: { p50: number; p99: number };
  missedTurns: number;
  failedHealthy: number;
  deadAnswered: number;
  slowAnswered: number;
  /** Of those, how many were read whole. */
  slowWhole: number;
  /** Slow devices that had an event saying so before their first interval and its poll were over. */
  slowNamed: number;
  /** Datagrams that polls of each device sent, by device; 0 for those that gave no answer. */
  requests: number[];
  /** All datagrams sent. */
  sent: number;
  polls: number;
}

const SLOW_MS = 4_000;
const DAY_MS = 86_400_000;

/** A site in which 10 % of the devices are dead and 5 % answer after 4 s. */
export async function measureSchedule(options: ScheduleOptions): Promise<{ rows: Row[]; problems: string[] }> {
  const { devices, ports, intervalMs, turns } = options;
  const numbers = Array.from({ length: devices }, (_, i) => i);
  const dead = numbers.filter((i) => i % 10 === 3);
  const slow = numbers.filter((i) => i % 20 === 7);
  const site = `${devices} devices, 10 % dead, 5 % slow`;
  const mixed = await runSite({ devices, ports, intervalMs, turns, dead, slow });
  const lost = lostOf(mixed, new Set([...dead, ...slow]));
  const share = deadShare(mixed, { dead, intervalMs, polls: mixed.polls / devices });
  const rows: Row[] = [
    { subject: site, metric: "lateness of healthy, p50", value: mixed.latenessMs.p50, unit: "ms" },
    { subject: site, metric: "lateness of healthy, p99", value: mixed.latenessMs.p99, unit: "ms" },
    { subject: site, metric: "missed turns of healthy", value: mixed.missedTurns, unit: "turns" },
    { subject: site, metric: "healthy polls that failed", value: mixed.failedHealthy, unit: "polls" },
    { subject: site, metric: "slow polls answered", value: mixed.slowAnswered, unit: "polls" },
    { subject: site, metric: "slow polls answered whole", value: mixed.slowWhole, unit: "polls" },
    {
      subject: site,
      metric: `of ${slow.length} slow ones named in their first cycle`,
      value: mixed.slowNamed,
      unit: "devices",
    },
    { subject: site, metric: "datagrams sent", value: mixed.sent, unit: "datagrams" },
    { subject: site, metric: "datagrams to healthy ones lost", value: lost, unit: "datagrams" },
    { subject: site, metric: "datagrams to dead ones, so far", value: share.now * 100, unit: "%" },
    { subject: site, metric: "datagrams to dead ones, over a day (computed)", value: share.day * 100, unit: "%" },
  ];
  const problems: string[] = [];
  if (mixed.failedHealthy > 0) problems.push(`${mixed.failedHealthy} polls of healthy devices failed`);
  if (lost > 0) problems.push(`${lost} datagrams to healthy devices never came there`);
  if (mixed.slowNamed < slow.length) problems.push(`${slow.length - mixed.slowNamed} slow devices were not named`);
  if (mixed.deadAnswered > 0) problems.push(`${mixed.deadAnswered} polls of dead devices were answered`);
  return { rows, problems };
}

interface Site {
  devices: number;
  ports: number;
  intervalMs: number;
  turns: number;
  dead: number[];
  slow: number[];
}

interface SiteResult extends ScheduleResult {
  /** Datagrams that came to each device. */
  received: number[];
}

/** Datagrams that healthy devices were sent and never saw. */
function lostOf({ requests, received }: SiteResult, special: ReadonlySet<number>): number {
  return requests.reduce((sum, sent, i) => sum + (special.has(i) ? 0 : Math.abs(sent - (received[i] ?? 0))), 0);
}

/** What dead devices take of all datagrams: in this run, and in a day by the product's own schedule. */
function deadShare(
  { received }: SiteResult,
  { dead, intervalMs, polls }: { dead: number[]; intervalMs: number; polls: number },
): { now: number; day: number } {
  const isDead = new Set(dead);
  const toDead = received.reduce((sum, count, i) => sum + (isDead.has(i) ? count : 0), 0);
  const toOthers = received.reduce((sum, count) => sum + count, -toDead);
  const othersADay = (toOthers / polls) * (DAY_MS / intervalMs);
  const deadADay = dead.length * triesADay(intervalMs);
  return { now: toDead / (toDead + toOthers), day: deadADay / (deadADay + othersADay) };
}

/** Three tries, while it is new that the device is silent; then two, at turns ever further apart. */
function triesADay(intervalMs: number): number {
  let tries = 0;
  for (let atMs = 0, unanswered = 0; atMs < DAY_MS; ) {
    tries += unanswered < 2 ? 3 : 2;
    unanswered += 1;
    atMs += intervalMs * (1 + backoffTurns({ silentMs: atMs, unanswered, intervalMs }));
  }
  return tries;
}

async function runSite(site: Site): Promise<SiteResult> {
  const { devices, ports, dead, slow } = site;
  const simulator = await startSimulator({
    first: 0,
    count: devices,
    ports,
    dead,
    slow: { devices: slow, delayMs: SLOW_MS },
  });
  const child = new LineProcess([process.execPath, join(import.meta.dir, "schedule-process.ts")]);
  const result = (await child.ask(JSON.stringify({ ...site, udpPorts: simulator.ports }))) as ScheduleResult & {
    polls: number;
  };
  await child.stop();
  const received = await simulator.received();
  await simulator.stop();
  return { ...result, received };
}
