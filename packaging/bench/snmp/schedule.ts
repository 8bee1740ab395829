import { join } from "node:path";
import type { Row } from "../report.ts";
import { startSimulator } from "./simulator.ts";
import { LineProcess } from "./subject.ts";

export interface ScheduleOptions {
  devices: number;
  intervalMs: number;
  /** Turns of each device that are measured. */
  turns: number;
  /** Devices and their ports for the memory of a large site. */
  large: { devices: number; ports: number };
}

export interface ScheduleResult {
  /** Of healthy devices. */
  latenessMs: { p50: number; p99: number };
  missedTurns: number;
  failedHealthy: number;
  deadAnswered: number;
  slowAnswered: number;
  rssBytes: number;
  cpuShare: number;
}

const SLOW_MS = 4_000;

/** A site in which 10 % of the devices are dead and 5 % answer after 4 s, and one of many devices. */
export async function measureSchedule(options: ScheduleOptions): Promise<{ rows: Row[]; problems: string[] }> {
  const { devices, intervalMs, turns, large } = options;
  const numbers = Array.from({ length: devices }, (_, i) => i);
  const dead = numbers.filter((i) => i % 10 === 3);
  const slow = numbers.filter((i) => i % 20 === 7);
  const site = `${devices} devices, 10 % dead, 5 % slow`;
  const mixed = await runSite({ devices, ports: 4, intervalMs, turns, dead, slow });
  const big = await runSite({ devices: large.devices, ports: large.ports, intervalMs, turns, dead: [], slow: [] });
  const rows: Row[] = [
    { subject: site, metric: "lateness of healthy, p50", value: mixed.latenessMs.p50, unit: "ms" },
    { subject: site, metric: "lateness of healthy, p99", value: mixed.latenessMs.p99, unit: "ms" },
    { subject: site, metric: "missed turns of healthy", value: mixed.missedTurns, unit: "turns" },
    { subject: site, metric: "healthy polls that failed", value: mixed.failedHealthy, unit: "polls" },
    { subject: site, metric: "slow polls answered", value: mixed.slowAnswered, unit: "polls" },
    { subject: `${large.devices} devices`, metric: "memory", value: big.rssBytes / 1e6, unit: "MB" },
    { subject: `${large.devices} devices`, metric: "lateness, p99", value: big.latenessMs.p99, unit: "ms" },
    { subject: `${large.devices} devices`, metric: "missed turns", value: big.missedTurns, unit: "turns" },
    { subject: `${large.devices} devices`, metric: "share of a core", value: big.cpuShare * 100, unit: "%" },
  ];
  const problems: string[] = [];
  if (mixed.failedHealthy > 0) problems.push(`${mixed.failedHealthy} polls of healthy devices failed`);
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

async function runSite(site: Site): Promise<ScheduleResult> {
  const { devices, ports, dead, slow } = site;
  const simulator = await startSimulator({
    first: 0,
    count: devices,
    ports,
    dead,
    slow: { devices: slow, delayMs: SLOW_MS },
  });
  const child = new LineProcess([process.execPath, join(import.meta.dir, "schedule-process.ts")]);
  const result = (await child.ask(JSON.stringify({ ...site, udpPorts: simulator.ports }))) as ScheduleResult;
  await child.stop();
  await simulator.stop();
  return result;
}
