import { configSchema } from "@watchpost/collector/config/schema.ts";
import { systemTimerClock } from "@watchpost/collector/device/clock.ts";
import { createSnmpEngine } from "@watchpost/collector/device/snmp/index.ts";
import { createPoller, type Reading } from "@watchpost/collector/poll/index.ts";
import { phaseOf } from "@watchpost/collector/poll/timing.ts";
import { loadProfiles } from "@watchpost/collector/profile/index.ts";
import { newSampleState, SeriesTable, samplesOf } from "@watchpost/collector/sample/index.ts";
import { cpuMeter, quantile } from "../meter.ts";
import { COMMUNITY } from "./credential.ts";
import type { ScheduleResult } from "./schedule.ts";

interface Order {
  intervalMs: number;
  turns: number;
  dead: number[];
  slow: number[];
  udpPorts: number[];
}

interface Taken {
  startedMs: number;
  answered: boolean;
}

/** Two clocks are compared. */
const CLOCK_SLACK_MS = 50;

/** Runs the product's schedule over the devices of one line of JSON, and answers with how punctual it was. */
async function runSchedule({ intervalMs, turns, dead, slow, udpPorts }: Order): Promise<ScheduleResult> {
  const config = configSchema.parse({
    name: "bench",
    credentials: [COMMUNITY],
    poll: { intervalMs },
    devices: udpPorts.map((port, i) => ({
      name: `switch-${i}`,
      address: "127.0.0.1",
      port,
      credential: COMMUNITY.name,
    })),
  });
  const table = new SeriesTable();
  const state = newSampleState();
  const readings = new Map<string, Taken[]>();
  const monotonicOffset = performance.now() - Date.now();
  const engine = createSnmpEngine();
  const poller = createPoller({
    engine,
    library: loadProfiles(),
    devices: config.devices,
    credentials: config.credentials,
    poll: config.poll,
    clock: systemTimerClock,
    onReading: (reading: Reading) => {
      samplesOf(reading, table, state);
      const answered = reading.kind === "answered" && reading.incomplete === undefined;
      const list = readings.get(reading.device) ?? [];
      list.push({ startedMs: reading.takenAtMs + monotonicOffset, answered });
      readings.set(reading.device, list);
      return Promise.resolve();
    },
    onError: (device, error) => {
      throw new Error(`device ${device}: the product could not take a reading`, { cause: error });
    },
  });
  const originMs = performance.now();
  poller.start();
  // The first turn of everybody comes at once; those after it are on each device's own grid.
  await Bun.sleep(intervalMs);
  const cpuMs = cpuMeter();
  await Bun.sleep(turns * intervalMs);
  const spent = { rssBytes: process.memoryUsage.rss(), cpuShare: cpuMs() / (turns * intervalMs) };
  engine.close();
  await poller.stop();
  const special = new Set([...dead, ...slow]);
  const healthy = config.devices.map(({ name }) => name).filter((_, i) => !special.has(i));
  const answeredOf = (numbers: number[]) =>
    numbers.reduce((sum, i) => sum + (readings.get(`switch-${i}`) ?? []).filter(({ answered }) => answered).length, 0);
  return {
    ...punctuality({ healthy, readings, originMs, intervalMs, turns }),
    ...spent,
    failedHealthy: healthy.flatMap((name) => readings.get(name) ?? []).filter(({ answered }) => !answered).length,
    deadAnswered: answeredOf(dead),
    slowAnswered: answeredOf(slow),
  };
}

/** How far behind its own grid each device's polls began. */
function punctuality(of: {
  healthy: readonly string[];
  readings: ReadonlyMap<string, readonly Taken[]>;
  originMs: number;
  intervalMs: number;
  turns: number;
}): Pick<ScheduleResult, "latenessMs" | "missedTurns"> {
  const { healthy, readings, originMs, intervalMs, turns } = of;
  const late: number[] = [];
  let missedTurns = 0;
  for (const name of healthy) {
    for (let turn = 1; turn < turns; turn++) {
      const dueMs = originMs + (phaseOf(name) + turn) * intervalMs;
      const isOfTurn = ({ startedMs }: Taken) =>
        startedMs >= dueMs - CLOCK_SLACK_MS && startedMs < dueMs + intervalMs / 2;
      const taken = readings.get(name)?.find(isOfTurn);
      if (taken) late.push(Math.max(0, taken.startedMs - dueMs));
      else missedTurns += 1;
    }
  }
  return { latenessMs: { p50: quantile(late, 0.5), p99: quantile(late, 0.99) }, missedTurns };
}

for await (const line of console) process.stdout.write(`${JSON.stringify(await runSchedule(JSON.parse(line)))}\n`);
