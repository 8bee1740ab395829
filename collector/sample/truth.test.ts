import { afterAll, expect, test } from "bun:test";
import * as fc from "fast-check";
import { Agent, bindAgent } from "../../packaging/lab/agent/index.ts";
import { systemTimerClock } from "../device/clock.ts";
import { createSnmpEngine } from "../device/snmp/index.ts";
import { newDeviceState, pollDevice } from "../poll/index.ts";
import { loadProfiles } from "../profile/index.ts";
import { CounterWorld, type Life, lives, STEP_MS, type Truth } from "./counter-world.fixture.ts";
import { newSampleState, samplesOf, SeriesTable } from "./index.ts";

const LIVES = 250;
const STEPS = 5;
const AT_ONE_TIME = 50;
const STARTED_MS = 1_700_000_000_000;
const METRIC = "if_in_octets_total";

/** Every device moves on to its next poll at the same moment; the seconds between pass at once. */
let passedMs = 0;
const clock = {
  ...systemTimerClock,
  nowMs: () => STARTED_MS + passedMs,
  monotonicMs: () => systemTimerClock.monotonicMs() + passedMs,
};
const engine = createSnmpEngine({ clock });
const library = loadProfiles();
afterAll(() => engine.close());

async function liveOne(life: Life, number: number) {
  const device = `life-${number}`;
  const world = new CounterWorld(life);
  const agent = new Agent({
    mib: () => world.mib,
    clock: () => 0,
    communities: [{ version: "v2c", community: "public" }],
  });
  const socket = await bindAgent(agent, { address: "127.0.0.1", port: 0 });
  const credential = { name: "c", version: "v2c" as const, community: "public" };
  const at = { name: device, address: "127.0.0.1", port: socket.port };
  const input = { engine, library, state: newDeviceState(), budgetMs: 60_000 };
  const target = { ...at, credential, timeoutMs: 2_000, retries: 2 };
  const last = new Map<string, { value: number; id: number }>();
  /** Intervals that each port may still lose. */
  const owed = new Map<string, number>();
  const faults: string[] = [];
  return {
    device,
    life,
    world,
    faults,
    last,
    owed,
    close: () => socket.close(),
    poll: () => pollDevice({ ...input, target }),
  };
}

type Living = Awaited<ReturnType<typeof liveOne>>;

const table = new SeriesTable();
const state = newSampleState();

/** Polls once and compares what any PromQL function would count with what there was. */
async function take({ world, poll, last, owed, faults, device }: Living, truths: Truth[]): Promise<void> {
  const reading = await poll();
  if (reading.kind === "cancelled") throw new Error(reading.message);
  const { series, values } = samplesOf(reading, table, state);
  const now = [...series].flatMap(({ name, labels, id }, i) =>
    name === METRIC ? [{ port: labels["interface"] ?? "", value: values[i] ?? Number.NaN, id }] : [],
  );
  if (now.length !== world.ports) faults.push(`${now.length} series of ${world.ports} ports`);
  for (const { port, value, id } of now) {
    const before = last.get(port);
    last.set(port, { value, id });
    const truth = truths.find(({ name }) => name === port);
    if (!truth) continue;
    if (!before || before.id !== id) faults.push(`${device} ${port}: the series was split`);
    else faults.push(...judge(truth, BigInt(value < before.value ? value : value - before.value), owed));
  }
}

function judge(truth: Truth, counted: bigint, owed: Map<string, number>): string[] {
  const { name, octets, octetsMax, mustBeWhole } = truth;
  const lost = (owed.get(name) ?? 0) + (truth.mayLoseLater ? 1 : 0);
  const isLost = mustBeWhole && counted !== octets;
  owed.set(name, Math.max(0, isLost ? lost - 1 : lost));
  if (counted > octetsMax) return [`${name}: ${counted} counted, and the line carries ${octetsMax}`];
  if (counted > octets && !truth.isAmbiguous) return [`${name}: ${counted} counted of ${octets}`];
  return isLost && lost === 0 ? [`${name}: ${counted} counted of ${octets}, and nothing hid them`] : [];
}

async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let i = 0; i < items.length; i += AT_ONE_TIME) await Promise.all(items.slice(i, i + AT_ONE_TIME).map(work));
}

test("a thousand wraps, reboots, discontinuities and shuffles: no rate above the line, no series split, no more than the one interval lost", async () => {
  const sample = fc.sample(lives(STEPS), { numRuns: LIVES, seed: 4_711 });
  const living = await Promise.all(sample.map(liveOne));
  await inTurns(living, (one) => take(one, []));
  for (let step = 0; step < STEPS; step += 1) {
    passedMs += STEP_MS;
    await inTurns(living, (one) => take(one, one.world.step()));
  }
  for (const { close } of living) close();
  const faulty = living.filter(({ faults }) => faults.length > 0);
  expect(faulty.map(({ life, faults }) => ({ faults, events: life.steps.map(({ event }) => event), life }))).toEqual(
    [],
  );
}, 30_000);
