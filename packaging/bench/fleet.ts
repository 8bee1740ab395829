/**
 * bun run bench:fleet [-- --quick --json FILE]: what many devices cost the collector as it is shipped, from switch to
 * store: 3,000 and 20,000 devices a minute, and the memory of 1,000. Exits 1 when a store holds a wrong value.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { scratchDir } from "../parts/index.ts";
import { cpuMsOf } from "./meter.ts";
import { benchOptions } from "./report.ts";
import { Result } from "./result.ts";
import { compileCollector, type DeviceAt, type SiteCollector, startSiteCollector } from "./site/collector.ts";
import { checkSwitch } from "./site/stored.ts";
import { type Simulator, startSimulator } from "./snmp/simulator.ts";
import { PORTS, VALUES_A_POLL } from "./snmp/switch.ts";
import { startStore } from "./store.ts";

/** Each device of a simulator has a socket of its own. */
const DEVICES_A_SIMULATOR = 8_000;
const LOOKED_AT = 25;
const LOOK_EVERY_MS = 2_000;
/** What may be on its way to the store, of one round. */
const STORED_SHARE = 0.1;

interface Fleet {
  devices: number;
  intervalMs: number;
  /** The longest that is waited for every device to have been polled twice and for the store to have it all. */
  settleMsMax: number;
  measureMs: number;
}

const QUICK: Fleet[] = [{ devices: 500, intervalMs: 10_000, settleMsMax: 60_000, measureMs: 20_000 }];
const FULL: Fleet[] = [
  { devices: 1_000, intervalMs: 20_000, settleMsMax: 90_000, measureMs: 40_000 },
  { devices: 3_000, intervalMs: 60_000, settleMsMax: 150_000, measureMs: 60_000 },
  { devices: 20_000, intervalMs: 60_000, settleMsMax: 300_000, measureMs: 60_000 },
];

const options = benchOptions(process.argv.slice(2));
const result = new Result("fleet");
const dir = scratchDir("bench-fleet");
const program = compileCollector(dir);
for (const fleet of options.quick ? QUICK : FULL) await measure(fleet);
result.finish(options);
process.exit();

async function measure(fleet: Fleet): Promise<void> {
  const { devices: count, intervalMs, measureMs } = fleet;
  const home = join(dir, String(count));
  mkdirSync(home);
  const store = await startStore(join(home, "store"));
  const simulators = await simulate(count);
  const devices = simulators.flatMap(({ addressed }) => addressed);
  const collector = await startSiteCollector({ program, dir: home, devices, intervalMs, storeUrl: store.url });
  const pids = [collector.pid, ...simulators.map(({ pid }) => pid)];
  const cpu = () => pids.map(cpuMsOf);
  const name = `${count.toLocaleString("en")} devices, ${VALUES_A_POLL} values every ${intervalMs / 1_000} s`;
  await settle(name, fleet, collector);
  const before = { cpu: cpu(), polls: await collector.metric("polls_total"), atMs: Date.now() };
  const missedBefore = await collector.metric("polls_missed_total");
  await Bun.sleep(measureMs);
  const tookMs = Date.now() - before.atMs;
  const [ours = 0, ...simulated] = cpu().map((ms, i) => (ms - (before.cpu[i] ?? 0)) / tookMs);
  const polls = (await collector.metric("polls_total")) - before.polls;
  result.add(name, "polls a second", (polls / tookMs) * 1_000, "polls/s");
  result.add(name, "share of a core", ours * 100, "%");
  result.add(name, "CPU a poll, samples stored", (ours * tookMs) / polls, "ms");
  result.add(name, "memory", rssOf(collector.pid) / 1e6, "MB");
  result.add(name, "missed turns", (await collector.metric("polls_missed_total")) - missedBefore, "turns");
  const timeouts = await collector.metric('snmp_events_total{event="timeout"}');
  result.add(name, "time-outs since the start", timeouts, "time-outs");
  result.add(name, "latest turn of the last minute", await collector.metric("polls_lateness_seconds"), "s");
  result.add(name, "busiest simulator, share of a core", Math.max(...simulated) * 100, "%");
  result.add(name, "samples that wait", await collector.metric("samples_pending"), "samples");
  await Bun.sleep(3_000);
  await collector.stop();
  for (const simulator of simulators) await simulator.stop();
  await check(name, { storeUrl: store.url, count, fromMs: before.atMs, toMs: before.atMs + tookMs });
  await store.stop();
}

/** Until every device was polled twice, nobody waits and what was read is stored; how long the first round took is told. */
async function settle(name: string, fleet: Fleet, collector: SiteCollector): Promise<void> {
  const { devices, intervalMs, settleMsMax } = fleet;
  const startMs = performance.now();
  const pastMs = () => performance.now() - startMs;
  const isPast = async (polls: number) =>
    (await collector.metric("polls_total")) >= polls && (await collector.metric("polls_waiting")) === 0;
  while (!(await isPast(devices)) && pastMs() < settleMsMax) await Bun.sleep(LOOK_EVERY_MS);
  result.add(name, "everything read once after", pastMs() / 1_000, "s");
  result.add(name, "CPU a first poll", cpuMsOf(collector.pid) / devices, "ms");
  result.add(name, "memory after the first polls", rssOf(collector.pid) / 1e6, "MB");
  // Who was polled first is due again before who was last: an interval later everybody had a second turn.
  await Bun.sleep(intervalMs);
  const isStored = async () => (await collector.metric("samples_pending")) < devices * VALUES_A_POLL * STORED_SHARE;
  while (!((await isPast(2 * devices)) && (await isStored())) && pastMs() < settleMsMax) await Bun.sleep(LOOK_EVERY_MS);
}

/** Values of some devices, spread over the fleet. */
async function check(
  name: string,
  of: { storeUrl: string; count: number; fromMs: number; toMs: number },
): Promise<void> {
  await fetch(`${of.storeUrl}/internal/force_flush`);
  let values = 0;
  for (let i = 0; i < LOOKED_AT; i += 1) {
    const device = Math.floor((i * of.count) / LOOKED_AT);
    const stored = await checkSwitch({ ...of, device, ports: PORTS });
    values += stored.values;
    result.check(stored.wrong === 0, `${name}: ${stored.wrong} of ${stored.values} values of switch-${device}`);
    result.check(stored.missing === 0 && stored.polls > 0, `${name}: switch-${device} lacks ${stored.missing} values`);
  }
  result.add(name, "values looked at in the store", values, "values");
}

async function simulate(count: number): Promise<(Simulator & { addressed: DeviceAt[] })[]> {
  const starts = Array.from({ length: Math.ceil(count / DEVICES_A_SIMULATOR) }, async (_, i) => {
    const first = i * DEVICES_A_SIMULATOR;
    const address = `127.77.0.${i + 1}`;
    const simulator = await startSimulator({
      first,
      count: Math.min(DEVICES_A_SIMULATOR, count - first),
      ports: PORTS,
      address,
    });
    const addressed = simulator.ports.map((port, k) => ({ name: `switch-${first + k}`, address, port }));
    return { ...simulator, addressed };
  });
  return Promise.all(starts);
}

function rssOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1_024;
}
