import { configSchema } from "@watchpost/collector/config/schema.ts";
import { systemTimerClock } from "@watchpost/collector/device/clock.ts";
import { createSnmpEngine } from "@watchpost/collector/device/snmp/index.ts";
import { createPoller, type Reading } from "@watchpost/collector/poll/index.ts";
import { phaseOf } from "@watchpost/collector/poll/timing.ts";
import { EventKind } from "@watchpost/proto";
import { siteUnderTest } from "@watchpost/collector/rule/site.fixture.ts";
import { loadProfiles } from "@watchpost/collector/profile/index.ts";
import { newSampleState, SeriesTable, samplesOf } from "@watchpost/collector/sample/index.ts";
import { quantile } from "../meter.ts";
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
  endedMs: number;
  answered: boolean;
  whole: boolean;
  requests: number;
}

/** Two clocks are compared. */
const CLOCK_SLACK_MS = 50;

/** Runs the product's schedule over the devices of one line of JSON, and answers with how punctual it was. */
async function runSchedule(order: Order): Promise<ScheduleResult> {
  const { intervalMs, turns, udpPorts } = order;
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
  const judged = await siteUnderTest([]);
  await judged.engine.configure(config);
  const engine = createSnmpEngine();
  const poller = createPoller({
    engine,
    library: loadProfiles(),
    devices: config.devices,
    credentials: config.credentials,
    poll: config.poll,
    clock: systemTimerClock,
    onReading: async (reading: Reading) => {
      await judged.engine.take(reading, samplesOf(reading, table, state));
      const list = readings.get(reading.device) ?? [];
      list.push({
        startedMs: reading.takenAtMs + monotonicOffset,
        endedMs: performance.now(),
        answered: reading.kind === "answered",
        whole: reading.kind === "answered" && reading.incomplete === undefined,
        requests: reading.kind === "answered" ? reading.requests : 0,
      });
      readings.set(reading.device, list);
    },
    onError: (device, error) => {
      throw new Error(`device ${device}: the product could not take a reading`, { cause: error });
    },
  });
  const originMs = performance.now();
  poller.start();
  // The first turn of everybody comes at once; those after it are on each device's own grid.
  await Bun.sleep(intervalMs);
  await Bun.sleep(turns * intervalMs);
  // What is under way ends in its own time, so that every datagram is accounted for.
  await poller.stop();
  const { sent } = engine.counters;
  engine.close();
  const named = new Set(judged.events.filter(({ kind }) => kind === EventKind.DEVICE_SLOW).map(({ device }) => device));
  return { ...sumUp({ order, readings, named, originMs }), sent };
}

function sumUp(of: {
  order: Order;
  readings: ReadonlyMap<string, readonly Taken[]>;
  named: ReadonlySet<string>;
  originMs: number;
}): Omit<ScheduleResult, "sent"> {
  const { order, readings, named, originMs } = of;
  const { intervalMs, turns, dead, slow, udpPorts } = order;
  const special = new Set([...dead, ...slow]);
  const takenOf = (i: number) => readings.get(`switch-${i}`) ?? [];
  const healthy = udpPorts.flatMap((_, i) => (special.has(i) ? [] : [`switch-${i}`]));
  const count = (numbers: number[], is: (taken: Taken) => boolean) =>
    numbers.reduce((sum, i) => sum + takenOf(i).filter(is).length, 0);
  return {
    ...punctuality({ healthy, readings, originMs, intervalMs, turns }),
    failedHealthy: healthy.flatMap((name) => readings.get(name) ?? []).filter(({ whole }) => !whole).length,
    deadAnswered: count(dead, ({ answered }) => answered),
    slowAnswered: count(slow, ({ answered }) => answered),
    slowWhole: count(slow, ({ whole }) => whole),
    slowNamed: slow.filter((i) => named.has(`switch-${i}`) && isInTime(takenOf(i)[0], { originMs, intervalMs })).length,
    requests: udpPorts.map((_, i) => takenOf(i).reduce((sum, { requests }) => sum + requests, 0)),
    polls: [...readings.values()].reduce((sum, taken) => sum + taken.length, 0),
  };
}

/** The event comes with the first reading: that must be there within an interval of the device's first turn. */
function isInTime(first: Taken | undefined, at: { originMs: number; intervalMs: number }): boolean {
  const FIRST_TURN_MS = 5_000;
  return first !== undefined && first.endedMs - at.originMs < at.intervalMs + FIRST_TURN_MS;
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
