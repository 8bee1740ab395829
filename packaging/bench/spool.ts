import { cpSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@watchpost/collector/clock.ts";
import { createShipper, directTarget } from "@watchpost/collector/remote-write/index.ts";
import { createBodyMaker } from "@watchpost/collector/remote-write/body.ts";
import { openSpool, type Spool } from "@watchpost/collector/spool/index.ts";
import pino from "pino";
import { multiply, type Recording, record, samplesIn } from "./recording.ts";
import { cpuMeter, quantile } from "./meter.ts";
import { benchOptions } from "./report.ts";
import { Result } from "./result.ts";
import { checkStored, startStore } from "./store.ts";

const LIVE_PER_SECOND = 5_000;
const SITES = 38;
const BATCHES_AT_ONCE = 128;
const INTERVAL_MS = 60_000;
const OUTAGE_SECONDS = 72 * 3_600;
const OUTAGE_BYTES_MAX = 4 * 1_024 ** 3;
const SAMPLE_BYTES_MAX = 2.5;
const DRAIN_SPEED_MIN = 20;
const SETTLE_MS = 20_000;
/** What is not made small yet: the file in use, and two that are. */
const RAW_BYTES_MAX = 4 * 1_048_576;

const options = benchOptions(process.argv.slice(2));
const report = new Result("spool");
const dir = mkdtempSync(join(tmpdir(), "watchpost-bench-spool-"));
let opened = 0;

function open(folder: string): Spool {
  opened += 1;
  return openSpool({
    dir: folder,
    bytesMax: OUTAGE_BYTES_MAX,
    clock: systemClock,
    log: pino({ level: "error" }),
    async onGap(gap) {
      report.check(false, `a gap: ${gap.detail}`);
    },
  });
}

function bytesOf(folder: string, ending: string): number {
  return readdirSync(folder)
    .filter((file) => file.endsWith(ending))
    .reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
}

/** At the rate of a large site, as polls come in: what an append costs and how long it takes to be safe. */
async function paced(recording: Recording, seconds: number): Promise<void> {
  const spool = open(join(dir, "paced"));
  const [first = [], ...rounds] = recording;
  // Names are written once, at the first poll of a device.
  await Promise.all(first.map((batch) => spool.append(batch)));
  const latencies: number[] = [];
  const waiting: Promise<void>[] = [];
  const startMs = performance.now();
  const cpuMs = cpuMeter();
  let samples = 0;
  for (const batch of rounds.flat()) {
    const dueMs = startMs + (samples / LIVE_PER_SECOND) * 1_000;
    if (dueMs - startMs > seconds * 1_000) break;
    if (dueMs > performance.now()) await Bun.sleep(dueMs - performance.now());
    const askedMs = performance.now();
    waiting.push(spool.append(batch).then(() => void latencies.push(performance.now() - askedMs)));
    samples += batch.values.length;
  }
  await Promise.all(waiting);
  report.add("append, 5,000 samples/s", "CPU per 100k samples", (cpuMs() / samples) * 100_000, "ms");
  report.add("append, 5,000 samples/s", "until safe on disk, p50", quantile(latencies, 0.5), "ms");
  report.add("append, 5,000 samples/s", "until safe on disk, p99", quantile(latencies, 0.99), "ms");
  spool.close();
}

/** A store that is away: everything is appended and made small. Gives the folder as a kill would leave it. */
async function outage(recording: Recording): Promise<string> {
  const folder = join(dir, "outage");
  const spool = open(folder);
  const samples = samplesIn(recording);
  const cpuMs = cpuMeter();
  for (const round of recording) {
    for (let at = 0; at < round.length; at += BATCHES_AT_ONCE)
      await Promise.all(round.slice(at, at + BATCHES_AT_ONCE).map((batch) => spool.append(batch)));
  }
  const deadline = performance.now() + SETTLE_MS;
  while (bytesOf(folder, ".raw") > RAW_BYTES_MAX && performance.now() < deadline) await Bun.sleep(50);
  report.add("append and compaction", "CPU per 100k samples", (cpuMs() / samples) * 100_000, "ms");
  const killed = join(dir, "killed");
  cpSync(folder, killed, { recursive: true });
  const compacted = samples - rawSamples(folder);
  const perSample = bytesOf(folder, ".blk") / compacted;
  const names = bytesOf(folder, ".log");
  report.add("on disk", "samples compacted", compacted, "");
  report.add("on disk", "bytes per sample", perSample, "B");
  report.add("on disk", "names and ledger", names / 1_048_576, "MiB");
  const all = perSample * LIVE_PER_SECOND * OUTAGE_SECONDS + names + RAW_BYTES_MAX;
  report.add("on disk", "72 h at 5,000 samples/s", all / 1_024 ** 3, "GiB");
  report.check(perSample <= SAMPLE_BYTES_MAX, `${perSample} bytes per sample, at most ${SAMPLE_BYTES_MAX}`);
  report.check(all <= OUTAGE_BYTES_MAX, `72 h need ${all} bytes, at most ${OUTAGE_BYTES_MAX}`);
  spool.close();
  return killed;
}

function rawSamples(folder: string): number {
  return Math.round(bytesOf(folder, ".raw") / 8.3);
}

/** Everything read back and made into requests, and each value looked at. */
function readBack(folder: string, recording: Recording): void {
  const startMs = performance.now();
  const spool = open(folder);
  const samples = samplesIn(recording);
  report.add("restart after a kill", "until it takes samples", performance.now() - startMs, "ms");
  report.check(spool.pending().samples === samples, `${spool.pending().samples} samples left of ${samples}`);
  const bodies = createBodyMaker({ site: "bench", collector: "bench" });
  const expected = new Map(recording.flat().map((batch) => [`${batch.device}@${batch.takenAtMs}`, batch]));
  const drained = { samples: 0, bytes: 0, cpuMs: 0 };
  const taken: number[] = [];
  for (let request = 0; request < samples; request += 1) {
    const cpuMs = cpuMeter();
    const blocks = spool.take(20_000);
    const batches = blocks.flatMap((block) => block.batches);
    if (batches.length === 0) break;
    drained.bytes += bodies.make(batches, "snappy").length;
    drained.cpuMs += cpuMs();
    taken.push(...blocks.map(({ id }) => id));
    for (const { series, values, takenAtMs } of batches) {
      const key = `${series.device}@${takenAtMs}`;
      const batch = expected.get(key);
      expected.delete(key);
      const isSame = batch?.values.every((value, index) => value === values[index]) ?? false;
      report.check(isSame && batch?.values.length === values.length, `${key} is not what was appended`);
      drained.samples += values.length;
    }
  }
  report.check(expected.size === 0, `${expected.size} batches did not come back`);
  const each = 100_000 / drained.samples;
  report.add("drain: names met first", "CPU per 100k samples", drained.cpuMs * each, "ms");
  spool.release(taken);
  const cpuMs = cpuMeter();
  for (let request = 0; request < samples; request += 1) {
    const blocks = spool.take(20_000);
    if (blocks.length === 0) break;
    bodies.make(
      blocks.flatMap((block) => block.batches),
      "snappy",
    );
  }
  report.add("drain: names known", "CPU per 100k samples", cpuMs() * each, "ms");
  report.add("drain: names known", "bytes per sample", drained.bytes / drained.samples, "B");
  spool.close();
}

/** The whole way into a real store, while fresh polls keep coming. */
async function drain(folder: string, recording: Recording): Promise<void> {
  const store = await startStore(join(dir, "store"));
  const spool = open(folder);
  const target = directTarget({
    url: `${store.url}/api/v1/write`,
    site: "bench",
    collectorId: "bench",
    timeoutMs: 30_000,
  });
  const fresh = watchFresh(spool);
  const shipper = createShipper({
    spool: fresh.spool,
    target,
    clock: systemClock,
    random: Math.random,
    log: pino({ level: "error" }),
  });
  const backlog = spool.pending().samples;
  const cpuMs = cpuMeter();
  const startMs = performance.now();
  shipper.start();
  let live = 0;
  const round = recording.at(-1) ?? [];
  for (let at = 0; spool.pending().samples > 0 && performance.now() - startMs < 120_000; at += 1) {
    const batch = round[at % round.length];
    if (batch && live < ((performance.now() - startMs) / 1_000) * LIVE_PER_SECOND && spool.pending().blocks > 4) {
      live += batch.values.length;
      await fresh.append({ ...batch, takenAtMs: Date.now() });
    } else await Bun.sleep(5);
  }
  const seconds = (performance.now() - startMs) / 1_000;
  const speed = backlog / seconds / LIVE_PER_SECOND;
  report.add("drain into VictoriaMetrics", "multiple of real time", speed, "x");
  report.add("drain into VictoriaMetrics", "CPU per 100k", (cpuMs() / (backlog + live)) * 100_000, "ms");
  report.add("drain into VictoriaMetrics", "fresh samples wait, worst", Math.max(0, ...fresh.lagsMs), "ms");
  report.check(spool.pending().samples === 0, `${spool.pending().samples} samples were not delivered`);
  report.check(speed >= DRAIN_SPEED_MIN, `drained at ${speed} times real time, at least ${DRAIN_SPEED_MIN}`);
  await shipper.stop();
  const device = recording[0]?.[0]?.device ?? "";
  const sent = [...recording.flat(), ...fresh.appended];
  await checkStored(report, { url: store.url, site: "bench", device, batches: sent });
  spool.close();
  await store.stop();
}

/** How long what is appended now waits for its acknowledgement. */
function watchFresh(spool: Spool) {
  const lagsMs: number[] = [];
  const appended: Recording[number] = [];
  const waiting = new Map<number, number>();
  const freshFromMs = Date.now();
  const watched: Spool = {
    append: (batch) => spool.append(batch),
    meetStore: (startS) => spool.meetStore(startS),
    quarantined: () => spool.quarantined(),
    replay: (ids) => spool.replay(ids),
    take(samplesMax) {
      const blocks = spool.take(samplesMax);
      for (const { id, batches } of blocks) {
        const oldestMs = Math.min(...batches.map(({ takenAtMs }) => takenAtMs));
        if (oldestMs >= freshFromMs) waiting.set(id, oldestMs);
      }
      return blocks;
    },
    ack(ids) {
      for (const id of ids) {
        const takenAtMs = waiting.get(id);
        if (takenAtMs !== undefined) lagsMs.push(Date.now() - takenAtMs);
      }
      return spool.ack(ids);
    },
    release: (ids) => spool.release(ids),
    quarantine: (id, reason) => spool.quarantine(id, reason),
    requeueSent: (span) => spool.requeueSent(span),
    pending: () => spool.pending(),
    subscribe: (listener) => spool.subscribe(listener),
    close: () => spool.close(),
  };
  const append = async (batch: Recording[number][number]): Promise<void> => {
    appended.push(batch);
    await spool.append(batch);
  };
  return { spool: watched, lagsMs, appended, append };
}

try {
  const rounds = options.quick ? 8 : 24;
  const recording = await record({ dir: join(dir, "lab"), seed: 7, rounds, intervalMs: INTERVAL_MS });
  const wide = multiply(recording, SITES);
  await paced(wide, options.quick ? 5 : 20);
  const killed = await outage(wide);
  const copy = join(dir, "read-back");
  cpSync(killed, copy, { recursive: true });
  readBack(copy, wide);
  await drain(killed, wide);
  report.check(opened === 4, `${opened} spools were opened`);
} finally {
  rmSync(dir, { recursive: true, force: true });
}
report.finish(options);
