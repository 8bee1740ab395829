/**
 * bun run bench:end-to-end [-- --quick --json FILE]: from switch to store, ours beside snmp_exporter and vmagent. Exits 1
 * when a store holds a wrong value or lacks one.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { scratchDir } from "../parts/index.ts";
import { cpuMsOf } from "./meter.ts";
import { benchOptions } from "./report.ts";
import { Result } from "./result.ts";
import { compileCollector, type DeviceAt, startSiteCollector } from "./site/collector.ts";
import { startRival } from "./site/rival.ts";
import { checkSwitch, type Stored } from "./site/stored.ts";
import { startSimulator } from "./snmp/simulator.ts";
import { PORTS } from "./snmp/switch.ts";
import { startStore } from "./store.ts";

/** 50 polls a second: the rate of 3,000 devices a minute. */
const DEVICES = 100;
const INTERVAL_MS = 2_000;

interface Side {
  pids: number[];
  polls(): Promise<number>;
  stop(): Promise<void>;
}

const options = benchOptions(process.argv.slice(2));
/** A collector runs for months: until then its code is compiled, whose cost is not the question; the other side warms as long. */
const [warmMs, measureMs] = options.quick ? [40_000, 20_000] : [90_000, 40_000];
const result = new Result("end to end");
const dir = scratchDir("bench-end-to-end");
const simulator = await startSimulator({ first: 0, count: DEVICES, ports: PORTS });
const devices: DeviceAt[] = simulator.ports.map((port, i) => ({ name: `switch-${i}`, address: "127.0.0.1", port }));

const ours = await measure("watchpost: collector", async (where) => {
  const collector = await startSiteCollector({ program: compileCollector(dir), ...where });
  return { pids: [collector.pid], polls: () => collector.metric("polls_total"), stop: () => collector.stop() };
});
const theirs = await measure("snmp_exporter + vmagent", (where) => startRival(where));
if (ours !== undefined && theirs !== undefined) result.add("watchpost", "better by", theirs / ours, "x");
await simulator.stop();
result.finish(options);
process.exit();

/** CPU a poll, or undefined where this side is not installed. */
async function measure(
  name: string,
  start: (where: {
    dir: string;
    devices: DeviceAt[];
    intervalMs: number;
    storeUrl: string;
  }) => Promise<Side | undefined>,
): Promise<number | undefined> {
  const home = join(dir, name.replace(/\W+/g, "-"));
  mkdirSync(home, { recursive: true });
  const store = await startStore(join(home, "store"));
  const side = await start({ dir: home, devices, intervalMs: INTERVAL_MS, storeUrl: store.url });
  if (!side) {
    process.stderr.write(`${name}: not installed\n`);
    await store.stop();
    return undefined;
  }
  const spent = () => side.pids.reduce((sum, pid) => sum + cpuMsOf(pid), 0);
  await Bun.sleep(warmMs);
  const before = { cpuMs: spent(), polls: await side.polls(), atMs: Date.now() };
  await Bun.sleep(measureMs);
  const cpuMs = spent() - before.cpuMs;
  const polls = (await side.polls()) - before.polls;
  const toMs = Date.now() - INTERVAL_MS;
  // What was polled last is on its way yet.
  await Bun.sleep(2 * INTERVAL_MS);
  await side.stop();
  await fetch(`${store.url}/internal/force_flush`);
  const stored = await checkAll(store.url, { fromMs: before.atMs, toMs });
  await store.stop();
  result.add(name, "polls", polls, "polls");
  result.add(name, "CPU a poll", cpuMs / polls, "ms");
  result.add(name, "values looked at in the store", stored.values, "values");
  result.add(name, "wrong values", stored.wrong, "values");
  result.add(name, "missing values", stored.missing, "values");
  const due = DEVICES * Math.floor((toMs - before.atMs) / INTERVAL_MS - 1);
  result.check(stored.wrong === 0, `${name}: ${stored.wrong} of ${stored.values} stored values`);
  result.check(stored.missing === 0, `${name}: ${stored.missing} values are not stored`);
  result.check(stored.polls >= due, `${name}: ${stored.polls} polls are stored, at least ${due} were due`);
  return cpuMs / polls;
}

async function checkAll(storeUrl: string, span: { fromMs: number; toMs: number }): Promise<Stored> {
  const sum: Stored = { values: 0, wrong: 0, missing: 0, polls: 0 };
  for (let device = 0; device < DEVICES; device += 1) {
    const one = await checkSwitch({ storeUrl, device, ports: PORTS, ...span });
    sum.values += one.values;
    sum.wrong += one.wrong;
    sum.missing += one.missing;
    sum.polls += one.polls;
  }
  return sum;
}
